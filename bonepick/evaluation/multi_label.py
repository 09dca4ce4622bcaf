"""Figures of rows that have several labels, or none: each label is a yes or no of its own."""

from typing import TYPE_CHECKING

from bonepick.evaluation.predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLD = 0.5
"""A label is predicted from this probability on."""


def gold_matrix(predictions: Predictions) -> "NDArray[np.bool_]":
    """Return which of the labels that the model knows each row has, shape (n, n_classes)."""
    import numpy as np

    rows = [[label in gold for label in predictions.classes] for gold in predictions.gold_sets]
    return np.array(rows, dtype=bool).reshape(-1, len(predictions.classes))


def predicted_matrix(predictions: Predictions) -> "NDArray[np.bool_]":
    """Return which labels the model gives each row, shape (n, n_classes)."""
    matrix: NDArray[np.bool_] = predictions.probabilities >= THRESHOLD
    return matrix


def multi_label_figures(predictions: Predictions) -> dict[str, float]:
    """Return accuracy (all labels of a row right), micro_f1, macro_f1, and the means over labels of auc and
    average_precision; these two go over the labels that some rows have and others have not.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

    gold, predicted = gold_matrix(predictions), predicted_matrix(predictions)
    strange = np.array([bool(set(labels) - set(predictions.classes)) for labels in predictions.gold_sets])
    found = {
        "accuracy": float(((gold == predicted).all(axis=1) & ~strange).mean()),
        "micro_f1": float(f1_score(gold, predicted, average="micro", zero_division=0.0)),
        "macro_f1": float(f1_score(gold, predicted, average="macro", zero_division=0.0)),
    }
    both = [column for column in range(gold.shape[1]) if 0 < gold[:, column].sum() < len(gold)]
    if both:
        for name, figure in (("auc", roc_auc_score), ("average_precision", average_precision_score)):
            each = [figure(gold[:, column], predictions.probabilities[:, column]) for column in both]
            found[name] = float(np.mean(each))
    return found
