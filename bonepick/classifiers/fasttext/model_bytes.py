"""Reading fastText's model file without believing it: nothing is taken that the file does not hold."""

import mmap
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from bonepick.core.errors import BonepickError

PIECE_BYTES = 1 << 22
"""Of numbers that are looked at in one go."""


class ModelFileError(BonepickError):
    """What is wrong with the file, which the message does not name."""


def mapped(file: int) -> mmap.mmap:
    """Map an open file.

    Raises:
        ModelFileError: it is empty.
    """
    try:
        return mmap.mmap(file, 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise ModelFileError("it is empty") from None


@dataclass
class Cursor:
    """Where reading is in the file, and what is read there, for the fault when it ends."""

    data: mmap.mmap
    at: int = 0
    part: str = "header"

    def take(self, form: str) -> tuple[Any, ...]:
        """Return the next values, as `struct` reads them.

        Raises:
            ModelFileError: the file ends.
        """
        start = self.at
        self.skip(struct.calcsize(form))
        return struct.unpack_from(form, self.data, start)

    def flag(self) -> bool:
        """Return the next byte, which must be 0 or 1.

        Raises:
            ModelFileError: it is not, or the file ends.
        """
        (value,) = self.take("<B")
        if value > 1:
            raise ModelFileError(f"its {self.part} is damaged: {value} stands where 0 or 1 must")
        return bool(value)

    def floats(self, count: int) -> None:
        """Go past 32-bit numbers, all of which must be finite.

        Raises:
            ModelFileError: one is not, or the file ends.
        """
        start = self.at
        self.skip(4 * count)
        for place in range(start, self.at, PIECE_BYTES):
            if not np.isfinite(np.frombuffer(self.data[place : min(place + PIECE_BYTES, self.at)], "<f4")).all():
                raise ModelFileError(f"its {self.part} holds NaN or infinity")

    def skip(self, size: int) -> None:
        """Go past some bytes.

        Raises:
            ModelFileError: the file ends before.
        """
        left = len(self.data) - self.at
        if size > left:
            raise ModelFileError(f"it is cut or damaged: its {self.part} takes {size:,} bytes more, {left:,} are left")
        self.at += size
