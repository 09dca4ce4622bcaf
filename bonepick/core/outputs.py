"""Outputs appear whole or not at all: written beside the target under a temporary name, synced, renamed."""

import errno
import fcntl
import glob
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from bonepick.core.errors import BonepickError
from bonepick.core.mounts import refuse_mount_point
from bonepick.core.progress import note
from bonepick.core.regular_files import refuse_irregular
from bonepick.core.replacing import MARKER, Kind, Marker, refuse_occupied, refuse_protected
from bonepick.core.urls import FOR_OUTPUT, refuse_url

SILENCE = 1
PATIENCE = 10
"""Seconds until somebody's lock is spoken of, and until it is a fault."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def atomic_directory(target: Path, kind: Kind, overwrite: bool = False, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` when the block ends well, and is removed when it does not.

    A marker (see `replacing`) is written into it last. A killed run leaves a hidden `.NAME.partial-*` folder beside
    the target; the next run to that target removes it.

    Args:
        target: the output.
        kind: what it is.
        overwrite: replace an earlier output of that kind, if all that is there was written by this project.
        inputs: files and folders that are read for it; they are never replaced, nor written into.

    Raises:
        UsageError: the target is a URL.
        BonepickError: the target is not empty, and `overwrite` is off or does not allow for what is there; it is a
            place that is never replaced (see `refuse_protected`), or a mount point; or the disk is full.
    """
    refuse_output(target, kind, overwrite, inputs)
    target = target.resolve() if target.name == ".." else target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    # else another run takes the new folder for abandoned before it is locked
    with alone_in(target.parent, PATIENCE):
        refuse_occupied(target, kind, overwrite)
        _remove_abandoned(target)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
        lock = _locked(partial)
    try:
        yield partial
        Marker.of(partial, kind).save(partial)
        _make_ordinary(partial)
        with alone_in(target.parent):
            refuse_occupied(target, kind, overwrite)
            _replace_directory(partial, target)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise BonepickError(
            f"{target} cannot be written ({error.strerror}): free some space, or choose another output"
        ) from None
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(partial, ignore_errors=True)


def refuse_output(target: Path, kind: Kind, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Refuse an output that `atomic_directory` would not make, before the work for it begins; arguments are the same.

    Raises:
        UsageError, BonepickError: see `atomic_directory`.
    """
    refuse_url(target, FOR_OUTPUT)
    refuse_protected(target, inputs)
    refuse_mount_point(target)
    refuse_occupied(target, kind, overwrite)


def link_tree(source: Path, target: Path) -> None:
    """Put the files below a folder into another one by hard links, as copies across file systems.

    Its marker stays behind: the other folder gets one of its own, which must not be written through a link.

    Raises:
        BonepickError: what lies there is no regular file.
    """
    shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True, ignore=_left_behind)


def _left_behind(folder: str, names: list[str]) -> set[str]:
    for path in (Path(folder) / name for name in names):
        if not path.is_dir():
            refuse_irregular(path)
    return {MARKER}


def _link(source: str, target: str) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy2(source, target)


def _replace_directory(partial: Path, target: Path) -> None:
    if not target.exists():
        partial.replace(target)
    elif not _exchange(partial, target):
        # a folder cannot be renamed onto a full one: the old one steps aside under a name that cleaning up knows
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
        target.replace(old)
        partial.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    _sync(target.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step, so that there is never neither; False where the system cannot."""
    import ctypes

    library = ctypes.CDLL(None)
    names = (os.fsencode(one), os.fsencode(other))
    if hasattr(library, "renameat2"):  # Linux: AT_FDCWD, RENAME_EXCHANGE
        return bool(library.renameat2(-100, names[0], -100, names[1], 2) == 0)
    if hasattr(library, "renamex_np"):  # macOS: RENAME_SWAP
        return bool(library.renamex_np(*names, 2) == 0)
    return False


@contextmanager
def alone_in(folder: Path, patience: float = math.inf) -> Iterator[None]:
    """Hold the folder's lock; a run has it for a moment, so if somebody keeps it, that is said, and then refused.

    Once the work for an output is done, it is worth waiting for ever.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        began, told = monotonic(), False
        while not _lock(descriptor):
            waited = monotonic() - began
            if waited > patience:
                raise BonepickError(f"{folder} is locked by {_holder(descriptor)}: end that, or choose another output")
            if waited > SILENCE and not told:
                note(f"waiting for {folder}, which is locked by {_holder(descriptor)}")
                told = True
            sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _holder(descriptor: int) -> str:
    """Return who holds a lock, as far as the system tells."""
    file = os.fstat(descriptor)
    place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    with suppress(OSError):  # Linux alone has it
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            _, kind, *_, process, where, _, _ = line.split()
            if (kind, where) == ("FLOCK", place):
                return f"process {process}"
    return "another process"


def _remove_abandoned(target: Path) -> None:
    for partial in target.parent.glob(f".{glob.escape(target.name)}.partial-*"):
        lock = _locked(partial)
        if lock is not None:  # nobody holds it: its run is dead
            shutil.rmtree(partial, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _make_ordinary(folder: Path) -> None:
    """Give the usual modes (libraries differ, and mkdtemp is private) and sync every file."""
    mask = os.umask(0)
    os.umask(mask)
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() or path.stat().st_nlink == 1:  # a hard link's mode is its other name's as well
            path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
