"""Zip archives on this machine: what lies in one is read as if it lay in a folder."""

from collections.abc import Mapping
from pathlib import Path

from bonepick.data.files import File, find_remote_files

ZIP = ".zip"


def files_in_archives(archives: Mapping[str, File]) -> dict[str, File]:
    """Return the files in some archives by their paths inside; in several, below a folder of each one's name.

    Args:
        archives: path -> archive.

    Raises:
        BonepickError: one is damaged.
    """
    inside = {name.removesuffix(ZIP): find_remote_files(_url(archive)) for name, archive in archives.items()}
    if len(inside) == 1:
        return next(iter(inside.values()))
    return {f"{folder}/{name}": file for folder, files in inside.items() for name, file in files.items()}


def _url(archive: File) -> str:
    return f"zip://::file://{Path(str(archive)).absolute()}"
