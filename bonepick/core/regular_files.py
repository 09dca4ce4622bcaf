"""Regular files: all that is ever opened. A pipe without a writer is waited for, and a device read, for ever."""

import stat
from pathlib import Path

from bonepick.core.errors import BonepickError

_IRREGULAR = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a FIFO (named pipe)",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def refuse_irregular(file: Path) -> None:
    """Refuse what is no regular file, nor a link to one.

    Raises:
        BonepickError: it is none, or is not there; the message names what it is.
    """
    link = f" (linked to {file.readlink()})" if file.is_symlink() else ""
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        came = f"is a broken link{link}: bring back what it stood for, or remove it" if link else "is not there"
        raise BonepickError(f"{file} {came}") from None
    except OSError as error:
        raise BonepickError(f"{file}{link} cannot be looked at ({error.strerror}): mend or remove it") from None
    kind = next((name for test, name in _IRREGULAR.items() if test(mode)), "")
    if kind:
        raise BonepickError(f"{file} is {kind}{link}, wanted a regular file: move it away, or write it to one")
