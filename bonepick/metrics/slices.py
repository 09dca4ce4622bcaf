"""Slices: the rows that a metric is of. A metric's key is a slice and a name, in this order, everywhere."""

from dataclasses import dataclass
from functools import total_ordering
from typing import Literal, get_args

Level = Literal["all", "valid", "dataset", "source", "label"]
LEVELS: tuple[Level, ...] = get_args(Level)


@total_ordering
@dataclass(frozen=True)
class Slice:
    """The rows that a metric is of: all test rows, all validation rows, or the test rows of a dataset, source or label.

    Attributes:
        level: which kind of slice.
        name: of the dataset, source or label; empty for `all` and `valid`.

    >>> sorted([Slice("label", "a"), Slice("dataset", "b"), Slice()])
    [Slice(level='all', name=''), Slice(level='dataset', name='b'), Slice(level='label', name='a')]
    """

    level: Level = "all"
    name: str = ""

    def __lt__(self, other: "Slice") -> bool:
        return (LEVELS.index(self.level), self.name) < (LEVELS.index(other.level), other.name)


ALL = Slice()
VALID = Slice("valid")
