"""Figures of rows that have several labels, or none: each label is a yes or no of its own."""

from typing import TYPE_CHECKING, Any

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


def for_scikit_learn(predictions: Predictions) -> "tuple[Any, Any, list[Any]]":
    """Return gold and predicted labels and which values stand for the model's classes, as scikit-learn takes them.

    A matrix of one column would be taken for one label a row, and its 0s for a label of their own.
    """
    gold, predicted = gold_matrix(predictions), predicted_matrix(predictions)
    if len(predictions.classes) == 1:
        return gold[:, 0], predicted[:, 0], [True]
    return gold, predicted, list(range(len(predictions.classes)))


def predicted_matrix(predictions: Predictions) -> "NDArray[np.bool_]":
    """Return which labels the model gives each row, shape (n, n_classes)."""
    matrix: NDArray[np.bool_] = predictions.probabilities >= THRESHOLD
    return matrix
