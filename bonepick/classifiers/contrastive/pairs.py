"""Pairs of rows with different labels inside clusters: all of them, or an even sample."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ClusterWeight = Literal["pairs", "sqrt", "size"]


@dataclass(frozen=True)
class Pairs:
    """Rows numbers of pairs.

    Attributes:
        better: rows of a higher class, int64, shape (n_pairs,).
        worse: row of a lower class in the same cluster, for each.
        weights: what each pair counts, float64, shape (n_pairs,); their sum is 1.
        possible: how many pairs there are in all.
        clusters: how many clusters hold two classes.
    """

    better: NDArray[np.int64]
    worse: NDArray[np.int64]
    weights: NDArray[np.float64]
    possible: int
    clusters: int

    def __len__(self) -> int:
        return len(self.better)


@dataclass(frozen=True)
class Weighting:
    """What pairs count.

    Attributes:
        cluster: in all a cluster's pairs count as many as they are, the square root of that, or as many as its rows.
        label_distance: power of the difference of class numbers that a pair counts; 0 makes all alike.
    """

    cluster: ClusterWeight = "pairs"
    label_distance: float = 0.0


def draw_pairs(
    clusters: NDArray[np.int32], targets: NDArray[np.int64], n_pairs: int, weighting: Weighting, seed: int
) -> Pairs:
    """Draw pairs of different classes inside clusters, without replacement, each row of a cluster as often as others.

    Each cluster and pair of classes gets a share of the pairs by what it counts, but so many that each of its rows is
    in one; where it has no more than its share, all.

    Args:
        clusters: cluster of each row, shape (n,).
        targets: class number of each row, shape (n,).
        n_pairs: about how many.
        weighting: what they count.
        seed: of the draw.

    Returns:
        Pairs; none where no cluster holds two classes.
    """
    order = np.random.default_rng(seed).permutation(len(targets))
    order = order[np.lexsort((targets[order], clusters[order]))]
    sorted_clusters, sorted_targets = clusters[order], targets[order]
    new = np.append(True, (np.diff(sorted_clusters) != 0) | (np.diff(sorted_targets) != 0))
    starts = np.flatnonzero(new)[: len(order)]
    cells = _cells(sorted_clusters[starts], sorted_targets[starts], starts, np.diff(np.append(starts, len(order))))
    if not len(cells.worse):
        nothing = np.zeros(0, dtype=np.int64)
        return Pairs(nothing, nothing, np.zeros(0), 0, 0)
    shares = cells.shares(weighting)
    wanted = np.maximum(np.ceil(shares * n_pairs), cells.enough()).astype(np.int64)
    drawn = np.minimum(wanted, cells.possible)
    cell = np.repeat(np.arange(len(drawn)), drawn)
    step = np.arange(len(cell)) - np.repeat(np.cumsum(drawn) - drawn, drawn)
    n_worse, n_better = cells.n_worse[cell], cells.n_better[cell]
    round_ = step // np.lcm(n_worse, n_better)  # both walk in circles; a shift each round makes every pair come once
    return Pairs(
        order[cells.better[cell] + step % n_better],
        order[cells.worse[cell] + (step + round_) % n_worse],
        (shares / drawn)[cell],
        int(cells.possible.sum()),
        len(np.unique(cells.cluster)),
    )


@dataclass(frozen=True)
class _Cells:
    """Pairs of classes in a cluster: where their rows begin among the sorted ones, and how many they are."""

    cluster: NDArray[np.int64]
    worse: NDArray[np.int64]
    better: NDArray[np.int64]
    n_worse: NDArray[np.int64]
    n_better: NDArray[np.int64]
    distance: NDArray[np.int64]
    n_rows: NDArray[np.int64]
    """Of the cluster."""

    @property
    def possible(self) -> NDArray[np.int64]:
        return self.n_worse * self.n_better

    def shares(self, weighting: Weighting) -> NDArray[np.float64]:
        _, cluster = np.unique(self.cluster, return_inverse=True)
        worth = self.possible * self.distance.astype(np.float64) ** weighting.label_distance
        pairs, rows = np.bincount(cluster, self.possible), np.bincount(cluster, self.n_rows) / np.bincount(cluster)
        of_cluster = {"pairs": pairs, "sqrt": np.sqrt(pairs), "size": rows}[weighting.cluster]
        shares: NDArray[np.float64] = worth / np.bincount(cluster, worth)[cluster] * of_cluster[cluster]
        shares /= shares.sum()
        return shares

    def enough(self) -> NDArray[np.float64]:
        """Return how many pairs have each row of a cluster in one."""
        _, cluster, cells = np.unique(self.cluster, return_inverse=True, return_counts=True)
        wanted: NDArray[np.float64] = np.ceil(np.maximum(self.n_worse, self.n_better) / cells[cluster])
        return wanted


def _cells(
    clusters: NDArray[np.int32], targets: NDArray[np.int64], starts: NDArray[np.int64], counts: NDArray[np.int64]
) -> _Cells:
    """Pair the runs of sorted rows of one cluster and class with those of the cluster's higher classes."""
    worse, better = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for lag in range(1, len(np.unique(targets))):
        first = np.flatnonzero(clusters[:-lag] == clusters[lag:])
        worse.append(first)
        better.append(first + lag)
    low, high = np.concatenate(worse), np.concatenate(better)
    cluster = clusters[low].astype(np.int64)
    n_rows = np.bincount(clusters, counts).astype(np.int64)[cluster]
    distance = targets[high] - targets[low]
    return _Cells(cluster, starts[low], starts[high], counts[low], counts[high], distance, n_rows)
