"""Pairs of examples with different labels, drawn inside clusters."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bonepick.core.errors import BonepickError


@dataclass(frozen=True)
class Pairs:
    """Row numbers: `better[i]` has a higher class than `worse[i]` and lies in the same cluster; int64, (n_pairs,)."""

    better: NDArray[np.int64]
    worse: NDArray[np.int64]


def draw_pairs(clusters: NDArray[np.int64], targets: NDArray[np.int64], n_pairs: int, seed: int) -> Pairs:
    """Draw pairs, with replacement, each with equal chance among all pairs of different classes inside clusters.

    Args:
        clusters: cluster of each row, shape (n,).
        targets: class number of each row, shape (n,).
        n_pairs: how many.
        seed: of the draw.

    Raises:
        BonepickError: no cluster holds two classes.
    """
    rng = np.random.default_rng(seed)
    cells: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []  # rows of a worse class, rows of a better one
    for cluster in np.unique(clusters):
        rows = np.flatnonzero(clusters == cluster)
        classes = [rows[targets[rows] == target] for target in np.unique(targets[rows])]
        cells += combinations(classes, 2)
    if not cells:
        raise BonepickError("no cluster holds rows of two different labels: take fewer clusters (n_clusters)")
    sizes = np.array([len(worse) * len(better) for worse, better in cells], dtype=np.float64)
    drawn = list(zip(cells, rng.multinomial(n_pairs, sizes / sizes.sum()), strict=True))
    chosen_better = [rng.choice(better, n) for (_, better), n in drawn]
    chosen_worse = [rng.choice(worse, n) for (worse, _), n in drawn]
    return Pairs(np.concatenate(chosen_better), np.concatenate(chosen_worse))
