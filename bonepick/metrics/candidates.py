"""Candidates for thresholds: one for each distinct score of the validation rows, with what it keeps of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.reweighted import Reweighted

TOLERANCE = 1e-9
"""Of re-weighted shares, which are off by some last bits."""


@dataclass(frozen=True)
class Candidates:
    """What each possible threshold keeps of the validation rows, the highest first.

    Attributes:
        scores: the lowest that is kept, shape (n_candidates,); equal scores are never parted.
        rows: how many are kept.
        kept, precision, recall, f1: shares.
        words: share that is kept; None where it is not known.
    """

    scores: NDArray[np.float64]
    rows: NDArray[np.int64]
    kept: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    words: NDArray[np.float64] | None

    def threshold(self, number: int) -> float:
        """Return a threshold that keeps exactly what a candidate keeps; 0 where that is all rows."""
        if number == len(self.scores) - 1:
            return 0.0
        return number_between(float(self.scores[number + 1]), float(self.scores[number]))

    def largest_within(self, shares: NDArray[np.float64], budget: float) -> float | None:
        """Return the threshold that keeps most but no more than a budget, of shares that grow; None if none does."""
        within = int(np.searchsorted(shares, budget + TOLERANCE, side="right"))
        return self.threshold(within - 1) if within else None


def candidates(valid: Predictions, params: EvalParams) -> Candidates | None:
    """Return the possible thresholds of validation rows; None where these cannot tell a good one."""
    if not valid.ranked:
        return None
    rows = Reweighted(valid, params)
    if not rows.good.any() or rows.good.all():
        return None
    order = np.argsort(-rows.scores, kind="stable")
    scores = rows.scores[order]
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))

    def sums(amounts: NDArray[np.int64]) -> list[NDArray[Any]]:
        return [count * np.cumsum((amounts * part)[order])[last] for part, count in rows.parts()]

    hits, misses = sums(np.ones(len(order), dtype=np.int64))
    kept = hits + misses
    n_good = hits[-1]
    words = rows.amounts("words")
    word_shares = None
    if words is not None:
        word_shares = sum(sums(words), np.zeros(len(last)))
        word_shares /= word_shares[-1]
    shares = kept / kept[-1], hits / kept, hits / n_good, 2 * hits / (kept + n_good)
    return Candidates(scores[last], last + 1, *shares, word_shares)


def number_between(low: float, high: float) -> float:
    """Return a number between two: of those in the middle half, the one with the fewest decimals nearest the middle.

    A threshold in the middle is one that last bits of scores, which differ from one machine to the next, cannot cross.

    >>> number_between(0.61, 0.62), number_between(0.2, 0.9), number_between(0.5, 0.5000000000000001)
    (0.615, 0.6, 0.5000000000000001)
    """
    middle = (low + high) / 2
    room = (high - low) / 4
    for decimals in range(1, 17):
        short = round(middle, decimals)
        if abs(short - middle) <= room and low < short <= high:
            return short
    return high
