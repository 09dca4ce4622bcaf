"""The record that `params.yaml` was found right: one check, which imports the params of all operations, does for all
stages that run before the file, the code or what is in `inputs/` changes.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bonepick.core.params_file import PARAMS_FILE

RECORD = Path(".dvc/tmp/params_checked")
"""Of this copy of the repository: DVC's own folder for what is not kept."""


def state() -> str:
    """Return a digest of the file and of the code that checks it."""
    digest = hashlib.sha256()
    code = (path for folder in ("bonepick", "stages") for path in sorted(Path(folder).rglob("*.py")))
    with suppress(FileNotFoundError):  # who reads it says so
        for path in (PARAMS_FILE, *code):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
            digest.update(str(path).encode())
    return digest.hexdigest()


def record(checked: str, there: Iterable[str]) -> None:
    """Record that what had this state was found right, as long as some paths are there."""
    with suppress(OSError):  # then the next stage checks again
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text("\n".join([checked, *there]), encoding="utf-8")


def found_right() -> bool:
    """Whether what is here now was found right."""
    try:
        checked, *there = RECORD.read_text(encoding="utf-8").split("\n")
        return checked == state() and all(Path(path).exists() for path in there)
    except (OSError, ValueError):
        return False
