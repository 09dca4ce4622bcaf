"""What stages know of the pipeline: its datasets, its kinds of classifier, and what is left of those it had before."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from bonepick.core.errors import UsageError
from bonepick.core.params import Params
from bonepick.core.params_file import PARAMS_FILE, read_node, read_yaml
from bonepick.core.progress import note

LOCK_FILE = Path("dvc.lock")
IN_REPOSITORY = r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$"
"""Paths that a shell takes for nothing else."""


def dataset_dirs(root: Path) -> list[Path]:
    """Return the folders of the datasets that `params.yaml` names, in its order.

    Raises:
        UsageError: there are other folders beside them, which would silently be part of the stage's input.
    """
    names = list(read_node("datasets"))
    if unknown := sorted(path.name for path in root.glob("[!.]*") if path.is_dir() and path.name not in names):
        raise UsageError(
            f"{root / unknown[0]} belongs to no dataset of {PARAMS_FILE}: "
            f"remove it (data/*/{unknown[0]}), or name it there"
        )
    return [root / name for name in names]


@dataclass(frozen=True, kw_only=True)
class KindParams(Params):
    """What the pipeline trains a kind on."""

    rows: Annotated[str, Meta(pattern=IN_REPOSITORY)]
    """Folder of the datasets that the kind is trained on."""
    base: Annotated[str, Meta(pattern=IN_REPOSITORY)]
    """What training starts from besides them: the base model, or the digest of a file that the kind's params name."""
    shared: Annotated[str, Meta(pattern=IN_REPOSITORY)]
    """Node of the parameter that the kind's training shares with others, besides train.seed; else train.seed itself."""


def kinds() -> list[str]:
    """Return the kinds that the pipeline trains, after taking away what it made of kinds that it trains no longer.

    Were their evaluations and models left, DVC would take them for a part of what this stage read, and every clone,
    which lacks them, for out of date.
    """
    names = list(read_node("kinds"))
    _remove_outs_of_other_kinds(names)
    for folder in (Path("evals"), Path("models/kinds")):
        for path in sorted(folder.glob("[!.]*")):
            if path.is_dir() and path.name not in names:
                note(f"{path} is of no kind in {PARAMS_FILE}, and was not made by this pipeline as it is: left alone")
    return names


def _remove_outs_of_other_kinds(names: list[str]) -> None:
    """Remove the outs of dropped kinds as `dvc.lock` lists them; DVC's cache, or git, keeps what they hold."""
    stages = read_yaml(LOCK_FILE).get("stages", {}) if LOCK_FILE.is_file() else {}
    for stage, locked in stages.items():
        step, _, kind = stage.partition("@")
        if step in ("train", "eval") and kind not in names:
            for out in locked.get("outs", []):
                _remove(Path(out["path"]), out)


def _remove(path: Path, out: dict[str, Any]) -> None:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    if files and (sum(file.stat().st_size for file in files), len(files)) == (out.get("size"), out.get("nfiles", 1)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
