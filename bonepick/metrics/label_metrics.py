"""Metrics of each label, as scikit-learn defines them, and their averages over the labels that some row has."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.predictions import Predictions
from bonepick.metrics.ranking import concordance


def label_metrics(test: Predictions) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Yield each label that some row has, the number of its rows, and its metrics by name.

    Labels that the model does not know come last; they have no AUC and no average precision.
    """
    from sklearn.metrics import average_precision_score

    labels, each = _label_scores(test)
    has = {label: np.array([label in gold for gold in test.gold_sets], dtype=np.int64) for label in test.classes}
    for label, precision, recall, f1, support in zip(labels, *each, strict=True):
        metrics = {"precision": precision, "recall": recall, "f1": f1}
        if label in has and support < len(test):
            probabilities = test.probabilities[:, test.classes.index(label)]
            metrics["auc"] = concordance(probabilities, has[label])
            metrics["average_precision"] = average_precision_score(has[label], probabilities)
        yield label, int(support), {name: float(value) for name, value in metrics.items()}


def label_average(which: int, weighted: bool = False) -> Callable[[Predictions], float | None]:
    """Return the function that averages precision (0), recall (1) or F1 (2) over the labels that some row has.

    Args:
        which: of them.
        weighted: labels count by their rows, and not each once.
    """

    def average(test: Predictions) -> float | None:
        labels, each = _label_scores(test)
        return float(np.average(each[which], weights=each[3] if weighted else None)) if labels else None

    return average


def for_scikit_learn(test: Predictions) -> tuple[Any, Any, list[Any]]:
    """Return gold and predicted labels and which values stand for the model's classes, where rows have several labels.

    A matrix of one column would be taken for one label a row, and its 0s for a label of their own.
    """
    if len(test.classes) == 1:
        return test.gold_matrix[:, 0], test.predicted_matrix[:, 0], [True]
    return test.gold_matrix, test.predicted_matrix, list(range(len(test.classes)))


def _label_scores(test: Predictions) -> tuple[list[str], tuple[NDArray[Any], ...]]:
    """Return the labels that some row has, and their precision, recall, F1 and number of rows."""
    from sklearn.metrics import precision_recall_fscore_support

    had = {label for labels in test.gold_sets for label in labels}
    labels = [label for label in test.classes if label in had]
    if test.multi_label:
        gold, predicted, values = for_scikit_learn(test)
        values = [value for label, value in zip(test.classes, values, strict=True) if label in had]
    else:  # numbers in place of names: scikit-learn takes long to compare strings
        labels += sorted(had - set(test.classes))
        number = {label: index for index, label in enumerate([*test.classes, *labels])}
        gold, predicted = ([number[name] for name in names] for names in (test.columns["gold"], test.predicted))
        values = [number[label] for label in labels]
    if not labels:
        return [], ()
    return labels, precision_recall_fscore_support(gold, predicted, labels=values, zero_division=0.0)
