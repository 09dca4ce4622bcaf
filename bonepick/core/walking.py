"""Walking a folder: what cannot be listed is a fault, where `os.walk` and `Path.rglob` leave it out without a word."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bonepick.core.errors import BonepickError

SYSTEM_FOLDER = "lost+found"
"""At the top of a file system: root's own, and nobody's rows."""


def walk(root: Path, into_links: bool = False) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder below a folder, itself first, with the names of the folders and of the others in it.

    Args:
        root: the folder.
        into_links: whether links to folders are followed.

    Raises:
        BonepickError: a folder cannot be listed, or is gone.
    """
    for folder, folders, names in os.walk(root, onerror=_refuse, followlinks=into_links):
        yield Path(folder), folders, names


def everything_below(root: Path) -> Iterator[Path]:
    """Yield the path of everything below a folder, in order; links are not followed.

    Raises:
        BonepickError: see `walk`.
    """
    yield from sorted(folder / name for folder, folders, names in walk(root) for name in (*folders, *names))


def refuse_closed(folders: Iterable[Path]) -> None:
    """Refuse folders that cannot be listed, as those that a pattern goes through.

    Raises:
        BonepickError: one cannot.
    """
    for folder in folders:
        try:
            os.scandir(folder).close()
        except NotADirectoryError:
            continue
        except OSError as error:
            _refuse(error)


def _refuse(error: OSError) -> None:
    if Path(os.fsdecode(error.filename)).name == SYSTEM_FOLDER:
        return
    raise BonepickError(f"{error.filename} cannot be listed ({error.strerror}): mend or remove it") from None
