"""Curves for `dvc plots`: ROC, precision and recall, calibration, what each cut keeps, and gold against predicted."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bonepick.evaluation.calibration import calibration, reliability
from bonepick.evaluation.cutting import KEEP_HEADER
from bonepick.evaluation.layout import CALIBRATION_FILE, CONFUSION_FILE, KEEP_FILE, PR_FILE, ROC_FILE
from bonepick.evaluation.metrics import DECIMALS, known_targets, predicted_labels
from bonepick.evaluation.multi_label import gold_matrix
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.tables import write_csv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_POINTS = 1_000


def save_curves(test: Predictions, keep_rows: Sequence[Sequence[object]], folder: Path) -> None:
    """Write the curves of a model's test rows into a folder.

    The ROC and precision-recall curves are those of the best label by score; where rows have several labels, they go
    over all pairs of a row and a label.

    Args:
        test: predictions for test rows.
        keep_rows: of `keep_table`.
        folder: which exists.
    """
    write_csv(folder / ROC_FILE, ("false_positive_rate", "true_positive_rate", "threshold"), roc_points(test))
    write_csv(folder / PR_FILE, ("recall", "precision", "threshold"), pr_points(test))
    bins = [(round(p, DECIMALS), round(o, DECIMALS), rows) for p, o, rows in calibration(*reliability(test))]
    write_csv(folder / CALIBRATION_FILE, ("predicted", "observed", "rows"), bins)
    pairs = zip(test.columns["gold"], predicted_labels(test), strict=True)
    write_csv(folder / CONFUSION_FILE, ("gold", "predicted"), pairs)
    write_csv(folder / KEEP_FILE, KEEP_HEADER, keep_rows)


def roc_points(test: Predictions) -> list[tuple[float, float, float | None]]:
    """Return false and true positive rate and threshold, thinned; the first point, that keeps nothing, has none."""
    import numpy as np
    from sklearn.metrics import roc_curve

    wanted, scores = _wanted_and_scores(test)
    if wanted.all() or not wanted.any():
        return []
    points = _thinned(np.stack(roc_curve(wanted, scores), axis=1))
    return [(f, t, threshold if np.isfinite(threshold) else None) for f, t, threshold in points]


def pr_points(test: Predictions) -> list[tuple[float, float, float]]:
    """Return recall, precision and threshold, thinned; no point without rows of the best label."""
    import numpy as np
    from sklearn.metrics import precision_recall_curve

    wanted, scores = _wanted_and_scores(test)
    if not wanted.any():
        return []
    precision, recall, thresholds = precision_recall_curve(wanted, scores)
    return _thinned(np.stack([recall[:-1], precision[:-1], thresholds], axis=1))


def _wanted_and_scores(test: Predictions) -> "tuple[NDArray[np.bool_], NDArray[np.float64]]":
    if test.multi_label:
        return gold_matrix(test).ravel(), test.probabilities.ravel()
    targets, known = known_targets(test)
    return targets == len(test.classes) - 1, test.score[known]


def _thinned(points: "NDArray[np.float64]") -> list[tuple[float, float, float]]:
    """Return at most `MAX_POINTS` evenly spaced points, the first and the last among them."""
    import numpy as np

    kept = np.unique(np.linspace(0, len(points) - 1, min(len(points), MAX_POINTS)).astype(int))
    return [(float(x), float(y), float(threshold)) for x, y, threshold in points[kept].round(DECIMALS)]
