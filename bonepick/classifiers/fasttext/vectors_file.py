"""Word vectors to start from (`.vec`), checked before fastText reads them: it takes what it cannot read for zeros."""

import math
import re
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX

MOST_DIGITS = 64
"""Bytes that a number may take in a line."""
MOST_WORD = 1 << 20
"""Bytes that a word may take."""
_NUMBER = rb"[-+]?(?:\d{1,38}+(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+"
LARGEST = 3.4028234e38


def check_vectors(path: Path, dimension: int) -> None:
    """Refuse a file of word vectors that fastText would read otherwise than it is meant.

    Raises:
        BonepickError: its first line is not the number of vectors and their dimension, a line is not one word and that
            many numbers, or there are more lines or fewer.
    """
    if not path.is_file():
        came = "is no regular file" if path.exists() else "is not there"
        raise BonepickError(f"{path} {came}: wanted a text file of word vectors (.vec)")
    line = re.compile(rb"[^\s\0]++(?:[ \t]++%s){%d}[ \t\r]*+\n?" % (_NUMBER, dimension))
    longest = MOST_WORD + MOST_DIGITS * dimension
    with path.open("rb") as stream:
        wanted = _count_in_header(path, stream.readline(longest), dimension)
        for number in range(2, wanted + 2):
            vector = stream.readline(longest)
            if not line.fullmatch(vector) or not _all_fit(vector):
                what = shortened(vector) if vector else "the end of the file"
                raise BonepickError(f"{path}:{number}: {what} came, wanted a word and {dimension:,} numbers")
            if vector.startswith(FASTTEXT_PREFIX.encode()):
                raise BonepickError(
                    f"{path}:{number}: {shortened(vector)} would be a label: take such lines out, and count the rest "
                    "in the first line"
                )
        if rest := stream.readline(longest).strip():
            raise BonepickError(f"{path}:{wanted + 2}: {shortened(rest)} came, but line 1 says {wanted:,} vectors")


def _count_in_header(path: Path, header: bytes, dimension: int) -> int:
    counts = re.fullmatch(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})\s*", header)
    if not counts or int(counts[1]) < 1:
        raise BonepickError(
            f"{path}:1: {shortened(header)} came, wanted the number of vectors and their dimension, such as 1000 300"
        )
    if int(counts[2]) != dimension:
        raise BonepickError(
            f"{path} holds vectors of dimension {int(counts[2]):,}, the model has {dimension:,}: wanted the same "
            f"(--dimension {int(counts[2])})"
        )
    return int(counts[1])


def _all_fit(line: bytes) -> bool:
    """Tell whether all numbers are finite in 32 bits: only one with an exponent may not be."""
    numbers = line.split()[1:] if b"e" in line or b"E" in line else []
    return all(math.fabs(float(number)) <= LARGEST for number in numbers)
