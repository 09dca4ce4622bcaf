"""Archives: what lies in a zip archive on this machine is read as if it lay in a folder."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

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


def how_to_read(names: Iterable[str]) -> str:
    """Return what there is to say of archives among some files; empty where there are none.

    >>> how_to_read(["notes.txt", "b/c.zip"])
    ' (zip://::file:///.../c.zip reads what is in an archive)'
    """
    archives = [name for name in names if name.endswith((ZIP, ".tar", ".tar.gz", ".tgz"))]
    if not archives:
        return ""
    kind = "zip" if archives[0].endswith(ZIP) else "tar"
    return f" ({kind}://::file:///.../{PurePosixPath(archives[0]).name} reads what is in an archive)"


def _url(archive: File) -> str:
    return f"zip://::file://{Path(str(archive)).absolute()}"
