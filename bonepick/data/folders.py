"""What a folder is that somebody named: a dataset, a model, or something else."""

from pathlib import Path
from typing import Literal

from bonepick.core.errors import BonepickError
from bonepick.core.replacing import Marker
from bonepick.data.shards import SPLITS

MODEL_FILES = ("model.bin", "model.safetensors")
_HINTS = {
    "dataset": "wanted the folder of a dataset (import-hf-dataset -n makes one)",
    "model": "wanted the folder of a trained model",
}


def refuse_other_folder(path: Path, wanted: Literal["dataset", "model"]) -> None:
    """Refuse a path that is no folder, or one that clearly is something else; what is in it is not looked at.

    Raises:
        BonepickError: it is.
    """
    if not path.is_dir():
        came = "is a file" if path.is_file() else "is not there" if not path.exists() else "is no folder"
        raise BonepickError(f"{path} {came}: {_HINTS[wanted]}")
    kinds = _kinds_of(path)
    if kinds and wanted not in kinds:
        raise BonepickError(f"{path} is {'an' if kinds[0] == 'evaluation' else 'a'} {kinds[0]}: {_HINTS[wanted]}")


def _kinds_of(folder: Path) -> list[str]:
    """Return what a folder may be: by the marker of what was written here, and by the names in it.

    Somebody's fastText model lies beside the lines that it was trained on.
    """
    marker = Marker.load(folder)
    is_model = any((folder / name).is_file() for name in MODEL_FILES)
    is_dataset = any((folder / split).is_dir() or (folder / f"{split}.txt").is_file() for split in SPLITS)
    return [*([marker.kind] if marker else []), *["dataset"] * is_dataset, *["model"] * is_model]
