"""A file that is one JSON array, as the lines that its elements would be: piece by piece, never held whole."""

import re
from collections.abc import Iterator
from itertools import chain

from bonepick.core.errors import BonepickError
from bonepick.data.files import File

_START = rb"(?:\xef\xbb\xbf)?\s*\["
_STRUCTURE = re.compile(rb'["\[\]{},\n\r]')
_IN_STRING = re.compile(rb'["\\]')


def begins_like_array(data: bytes, name: str) -> bool:
    r"""Tell whether a file begins like a JSON array: of objects, or of anything where its name says JSON.

    >>> begins_like_array(b' [\n {"text": "x"}', "a.jsonl"), begins_like_array(b"[1, 2]", "a.jsonl")
    (True, False)
    """
    return bool(re.match(_START if re.search(r"\.json(\.|$)", name, re.IGNORECASE) else _START + rb"\s*\{", data))


def lines_of_array(file: File, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces of a file with each element of its array on a line; as they are, where it is no array.

    Raises:
        BonepickError: the array has no end, or something follows it.
    """
    first = next(pieces, b"")
    whole = chain([first], pieces)
    yield from _split(file, whole) if begins_like_array(first, str(file)) else whole


def _split(file: File, pieces: Iterator[bytes]) -> Iterator[bytes]:
    depth = position = 0
    in_string = False
    for piece in pieces:
        parts: list[bytes] = []
        start = 0
        while found := (_IN_STRING if in_string else _STRUCTURE).search(piece, position):
            sign, position = found[0], found.end()
            if sign == b"\\":
                position += 1  # what it escapes, perhaps in the next piece
            elif sign == b'"':
                in_string = not in_string
            elif sign in (b"[", b"{"):
                depth += 1
                if depth == 1:  # where the array begins
                    start = position
            elif sign in (b"]", b"}"):
                depth -= 1
                if depth == 0:
                    yield b"".join([*parts, piece[start : position - 1], b"\n"])
                    return _refuse_more(file, chain([piece[position:]], pieces))
            else:
                between = sign == b"," and depth == 1
                if between or sign != b",":  # a line break between values is white space
                    parts += [piece[start : position - 1], b"\n" if between else b" "]
                    start = position
        yield b"".join([*parts, piece[start:]])
        position = max(position - len(piece), 0)
    raise BonepickError(f"{file}: truncated or damaged (its JSON array has no end): fetch or write this file again")


def _refuse_more(file: File, pieces: Iterator[bytes]) -> None:
    if any(piece.strip() for piece in pieces):
        raise BonepickError(f"{file}: something follows its JSON array: wanted one array, or an object on each line")
