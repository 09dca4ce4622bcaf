"""Composition: which sources, or topics, rows are of, and how far that moves when some of them are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.predictions import DECIMALS

MAX_NAMES = 100
OTHERS = "(others)"


@dataclass(frozen=True)
class Composition:
    """The sources, or the topics, of n rows; those of which it is not known are left out.

    Attributes:
        parts: which rows, shape (n,), count how much.
        names: sorted.
        numbers: index of each row's name, -1 where it is not known, shape (n,).
    """

    parts: Sequence[tuple[NDArray[np.bool_], float]]
    names: list[str]
    numbers: NDArray[np.int64]

    def shares(self, kept: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """Return the share of each name among some rows, shape (n_names,); None where none of them has a name."""
        kept = kept & (self.numbers >= 0)
        n = len(self.names)
        counted = [count * np.bincount(self.numbers[part & kept], minlength=n) for part, count in self.parts]
        sums: NDArray[np.float64] = np.sum(counted, axis=0)
        return sums / sums.sum() if kept.any() else None

    def shift(self, kept: NDArray[np.bool_]) -> float | None:
        """Return the total variation distance between the composition of all rows and that of some."""
        some = self.shares(kept)
        every = self.shares(self.numbers >= 0)
        return None if some is None or every is None else round(float(np.abs(some - every).sum() / 2), DECIMALS)

    def named(self, kept: NDArray[np.bool_]) -> Iterator[tuple[str, float]]:
        """Yield the names, but for the rarest, with their shares among some rows."""
        shares = self.shares(kept)
        if shares is None:
            return
        rows = np.bincount(self.numbers[self.numbers >= 0], minlength=len(self.names))
        shown = np.sort(np.argsort(-rows, kind="stable")[:MAX_NAMES])
        yield from ((self.names[i], round(float(shares[i]), DECIMALS)) for i in shown)
        if len(shown) < len(shares):
            yield OTHERS, round(float(np.delete(shares, shown).sum()), DECIMALS)
