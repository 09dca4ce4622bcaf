"""Folds of training rows that hold out whole sources or groups, so that knobs are judged on texts from elsewhere."""

from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from bonepick.data.splitting import stable_hash

MOST = 3
"""Folds: each costs a training for each value that is tried."""
SOME = 2
"""Folds of whole sources that there must be: one alone would judge by what one set of sources is like."""
SOURCES_LEFT = 2
"""Of each class: one that is known from a single source is learned as that source, and AUC on others is below .5."""
ENOUGH = 15_000
"""Rows to judge by: where the first folds hold out so many, the others are spared, for each is a training a value."""


def folds_of(
    sources: Sequence[str | None], groups: Sequence[str], targets: NDArray[np.int64], seed: int
) -> list[NDArray[np.bool_]]:
    """Return masks of the rows that are held out, shape (n,) each, three at most; no row is in two of them.

    Whole sources are held out where that gives two folds at least, each of which leaves two sources of every class to
    train on; else whole groups. A fold that does not have every class on both sides is left out; where none is left,
    the list is empty, and knobs are judged on `valid/`. A row's fold depends on the seed, and on what sources or groups
    there are, but not on the order of the rows.

    Args:
        sources: of each row; the rows of one group that have none count as a source of their own.
        groups: of each row.
        targets: class numbers, shape (n,).
        seed: of the choice among sources, or groups, of one size.

    >>> sources = ["wiki", "wiki", "news", "books", "forum", "forum", "spam", "ads"]
    >>> folds = folds_of(sources, list("abcdefgh"), np.array([1, 1, 1, 1, 0, 0, 0, 0]), seed=42)
    >>> [[source for source, out in zip(sources, held_out) if out] for held_out in folds]
    [['news', 'forum', 'forum'], ['wiki', 'wiki', 'ads'], ['books', 'spam']]
    """
    names = [group if source is None else source for source, group in zip(sources, groups, strict=True)]
    # a group that is called like a source is another unit
    units = zip((source is None for source in sources), names, strict=True)
    by_source = _folds(units, targets, seed, SOURCES_LEFT)
    return by_source if len(by_source) >= SOME else _folds(((True, group) for group in groups), targets, seed, 1)


def enough(folds: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Return folds that hold out `ENOUGH` rows together, or all; the smaller first, which leave more to train on."""
    by_size = sorted(folds, key=np.count_nonzero)
    before = np.cumsum([0, *map(np.count_nonzero, by_size)])
    return [fold for fold, rows in zip(by_size, before[:-1], strict=True) if rows < ENOUGH]


def said_of(folds: Sequence[NDArray[np.bool_]]) -> str:
    """Return where knobs are judged, for people."""
    many = "a fold" if len(folds) == 1 else f"{len(folds)} folds"
    return f"{many} of train/ by source or group" if folds else "valid/"


def _folds(
    units: Iterable[tuple[bool, str]], targets: NDArray[np.int64], seed: int, left: int
) -> list[NDArray[np.bool_]]:
    """Return the folds that hold out a unit of each class at least, and leave `left` or more of each to train on."""
    numbers: dict[tuple[bool, str], int] = {}
    unit_of_row = np.array([numbers.setdefault(unit, len(numbers)) for unit in units], dtype=np.int64)
    n_classes = int(targets.max(initial=-1)) + 1
    rows = np.zeros((len(numbers), n_classes), dtype=np.int64)
    np.add.at(rows, (unit_of_row, targets), 1)
    order, place = _dealt(rows, [stable_hash(seed, "fold", str(own), name) for own, name in numbers])
    units_of_class = (rows > 0).sum(axis=0)
    best: list[NDArray[np.bool_]] = []
    for n_folds in range(SOME, MOST + 1):
        fold_of_unit = np.empty(len(numbers), dtype=np.int64)
        fold_of_unit[order] = place % n_folds
        held_out = [fold_of_unit == number for number in range(n_folds)]
        out = [(rows[mask] > 0).sum(axis=0) for mask in held_out]
        fits = [((units >= 1) & (units_of_class - units >= left))[units_of_class > 0].all() for units in out]
        best = max(best, list(compress(held_out, fits)), key=len) if len(numbers) else []
    return [mask[unit_of_row] for mask in best]


def _dealt(rows: NDArray[np.int64], hashes: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return units in the order in which they are dealt, and each one's place: its fold is that modulo their number.

    The units of each class are dealt by themselves, largest first, the next class beginning at the next fold, so that
    not one fold gets the largest of each. A unit of several classes counts for the one that the fewest units have.

    Args:
        rows: of each unit in each class, shape (n_units, n_classes).
        hashes: of the units, which decide among those of one size.
    """
    rank = np.empty(rows.shape[1], dtype=np.int64)
    rank[np.lexsort((rows.sum(axis=0), (rows > 0).sum(axis=0)))] = np.arange(rows.shape[1])
    own = np.where(rows > 0, rank, rows.shape[1]).min(axis=1, initial=rows.shape[1])
    order = np.lexsort((np.array(hashes, dtype=np.uint64), -rows.sum(axis=1), own))
    starts = np.searchsorted(own[order], own[order])
    return order, np.arange(len(order)) - starts + own[order]
