"""Curves: ROC, precision and recall, and gold against predicted labels.

The ROC and precision-recall curves are those of the best label by score; where rows have several labels, or the best
one is not known, they go over all pairs of a row and a label.
"""

from itertools import starmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.predictions import DECIMALS, Predictions

MAX_POINTS = 1_000


class RocPoint(NamedTuple):
    """What a threshold lets through; None is the threshold that keeps nothing."""

    false_positive_rate: float
    true_positive_rate: float
    threshold: float | None


class PrPoint(NamedTuple):
    """What a threshold finds, and how pure that is."""

    recall: float
    precision: float
    threshold: float


class LabelPair(NamedTuple):
    """The gold label of a row and the predicted one."""

    gold: str
    predicted: str


def roc_points(test: Predictions) -> list[RocPoint]:
    """Return the ROC curve, thinned; no point where rows are all of the best label, or none is."""
    from sklearn.metrics import roc_curve  # takes a second, which what only reads curves does without

    wanted, scores = _wanted_and_scores(test)
    if wanted.all() or not wanted.any():
        return []
    points = _thinned(np.stack(roc_curve(wanted, scores), axis=1))
    return [RocPoint(f, t, threshold if np.isfinite(threshold) else None) for f, t, threshold in points]


def pr_points(test: Predictions) -> list[PrPoint]:
    """Return the precision-recall curve, thinned; no point without rows of the best label."""
    from sklearn.metrics import precision_recall_curve

    wanted, scores = _wanted_and_scores(test)
    if not wanted.any():
        return []
    precision, recall, thresholds = precision_recall_curve(wanted, scores)
    return list(starmap(PrPoint, _thinned(np.stack([recall[:-1], precision[:-1], thresholds], axis=1))))


def label_pairs(test: Predictions) -> list[LabelPair]:
    """Return gold and predicted label of each row."""
    return list(starmap(LabelPair, zip(test.columns["gold"], test.predicted, strict=True)))


def _wanted_and_scores(test: Predictions) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    if not test.ranked:
        return test.gold_matrix.ravel(), test.probabilities.ravel()
    return test.targets[test.known] == len(test.classes) - 1, test.score[test.known]


def _thinned(points: NDArray[np.float64]) -> list[tuple[float, float, float]]:
    """Return at most `MAX_POINTS` evenly spaced points, the first and the last among them."""
    kept = np.unique(np.linspace(0, len(points) - 1, min(len(points), MAX_POINTS)).astype(int))
    return [(float(x), float(y), float(threshold)) for x, y, threshold in points[kept].round(DECIMALS)]
