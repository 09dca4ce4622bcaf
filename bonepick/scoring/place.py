"""The place that shards are written to: whose it is, and what may be replaced there."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.replacing import refuse_protected
from bonepick.core.urls import FOR_OUTPUT, refuse_url
from bonepick.scoring.corpus import OURS
from bonepick.scoring.publish import PARTIAL
from bonepick.scoring.records import Records

SHOWN = 3


def open_place(root: Path, run: str, told: dict[str, object], inputs: Iterable[Path], overwrite: bool) -> Records:
    """Return the records of a run at a place, which is made where it is missing.

    Args:
        root: the place.
        run: digest of what decides the bytes that are written there.
        told: what the run is, for people.
        inputs: what is read; it is never written into.
        overwrite: whether another run's outputs are removed, if all that is there was written by this project.

    Raises:
        UsageError: the place is a URL.
        BonepickError: it belongs to another run or to nobody, or holds an input.
    """
    refuse_url(root, FOR_OUTPUT)
    refuse_protected(root, inputs)
    records = Records(root, run)
    if root.exists() and not root.is_dir():
        raise BonepickError(f"{root} is no folder and is kept: choose another output")
    others = [other for other in records.runs() if other != run]
    if run not in records.runs() or others:
        _take_over(records, others, overwrite)
    records.begin(told)
    return records


def _take_over(records: Records, others: Sequence[str], overwrite: bool) -> None:
    """Make room for a run: nobody's files are touched, another run's are removed if that is allowed."""
    root = records.root
    if others and not overwrite:
        raise BonepickError(
            f"{root} holds the outputs of another run ({others[0]}: another model, normalizer or other parameters): "
            "choose another output, or pass --overwrite"
        )
    every = [Records(root, other) for other in records.runs()]
    listed = {output.path: output.size for each in every for record in each.all() for output in record.outputs}
    if unknown := [name for name, path in _files(root) if listed.get(name) != path.stat().st_size]:
        more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
        names = ", ".join(map(shortened, unknown[:SHOWN])) + more
        raise BonepickError(f"{root} holds {names}, not written by bonepick, which is kept: choose another output")
    for other in others:
        _remove(Records(root, other))


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    if root.is_dir():
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if not path.is_dir() and not name.startswith(f"{OURS}/") and PARTIAL not in path.name:
                yield name, path


def _remove(records: Records) -> None:
    """Remove the outputs of a run, and then its records: where this is stopped, the records still say what is its."""
    for record in records.all():
        for output in record.outputs:
            path = records.root / output.path
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, records.root)
    for path in sorted(records.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    records.folder.rmdir()


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
