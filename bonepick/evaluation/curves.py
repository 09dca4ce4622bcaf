"""Curves and tables for `dvc plots`: precision and recall, and gold against predicted labels."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from bonepick.evaluation.metrics import DECIMALS, known_targets, predicted_labels
from bonepick.evaluation.multi_label import gold_matrix
from bonepick.evaluation.predictions import Predictions

PR_FILE = "pr_curve.csv"
CONFUSION_FILE = "confusion.csv"
MAX_POINTS = 1_000


def save_curves(test: Predictions, folder: Path) -> None:
    """Write the curves of a model's test rows.

    The precision-recall curve is that of the best label by score; where rows have several labels, it goes over all
    pairs of a row and a label.
    """
    _save(folder / PR_FILE, ("recall", "precision", "threshold"), pr_points(test))
    pairs = zip(test.columns["gold"], predicted_labels(test), strict=True)
    _save(folder / CONFUSION_FILE, ("gold", "predicted"), pairs)


def pr_points(test: Predictions) -> list[tuple[float, float, float]]:
    """Return recall, precision and threshold, thinned to at most `MAX_POINTS` evenly spaced points."""
    import numpy as np
    from sklearn.metrics import precision_recall_curve

    if test.multi_label:
        wanted, scores = gold_matrix(test).ravel(), test.probabilities.ravel()
    else:
        targets, known = known_targets(test)
        wanted, scores = targets == len(test.classes) - 1, test.score[known]
    if not wanted.any():
        return []
    precision, recall, thresholds = precision_recall_curve(wanted, scores)
    points = np.stack([recall[:-1], precision[:-1], thresholds], axis=1)
    kept = np.unique(np.linspace(0, len(points) - 1, min(len(points), MAX_POINTS)).astype(int))
    return [(float(r), float(p), float(t)) for r, p, t in points[kept].round(DECIMALS)]


def _save(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
