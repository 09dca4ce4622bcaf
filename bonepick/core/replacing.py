"""What an output may replace: an empty folder, or an earlier output of its kind to which nobody added anything.

A marker at an output's root lists what was written there. All else is somebody's own, and is kept.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.json_format import json_bytes
from bonepick.core.reading import is_there, read_json
from bonepick.core.walking import everything_below

MARKER = ".bonepick.json"
"""Name of the marker; hidden, so that no reader of datasets or models takes it for one of their files."""
Kind = Literal["digests", "dataset", "model", "base model", "topics", "evaluation", "report"]
SHOWN = 3
YOURSELF = "choose another output, or remove it yourself"


@dataclass(frozen=True)
class Marker:
    """What the marker holds.

    Attributes:
        kind: of the output.
        files: path inside it, with slashes -> size in bytes; the marker itself is left out.
    """

    kind: Kind
    files: dict[str, int]
    format: Literal[1] = 1

    @classmethod
    def of(cls, folder: Path, kind: Kind) -> "Marker":
        """Return the marker of what a folder holds."""
        return cls(kind, {name: path.stat().st_size for name, path in _files(folder) if name != MARKER})

    def save(self, folder: Path) -> None:
        """Write it, with sorted keys."""
        (folder / MARKER).write_bytes(json_bytes(self))

    @classmethod
    def load(cls, folder: Path) -> "Marker | None":
        """Read it; None where there is none that this version reads."""
        try:
            return read_json(folder / MARKER, cls, YOURSELF)
        except BonepickError:
            return None

    def unknown(self, folder: Path) -> list[str]:
        """Return the files of a folder that are not listed, or not of the listed size; those that are gone are not."""
        present = dict(_files(folder))
        present.pop(MARKER, None)
        return [name for name, path in present.items() if name not in self.files or self.files[name] != _size(path)]


def refuse_protected(target: Path, inputs: Iterable[Path]) -> None:
    """Refuse an output that holds what a command reads or where people work, whether it is empty or not.

    Args:
        target: the output.
        inputs: files and folders that the command reads; what they link to counts as well.

    Raises:
        BonepickError: the output is an input, lies inside one or around one; it is the current folder or a home, or
            holds one; or it is the top of a repository.
    """
    places = {target.resolve(), target.parent.resolve() / target.name}
    for given in inputs:
        links = (path for path in everything_below(given) if path.is_symlink()) if given.is_dir() else ()
        for read in (Path(os.path.realpath(path)) for path in (given, *links)):  # resolve() fails on links in a circle
            if any(read.is_relative_to(place) or place.is_relative_to(read) for place in places):
                raise BonepickError(f"output {target} and input {given} overlap: choose a folder beside it")
    where = target.resolve()
    folders = {"the current folder": Path.cwd(), "your home": Path(os.environ.get("HOME") or Path.cwd())}
    for what, folder in folders.items():
        if folder.resolve().is_relative_to(where):
            came = "is" if folder.resolve() == where else "holds"
            raise BonepickError(f"output {target} {came} {what}, which is kept: choose a new folder")
    if top := next((name for name in (".git", ".dvc") if (where / name).exists()), None):
        raise BonepickError(f"output {target} is the top of a repository ({top}), which is kept: choose a new folder")


def refuse_occupied(target: Path, kind: Kind, overwrite: bool) -> None:
    """Refuse an output where something is already, unless it may be replaced and `overwrite` is on.

    Raises:
        BonepickError: something is there.
    """
    if not target.is_symlink():
        if target.is_dir() and not any(target.iterdir()):
            return
        if not target.exists():
            return
    reason = _kept(target, kind)
    if not overwrite:
        allowed = "" if reason else " or pass --overwrite"
        raise BonepickError(f"{target} exists and is not empty: choose another output{allowed}")
    if reason:
        raise BonepickError(f"{target} {reason}: {YOURSELF}")


def _kept(target: Path, kind: Kind) -> str:
    """Return why what is at the output is kept; empty where it may be replaced."""
    if target.is_symlink() and target.is_dir():
        return f"is a link to {target.resolve()} and is kept"
    if not target.is_dir():
        return "is no folder and is kept"
    if not is_there(target / MARKER):
        return f"holds {_some(sorted(path.name for path in target.iterdir()))}, not written by bonepick, which is kept"
    marker = Marker.load(target)
    if marker is None:
        return f"holds a {MARKER} that this version does not read, and is kept"
    if marker.kind != kind:
        return f"is an output of another kind ({marker.kind}, wanted {kind}) and is kept"
    if unknown := marker.unknown(target):
        return f"holds {_some(unknown)}, not written by bonepick or changed since, which is kept"
    return ""


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(map(shortened, names[:SHOWN])) + more


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield path inside the folder and path of everything in it that is no folder, links to folders included."""
    for path in everything_below(folder):
        if path.is_symlink() or not path.is_dir():
            # a name need not be valid UTF-8, JSON must
            yield os.fsencode(path.relative_to(folder).as_posix()).decode(errors="backslashreplace"), path


def local_paths(*names: str) -> list[Path]:
    """Return what of some names, which may stand for something packaged or on a hub, is a path here."""
    return [Path(name) for name in names if name not in ("", "packaged") and Path(name).exists()]


def _size(path: Path) -> int | None:
    """Return the size of a file; None for what is none."""
    return path.stat().st_size if path.is_file() else None
