"""A shard's files: written beside their place under a hidden name, and renamed when they are whole."""

import glob
import hashlib
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from time import time

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import NO_ROOM
from bonepick.scoring.records import Output

PARTIAL = ".partial-"
FORGOTTEN = 3600
"""Seconds without a byte written, after which a file of a process on another machine is taken for abandoned."""

_numbers = count()


@contextmanager
def whole_file(root: Path, name: str) -> Iterator[tuple[Path, list[Output]]]:
    """Yield a path to write a file to, which becomes `root/name` when the block ends well, and is removed else.

    Yields the path, and a list that holds the `Output` afterwards. Where two write the same file at once, the later
    one replaces the other's.

    Raises:
        BonepickError: the disk is full.
    """
    target = root / name
    outputs: list[Output] = []
    partial = target.with_name(f".{target.name}{PARTIAL}{socket.gethostname()}-{os.getpid()}-{next(_numbers)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(root, name)
        try:
            yield partial, outputs
            _sync(partial)
            outputs.append(output_of(partial, name))
            partial.replace(target)
            _sync(target.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise BonepickError(
            f"{target} cannot be written ({error.strerror}): free some space; the same command goes on from here"
        ) from None


def output_of(path: Path, name: str) -> Output:
    """Return size and digest of a file, which is called `name`."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Output(name, path.stat().st_size, digest)


def remove_abandoned(root: Path, name: str) -> None:
    """Remove what killed processes left of a file."""
    target = root / name
    _remove(target.parent.glob(f".{glob.escape(target.name)}{PARTIAL}*"))


def remove_all_abandoned(root: Path) -> None:
    """Remove what killed processes left at a place."""
    _remove(root.rglob(f".*{PARTIAL}*"))


def _remove(partials: Iterable[Path]) -> None:
    for partial in partials:
        host, process, _ = partial.name.rpartition(PARTIAL)[2].rsplit("-", 2)
        with suppress(FileNotFoundError):  # renamed, or removed by another one
            here = host == socket.gethostname()
            if (here and not _lives(int(process))) or time() - partial.stat().st_mtime > FORGOTTEN:
                partial.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
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
