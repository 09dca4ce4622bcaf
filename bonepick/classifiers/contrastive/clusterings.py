"""Several clusterings of the same rows: what is learned inside them hangs less on where the borders of one lie."""

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.static.clusters import fit_clusters
from bonepick.classifiers.static.standardizer import BLOCK

MIN_FITTED = 10_000
PER_CLUSTER = 20
"""Rows that a clustering is fitted on: so many at least, and so many for each cluster; each on rows of its own."""


class Clusterings:
    """k-means with a seed of its own each.

    Args:
        features: shape (n, dim).
        n_clusters: of each; as many as there are rows at most.
        n_clusterings: how many; one is enough where it has one cluster.
        seed: of rows and centres.
    """

    def __init__(self, features: NDArray[np.float32], n_clusters: int, n_clusterings: int, seed: int) -> None:
        seeds = np.random.SeedSequence(seed).generate_state(1 if n_clusters == 1 else n_clusterings) >> 1
        fitted = max(MIN_FITTED, PER_CLUSTER * n_clusters)
        self.fitted = [fit_clusters(features, n_clusters, int(each), fitted, rough=True) for each in seeds]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the cluster of each row in each clustering, shape (n_clusterings, n)."""
        numbers = np.empty((len(self.fitted), len(features)), dtype=np.int32)
        for start in range(0, len(features), BLOCK):
            block = features[start : start + BLOCK]
            for row, clusters in zip(numbers, self.fitted, strict=True):
                row[start : start + BLOCK] = clusters(block)
        return numbers
