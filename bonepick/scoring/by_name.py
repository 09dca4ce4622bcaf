"""Counts by name, for names without number: the first in order have their own, all others have theirs together."""

import heapq
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray


class ByName:
    """Integer counts of names; which have their own depends on the names alone, and on no order that they came in.

    A name among the first `limit` of all was never beyond the first `limit` of some of them: its counts are whole. So
    parts merge to the same counts in any order. (Of the most *frequent* names that cannot be had in bounded memory.)

    Attributes:
        counts: shape (limit + 1, width); the first row is of all other names, see `rows` for the rest.
    """

    def __init__(self, limit: int, width: int) -> None:
        self.limit = limit
        self.counts = np.zeros((limit + 1, width), dtype=np.int64)
        self._row: dict[str, int] = {}

    def rows(self, names: Collection[str]) -> NDArray[np.int64]:
        """Return the row of `counts` that each name is counted in, shape (n_names,); another call may change rows."""
        new = set(names).difference(self._row)
        if new and len(self._row) == self.limit:
            last = max(self._row)
            new = {name for name in new if name < last}
        if new:
            self._admit(new)
        row = self._row.get
        return np.array([row(name, 0) for name in names], dtype=np.int64)

    def _admit(self, new: set[str]) -> None:
        kept = set(heapq.nsmallest(self.limit, [*self._row, *new]))
        for name in self._row.keys() - kept:
            row = self._row.pop(name)
            self.counts[0] += self.counts[row]
            self.counts[row] = 0
        used = set(self._row.values())
        free = (row for row in range(1, self.limit + 1) if row not in used)
        self._row |= zip(kept - self._row.keys(), free, strict=False)

    def __iter__(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield each name that has its own counts with them, shape (width,), in the order of names."""
        return ((name, self.counts[row]) for name, row in sorted(self._row.items()))

    @property
    def others(self) -> NDArray[np.int64]:
        """The counts of all other names, shape (width,)."""
        others: NDArray[np.int64] = self.counts[0]
        return others

    def merge(self, part: "ByName") -> None:
        """Add the counts of another part."""
        named = list(part)
        for row, (_, counts) in zip(self.rows([name for name, _ in named]), named, strict=True):
            self.counts[row] += counts
        self.counts[0] += part.others
