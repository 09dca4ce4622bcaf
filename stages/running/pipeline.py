"""What stages know of the pipeline: its datasets, its kinds of classifier, and what is left of those it had before."""

import hashlib
import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bonepick.core.errors import UsageError
from bonepick.core.params import Params
from bonepick.core.params_file import PARAMS_FILE, read_node, read_yaml
from bonepick.core.progress import note

LOCK_FILE = Path("dvc.lock")


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

    rows: Literal["data/transformed", "data/balanced", "data/normalized", "data/embedded", "data/fasttext"]
    """Folder of the datasets that the kind is trained on."""
    base: Literal["models/base", "data/inputs/pretrained_vectors.json"]
    """What training starts from besides them: the base model, or the digest of a file that the kind's params name."""
    shared: str
    """Node of the parameter that the kind's training shares with others, besides train.seed; else train.seed itself."""


def kinds() -> list[str]:
    """Return the kinds that the pipeline trains, after taking away what it made of kinds that it trains no longer.

    Were their evaluations and models left, DVC would take them for a part of what this stage read, and every clone,
    which lacks them, for out of date.
    """
    names = list(read_node("kinds"))
    dropped = [
        path
        for root in (Path("evals"), Path("models/kinds"))
        for path in sorted(root.glob("[!.]*"))
        if path.is_dir() and not path.is_symlink() and path.name not in names
    ]
    if dropped:
        _remove_outs_in(dropped)
    for path in dropped:
        if path.is_dir():
            note(f"{path} is of no kind in {PARAMS_FILE}, and was not made by this pipeline as it is: left alone")
    return names


def _remove_outs_in(folders: Collection[Path]) -> None:
    """Remove outs of training and evaluation that lie in some folders and are, byte by byte, what `dvc.lock` lists.

    DVC's cache, or git, keeps what they hold; where neither does, the same commands make the same again.
    """
    stages = (read_yaml(LOCK_FILE) if LOCK_FILE.is_file() else None) or {}
    for stage, locked in stages.get("stages", {}).items():
        for out in locked.get("outs", []) if stage.partition("@")[0] in ("train", "eval") else []:
            path = Path(out["path"])
            inside = ".." not in path.parts and any(path.is_relative_to(folder) for folder in folders)
            if inside and _digest(path) == out.get("md5"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()


def _digest(path: Path) -> str:
    """Return the md5 of a file or folder as `dvc.lock` has it; empty where there is none."""
    if path.is_file():
        return _md5(path.read_bytes())
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    listed = [{"md5": _md5(files[name].read_bytes()), "relpath": name} for name in sorted(files)]
    return f"{_md5(json.dumps(listed, sort_keys=True).encode())}.dir" if files else ""


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
