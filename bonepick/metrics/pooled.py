"""The metrics that get an interval: each prepared from predictions as a function of the rows' weights.

Rows with a gold label that the model does not know count as wrong, and are left out of what goes by the score. For
several labels a row, AUC and average precision are means over the labels that some rows have and others have not. Where
it is not known which label is better, there is no AUC, and average precision is such a mean.
A metric that rows cannot give is None. scikit-learn's own functions are what tests compare with.
"""

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.predictions import Predictions
from bonepick.metrics.ranking import AveragePrecision, Concordance
from bonepick.metrics.weighted import Average, MacroF1, Mean, MicroF1, Weighted, among


def accuracy(predictions: Predictions) -> Weighted:
    """Return the share of rows whose label, or all of whose labels, are predicted."""
    if not predictions.multi_label:
        return Mean((predictions.targets == predictions.top).astype(np.float64))
    unknown = np.array([bool(set(labels) - set(predictions.classes)) for labels in predictions.gold_sets])
    right = (predictions.gold_matrix == predictions.predicted_matrix).all(axis=1) & ~unknown
    return Mean(right.astype(np.float64))


def macro_f1(predictions: Predictions) -> Weighted | None:
    """Return the mean F1 of the labels that some row has."""
    if not predictions.multi_label:
        # numbers in place of names: an array of strings takes the longest one's length for each
        number = {label: index for index, label in enumerate(sorted(set(predictions.columns["gold"])))}
        gold = np.array([number[label] for label in predictions.columns["gold"]], dtype=np.int64)
        predicted = np.array([number.get(label, -1) for label in predictions.predicted], dtype=np.int64)
        return MacroF1([(gold == label, predicted == label) for label in number.values()])
    labels = _had_labels(predictions)
    pairs = [(predictions.gold_matrix[:, c], predictions.predicted_matrix[:, c]) for c in labels]
    return MacroF1(pairs) if pairs else None


def micro_f1(predictions: Predictions) -> Weighted | None:
    """Return F1 over all pairs of a row and a label; None where rows have one label each."""
    if not predictions.multi_label or not _had_labels(predictions):
        return None
    return MicroF1(predictions.gold_matrix, predictions.predicted_matrix)


def auc(predictions: Predictions) -> Weighted | None:
    """Return the `Concordance` of the score with the label."""
    if predictions.multi_label:
        has = predictions.gold_matrix.astype(np.int64)
        ranks = [Concordance(predictions.probabilities[:, c], has[:, c]) for c in _parting_labels(predictions)]
        return Average(ranks) if ranks else None
    if not predictions.ordered or len(present_classes(predictions)) < 2:
        return None
    known = predictions.known
    return among(known, Concordance(predictions.score[known], predictions.targets[known]))


def average_precision(predictions: Predictions) -> Weighted | None:
    """Return the `AveragePrecision`: with two labels of the better one, with more the mean of each against the rest."""
    if predictions.multi_label:
        rows = np.ones(len(predictions), dtype=bool)
        pairs = [(c, predictions.gold_matrix[:, c]) for c in _parting_labels(predictions)]
    else:
        rows = predictions.known
        targets = predictions.targets[rows]
        present = present_classes(predictions)
        wanted = present[-1:] if len(predictions.classes) == 2 and predictions.ordered else present
        pairs = [(c, targets == c) for c in wanted] if len(present) > 1 else []
    if not pairs:
        return None
    probabilities = predictions.probabilities[rows]
    return among(rows, Average([AveragePrecision(probabilities[:, c], has) for c, has in pairs]))


def within_topic_auc(predictions: Predictions) -> Weighted | None:
    """Return the AUC among pairs of rows of one topic."""
    topics = predictions.topics
    known = topics >= 0
    if predictions.multi_label:
        has = predictions.gold_matrix[known].astype(np.int64)
        labels = _parting_labels(predictions)
        inside = [Concordance(predictions.probabilities[known, c], has[:, c], topics[known]) for c in labels]
        return among(known, Average(inside)) if inside and known.any() else None
    known = known & predictions.known
    if not predictions.ordered or len(present_classes(predictions)) < 2 or not known.any():
        return None
    return among(known, Concordance(predictions.score[known], predictions.targets[known], topics[known]))


def present_classes(predictions: Predictions) -> NDArray[np.int64]:
    """Return the numbers of the classes that some row has."""
    return np.unique(predictions.targets[predictions.known])


def _had_labels(predictions: Predictions) -> list[int]:
    labels: list[int] = np.flatnonzero(predictions.gold_matrix.any(axis=0)).tolist()
    return labels


def _parting_labels(predictions: Predictions) -> list[int]:
    """Return the labels that some rows have and others have not."""
    return [c for c in _had_labels(predictions) if not predictions.gold_matrix[:, c].all()]
