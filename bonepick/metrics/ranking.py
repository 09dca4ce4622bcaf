"""How well scores rank rows: prepared once, so that the metric under any weights of the rows is one pass.

A bootstrap resample is a weight for each row, the number of times that it was drawn; sorting again for each of a
thousand resamples would take most of the time.
"""

from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import NDArray


@dataclass
class Concordance:
    """Share of pairs of different label in which the better one has the higher score; ties count half.

    With two labels this is the area under the ROC curve; with more, the c-index (Harrell et al. 1982). With topics,
    only pairs of rows of one topic count.

    Attributes:
        scores: shape (n,).
        targets: class numbers, shape (n,).
        topics: topic numbers, shape (n,).

    >>> import numpy as np
    >>> ranks = Concordance(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    >>> ranks(np.ones(4)), ranks(np.array([1, 0, 1, 1]))
    (0.75, 1.0)
    """

    scores: NDArray[np.float64]
    targets: NDArray[np.int64]
    topics: NDArray[np.int64] | None = None
    order: NDArray[np.int64] = field(init=False)
    """Rows sorted by topic, then score."""

    def __post_init__(self) -> None:
        topics = np.zeros(len(self.scores), dtype=np.int64) if self.topics is None else self.topics
        self.order = np.lexsort((self.scores, topics))
        scores, topics = self.scores[self.order], topics[self.order]
        new_topic = np.append(True, topics[1:] != topics[:-1])
        starts = np.flatnonzero(new_topic | np.append(True, scores[1:] != scores[:-1]))
        self._ties = starts  # first row of each run of equal scores
        self._topics = np.flatnonzero(new_topic[starts])  # first such run of each topic
        self._runs = np.diff(np.append(self._topics, len(starts)))  # how many each topic has
        sorted_targets = self.targets[self.order]
        self._worse_better = [
            ((sorted_targets < c).astype(np.float64), (sorted_targets == c).astype(np.float64))
            for c in np.unique(self.targets)[1:]
        ]

    def __call__(self, weights: NDArray[np.float64]) -> float:
        """Return the share when a row counts `weights` times, shape (n,); NaN where there is no pair."""
        weights = weights[self.order]
        won = pairs = 0.0
        for worse, better in self._worse_better:
            low, high = (_sums(weights * rows, self._ties) for rows in (worse, better))
            below = np.cumsum(low)
            below -= low
            if len(self._topics) > 1:
                below -= np.repeat(below[self._topics], self._runs)
                pairs += float(np.add.reduceat(high, self._topics) @ np.add.reduceat(low, self._topics))
            else:
                pairs += float(high.sum() * low.sum())
            low /= 2
            below += low
            won += float(high @ below)
        return won / pairs if pairs else nan


@dataclass
class AveragePrecision:
    """Mean over the wanted rows of the precision at their score, as scikit-learn defines it.

    Attributes:
        scores: shape (n,).
        wanted: which rows are looked for, shape (n,).

    >>> import numpy as np
    >>> precision = AveragePrecision(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> round(precision(np.ones(4)), 4)
    0.8333
    """

    scores: NDArray[np.float64]
    wanted: NDArray[np.bool_]

    def __post_init__(self) -> None:
        self._order = np.argsort(-self.scores, kind="stable")
        scores = self.scores[self._order]
        self._ties = np.flatnonzero(np.append(True, scores[1:] != scores[:-1]))
        self._hits = self.wanted[self._order].astype(np.float64)

    def __call__(self, weights: NDArray[np.float64]) -> float:
        """Return the mean when a row counts `weights` times, shape (n,); NaN where no row is wanted."""
        weights = weights[self._order]
        hits = _sums(weights * self._hits, self._ties)
        kept = np.cumsum(_sums(weights, self._ties))
        all_hits = np.cumsum(hits)
        precision = np.divide(all_hits, kept, out=np.zeros_like(kept), where=kept > 0)
        return float(hits @ precision / all_hits[-1]) if all_hits[-1] else nan


def _sums(values: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sum of each run of values; where all runs have one value, which is usual, that is the values."""
    if len(starts) == len(values):
        return values
    sums: NDArray[np.float64] = np.add.reduceat(values, starts)
    return sums


def concordance(scores: NDArray[np.float64], targets: NDArray[np.int64]) -> float:
    """Return the `Concordance` of scores with class numbers, each row counted once."""
    return Concordance(scores, targets)(np.ones(len(scores)))
