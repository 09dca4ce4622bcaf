"""The place that shards are written to: whose it is, and what may be replaced there."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.outputs import alone_in
from bonepick.core.replacing import refuse_protected
from bonepick.core.urls import FOR_OUTPUT, refuse_url
from bonepick.scoring.corpus import OURS
from bonepick.scoring.partials import is_partial
from bonepick.scoring.records import Record, Records

SHOWN = 3


@contextmanager
def opened_place(
    root: Path, run: str, told: dict[str, object], inputs: Iterable[Path], overwrite: bool, is_part: bool = False
) -> Iterator[Records]:
    """Yield the records of a run at a place, which is made where it is missing; no other run may take it meanwhile.

    Args:
        root: the place.
        run: digest of what decides the bytes that are written there.
        told: what the run is, for people.
        inputs: what is read; it is never written into.
        overwrite: whether another run's outputs are removed, if all that is there was written by this project.
        is_part: whether other tasks of the run write there too.

    Raises:
        UsageError: the place is a URL, or one of several tasks is told to remove what is there.
        BonepickError: it belongs to another run or to nobody, or holds an input.
    """
    if overwrite and is_part:
        raise UsageError("--overwrite with --shard: tasks would remove each other's outputs; choose a new output")
    refuse_url(root, FOR_OUTPUT)
    refuse_protected(root, inputs)
    records = Records(root, run)
    if root.exists() and not root.is_dir():
        raise BonepickError(f"{root} is no folder and is kept: choose another output")
    root.mkdir(parents=True, exist_ok=True)
    with alone_in(root):  # tasks of one run, or two runs, may begin at the same time
        others = [other for other in records.runs() if other != run]
        for begun in [other for other in others if not any(Records(root, other).names())]:
            others.remove(begun)  # it failed before its first shard was done: nothing is lost
            _refuse_in_use(Records(root, begun))
            remove_run(Records(root, begun))
        if run not in records.runs() or others:
            _take_over(records, others, overwrite)
        records.begin(told)
        in_use = os.open(records.folder, os.O_RDONLY)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(in_use, fcntl.LOCK_SH | fcntl.LOCK_NB)
    try:
        yield records
    finally:
        os.close(in_use)


def _take_over(records: Records, others: Sequence[str], overwrite: bool) -> None:
    """Make room for a run: nobody's files are touched, another run's are removed if that is allowed."""
    root = records.root
    if others and not overwrite:
        raise BonepickError(
            f"{root} holds the outputs of another run ({others[0]}: another model, normalizer or other parameters): "
            "choose another output, or pass --overwrite"
        )
    every = [Records(root, other) for other in records.runs()]
    for each in every:
        _refuse_in_use(each)
    listed = {output.path: output.size for each in every for record in each.all() for output in record.outputs}
    unknown = [name for name, size in _files(root) if listed.get(name) != size]
    # a task of this run that began meanwhile on another machine, where the lock does not reach, made its folder first
    if unknown and (others or records.run not in records.runs()):
        more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
        names = ", ".join(map(shortened, unknown[:SHOWN])) + more
        raise BonepickError(f"{root} holds {names}, not written by bonepick, which is kept: choose another output")
    for other in others:
        remove_run(Records(root, other))


def _refuse_in_use(records: Records) -> None:
    folder = os.open(records.folder, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BonepickError(
            f"{records.root} is being written by another run ({records.run}): end that, or choose another output"
        ) from None
    except OSError:  # a file system without locks
        return
    finally:
        os.close(folder)


def _files(root: Path) -> Iterator[tuple[str, int]]:
    """Yield path inside a place and size of what shards are not said of, but of unfinished ones."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith(f"{OURS}/") or is_partial(path.name):
            continue
        with suppress(FileNotFoundError):  # another task's, which renamed it
            if path.is_symlink() or not path.is_dir():
                yield name, path.lstat().st_size


def remove_run(records: Records) -> None:
    """Remove the outputs of a run, and then its records: where this is stopped, the records still say what is its."""
    for record in records.all():
        remove_outputs(records, record)
    for path in sorted(records.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    records.folder.rmdir()


def remove_outputs(records: Records, record: Record) -> None:
    """Remove what was written of a shard."""
    for output in record.outputs:
        path = records.root / output.path
        path.unlink(missing_ok=True)
        _remove_empty(path.parent, records.root)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
