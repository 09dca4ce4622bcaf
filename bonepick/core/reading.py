"""Files that this project writes and reads again: read whole and as their type, or refused in one line.

They may come from elsewhere, be cut, or not be files at all: no byte of one is believed before it is checked.
"""

import os
import stat
from pathlib import Path
from typing import TypeVar

import msgspec

from bonepick.core.errors import BonepickError

T = TypeVar("T")

MAX_JSON = 16 << 20
"""Bytes of a JSON file: what such files say of a run is short."""
MAX_TABLE = 64 << 20
"""Bytes of a table: a line for each of some million rows."""


def is_there(path: Path) -> bool:
    """Return whether there is anything of that name, be it a folder or a link to nothing."""
    return os.path.lexists(path)


def read_json(path: Path, kind: type[T], remedy: str, limit: int = MAX_JSON) -> T:
    """Return what a JSON file holds.

    Args:
        path: the file.
        kind: type of its content.
        remedy: what to do where it cannot be read: `evaluate again`.
        limit: bytes that it may have.

    Raises:
        BonepickError: see `read_bytes` and `decoded`.
    """
    return decoded(read_bytes(path, remedy, limit), kind, path, remedy)


def decoded(data: bytes | str, kind: type[T], name: object, remedy: str) -> T:
    """Return what some JSON holds; `name` stands for it in the message.

    Raises:
        BonepickError: it is no JSON, nested too deeply, or not of that type.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise damaged(name, "nested too deeply", remedy) from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise damaged(name, error, remedy) from None


def read_text(path: Path, remedy: str, limit: int = MAX_TABLE) -> str:
    """Return what a text file holds; arguments are those of `read_json`.

    Raises:
        BonepickError: see `read_bytes`; or it is no UTF-8.
    """
    try:
        return read_bytes(path, remedy, limit).decode()
    except UnicodeDecodeError as error:
        raise damaged(path, error, remedy) from None


def read_bytes(path: Path, remedy: str, limit: int) -> bytes:
    """Return the bytes of a file; arguments are those of `read_json`.

    Raises:
        BonepickError: see `refuse_no_file`.
    """
    refuse_no_file(path, remedy, limit)
    try:
        with path.open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise BonepickError(f"{path} cannot be read ({error.strerror}): {remedy}") from None


def refuse_no_file(path: Path, remedy: str, limit: int) -> int:
    """Return the size of what is a file, before it is opened: to open a FIFO waits for ever.

    Raises:
        BonepickError: it is missing, no regular file, or larger than `limit`.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise BonepickError(f"{path} is missing: {remedy}") from None
    except OSError as error:
        raise BonepickError(f"{path} cannot be read ({error.strerror}): {remedy}") from None
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a FIFO, socket or device"
        raise BonepickError(f"{path} is {what}, wanted a file: {remedy}")
    if found.st_size > limit:
        raise BonepickError(f"{path} has {found.st_size:,} bytes, wanted {limit:,} at most: {remedy}")
    return found.st_size


def damaged(name: object, reason: object, remedy: str) -> BonepickError:
    r"""Return the fault of a file whose content is not what was written.

    >>> str(damaged("a.json", "Expected `int`,\ngot `str`", "evaluate again"))
    'a.json is damaged (Expected `int`, got `str`): evaluate again'
    """
    said = " ".join(str(reason).split())
    said = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in said)
    return BonepickError(f"{name} is damaged ({said if len(said) <= 200 else said[:197] + '...'}): {remedy}")
