"""Files that are there whole or not at all: written beside their place under a hidden name, synced and renamed."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from time import time

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import NO_ROOM

FORGOTTEN = 3600
"""Seconds without a byte written, after which a file of a process on another machine is taken for abandoned."""
NAME_BYTES = 100
"""Of a file's name that stand in the hidden one, which may not be longer than a file system allows."""

_PARTIAL = re.compile(r"\..*\.partial-(?P<host>.+)-(?P<process>\d{1,10})-\d+", re.DOTALL)
_numbers = count()


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Yield a path to write a file to, which becomes `target` when the block ends well, and is removed else.

    Where two write the same file at once, the later one replaces the other's.

    Raises:
        BonepickError: the disk is full.
    """
    stem = os.fsdecode(os.fsencode(target.name)[:NAME_BYTES])
    partial = target.with_name(f".{stem}.partial-{socket.gethostname()}-{os.getpid()}-{next(_numbers)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)  # of a dead process that had our number
        try:
            yield partial
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise BonepickError(
            f"{target} cannot be written ({os.strerror(error.errno)}): free some space; the same command goes on from "
            "here"
        ) from None


def is_partial(name: str) -> bool:
    """Whether a file has the name of one that is being written, or was when its process was killed."""
    return _PARTIAL.fullmatch(name) is not None


def remove_abandoned(root: Path) -> None:
    """Remove what killed processes left at a place; what a living one writes stays, here and on other machines."""
    for folder, _, names in os.walk(root):
        for name in names:
            if (found := _PARTIAL.fullmatch(name)) and _is_abandoned(Path(folder, name), found):
                with suppress(OSError):  # renamed, or removed by another one; or not ours to remove
                    Path(folder, name).unlink()


def _is_abandoned(partial: Path, found: re.Match[str]) -> bool:
    if found["host"] == socket.gethostname() and not _lives(int(found["process"])):
        return True
    with suppress(OSError):
        return time() - partial.stat().st_mtime > FORGOTTEN
    return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
