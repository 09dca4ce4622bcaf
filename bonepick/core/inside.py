"""Files of a directory that may be somebody else's: neither a name nor a link leads to a file outside of it."""

import re
import sys
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.reading import refuse_no_file
from bonepick.core.walking import everything_below

_STORED = re.compile(r"/(blobs/[0-9a-f]{40,64}|files/md5/[0-9a-f]{2}/[0-9a-f]{30})$")
"""What links into the hub's cache and into DVC's end in: a digest, which names one content and no file of a person."""


def file_inside(directory: Path, name: str) -> Path:
    """Return the path of a file of a directory.

    Args:
        directory: the directory.
        name: of the file, or `folder/name`.

    Raises:
        BonepickError: the name or a link in it leads out of the directory, other than into a cache of contents.
    """
    if not name or "\0" in name or ".." in Path(name).parts or Path(name).is_absolute():
        raise BonepickError(f"{directory} names a file {shortened(name)} outside of it: copy or make it again")
    path = directory / name
    try:
        target = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        raise BonepickError(f"{path} is a link that leads nowhere: put the file itself there") from None
    if not target.is_relative_to(directory.resolve()) and not _STORED.search(target.as_posix()):
        raise BonepickError(f"{path} is a link that leads out of {directory}: put the file itself there")
    return path


def refuse_links_out(directory: Path) -> None:
    """Refuse a directory in which something is neither a folder nor a file of its own.

    Raises:
        BonepickError: a link leads out of it, a folder cannot be listed, or something is no regular file.
    """
    for path in everything_below(directory):
        if path.is_symlink() or not path.is_dir():
            refuse_no_file(file_inside(directory, path.relative_to(directory).as_posix()), "remove it", sys.maxsize)
