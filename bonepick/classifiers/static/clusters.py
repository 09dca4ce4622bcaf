"""k-means clusters of texts, by the direction of their embeddings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.cluster import KMeans

MAX_FITTED = 50_000
"""Rows that k-means is fitted on at most: centres of some hundred clusters do not move with more."""


@dataclass(frozen=True)
class Clusters:
    """Fitted clusters: features -> cluster numbers."""

    means: "KMeans"

    def __call__(self, features: "NDArray[np.float32]") -> "NDArray[np.int64]":
        """Return the cluster of each row, int64, shape (n,)."""
        import numpy as np

        numbers: NDArray[np.int64] = self.means.predict(unit_length(features)).astype(np.int64)
        return numbers

    def distances(self, features: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """Return how far each row is from each centre, 0 to 2, shape (n, n_clusters)."""
        distances: NDArray[np.float32] = self.means.transform(unit_length(features))
        return distances


def fit_clusters(features: "NDArray[np.float32]", n_clusters: int, seed: int) -> Clusters:
    """Fit k-means on features of unit length.

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
        means.fit(unit_length(features[np.sort(chosen)]))
    return Clusters(means)


def unit_length(features: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Return each row divided by its length; rows of zeros stay as they are."""
    import numpy as np

    unit: NDArray[np.float32] = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return unit
