"""Pairs of examples with different labels, drawn inside k-means clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from bonepick.core.errors import BonepickError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_FITTED = 50_000
"""Rows that k-means is fitted on at most: centres of some hundred clusters do not move with more."""


@dataclass(frozen=True)
class Pairs:
    """Row numbers: `better[i]` has a higher class than `worse[i]` and lies in the same cluster; int64, (n_pairs,)."""

    better: "NDArray[np.int64]"
    worse: "NDArray[np.int64]"


def fit_clusters(
    features: "NDArray[np.float32]", n_clusters: int, seed: int
) -> "Callable[[NDArray[np.float32]], NDArray[np.int64]]":
    """Fit k-means on features of unit length, and return the function features -> cluster numbers.

    Args:
        features: shape (n, dim).
        n_clusters: as many as there are rows at most; more are cut to that.
        seed: of the first centres.
    """
    import warnings

    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    chosen = np.random.default_rng(seed).permutation(len(features))[:MAX_FITTED]
    means = KMeans(min(n_clusters, len(chosen)), n_init=1, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct texts than clusters: some stay empty
        means.fit(_unit(features[np.sort(chosen)]))
    return lambda some: means.predict(_unit(some)).astype(np.int64)


def _unit(features: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    unit: NDArray[np.float32] = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return unit


def draw_pairs(clusters: "NDArray[np.int64]", targets: "NDArray[np.int64]", n_pairs: int, seed: int) -> Pairs:
    """Draw pairs, with replacement, each with equal chance among all pairs of different classes inside clusters.

    Args:
        clusters: cluster of each row, shape (n,).
        targets: class number of each row, shape (n,).
        n_pairs: how many.
        seed: of the draw.

    Raises:
        BonepickError: no cluster holds two classes.
    """
    import numpy as np

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
