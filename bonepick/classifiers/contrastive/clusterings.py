"""Several clusterings of the same rows: what is learned inside them hangs less on where the borders of one lie."""

import math
import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from bonepick.classifiers.static.clusters import unit_length
from bonepick.classifiers.static.standardizer import BLOCK
from bonepick.core.progress import progress

MIN_FITTED, PER_CLUSTER, MAX_FITTED = 6_000, 20, 12_000
"""Rows that a clustering is fitted on: so many for each cluster, from so many to so many; others than the others'."""
STEPS = 10
"""Of k-means: centres hardly move after."""


class Clusterings:
    """k-means of the rows' directions, from a seed of its own each.

    Args:
        features: shape (n, dim).
        n_clusters: of each; as many as there are rows at most.
        n_clusterings: how many; one is enough where it has one cluster.
        seed: of rows and first centres.
    """

    def __init__(self, features: NDArray[np.float32], n_clusters: int, n_clusterings: int, seed: int) -> None:
        seeds = np.random.SeedSequence(seed).spawn(1 if n_clusters == 1 else n_clusterings)
        fitted = max(n_clusters, min(MAX_FITTED, max(MIN_FITTED, PER_CLUSTER * n_clusters)))
        self.centres = []
        with progress("cluster", "clusterings", len(seeds)) as advance:
            for each in seeds:
                rng = np.random.default_rng(each)
                chosen = np.sort(rng.permutation(len(features))[:fitted])
                self.centres.append(_centres(unit_length(features[chosen]), n_clusters, rng))
                advance(1)

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the cluster of each row in each clustering, shape (n_clusterings, n)."""
        numbers = np.empty((len(self.centres), len(features)), dtype=np.int32)
        with progress("put into clusters", "rows", len(features)) as advance:
            for start in range(0, len(features), BLOCK):
                block = unit_length(features[start : start + BLOCK])
                for row, centres in zip(numbers, self.centres, strict=True):
                    # the nearest: what all centres have of the squared distance is left out
                    row[start : start + BLOCK] = (block @ centres.T - np.square(centres).sum(axis=1) / 2).argmax(axis=1)
                advance(len(block))
        return numbers


def _centres(rows: NDArray[np.float32], n_clusters: int, rng: np.random.Generator) -> NDArray[np.float32]:
    first = _first_centres(rows, min(n_clusters, len(rows)), rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct texts than clusters: some stay empty
        fitted = KMeans(len(first), init=first, n_init=1, max_iter=STEPS).fit(rows)
    centres: NDArray[np.float32] = fitted.cluster_centers_
    return centres


def _first_centres(rows: NDArray[np.float32], n_clusters: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return rows far from each other: greedy k-means++ (Arthur and Vassilvitskii 2007), as scikit-learn does it.

    Any rows do not: on texts of the sample pairs of such clusters are worth half as much.

    Args:
        rows: of unit length, shape (n, dim), so that distances are products.
        n_clusters: how many.
        rng: what draws.
    """
    trials = 2 + int(math.log(n_clusters))
    chosen = [int(rng.integers(len(rows)))]
    nearest = np.maximum(1 - rows @ rows[chosen[0]], 0)
    while len(chosen) < n_clusters:
        cumulated = np.cumsum(nearest, dtype=np.float64)
        drawn = np.searchsorted(cumulated, rng.random(trials) * cumulated[-1]).clip(max=len(rows) - 1)
        distances = np.minimum(np.maximum(1 - rows[drawn] @ rows.T, 0), nearest)
        best = int(distances.sum(axis=1).argmin())
        chosen.append(int(drawn[best]))
        nearest = distances[best]
    return rows[chosen]
