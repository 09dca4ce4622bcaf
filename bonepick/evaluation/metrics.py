"""The headline figures of one model on some rows, prepared so that they are cheap under any weights of the rows.

A figure that rows cannot give is left out, never null or NaN. scikit-learn's own functions are what tests compare with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, TypeAlias

from bonepick.evaluation.multi_label import gold_matrix, predicted_matrix
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.ranking import AveragePrecision, Concordance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DECIMALS = 6

Figure: TypeAlias = Callable[["NDArray[np.float64]"], float]
"""Weights of the rows, shape (n,) -> value; NaN where rows of these weights cannot give it."""


def figures(predictions: Predictions) -> dict[str, float]:
    """Return accuracy, macro_f1, auc, average_precision and within_topic_auc; micro_f1 for several labels a row.

    Rows with a gold label that the model does not know count as wrong, and are left out of the last three, which go
    by the score. For several labels a row, these are means over the labels that some rows have and others have not;
    F1 is of the labels that some row has.

    Returns:
        Figure name -> value; without auc where only one known label occurs, empty without rows.
    """
    import numpy as np

    once = np.ones(len(predictions.probabilities))
    found = {name: figure(once) for name, figure in prepared_figures(predictions).items()}
    return {name: round(value, DECIMALS) for name, value in found.items() if not np.isnan(value)}


def prepared_figures(predictions: Predictions) -> dict[str, Figure]:
    """Return the headline figures as functions of the rows' weights; see `figures`."""
    if not predictions.columns["gold"]:
        return {}
    return _of_several_labels(predictions) if predictions.multi_label else _of_one_label(predictions)


def _of_one_label(predictions: Predictions) -> dict[str, Figure]:
    import numpy as np

    gold = np.array(predictions.columns["gold"])
    predicted = np.array(predicted_labels(predictions))
    labels = sorted(set(gold.tolist()))
    found: dict[str, Figure] = {
        "accuracy": _Mean((gold == predicted).astype(np.float64)),
        "macro_f1": _MacroF1([(gold == label, predicted == label) for label in labels]),
    }
    targets, known = known_targets(predictions)
    present = np.unique(targets)
    if len(present) < 2:
        return found
    topics, chances = _topics(predictions), predictions.probabilities[known]
    found["auc"] = _among(known, Concordance(predictions.score[known], targets))
    # with two labels the better one is what is looked for; with more, each one against the rest
    wanted = present[-1:] if len(predictions.classes) == 2 else present
    precisions = [AveragePrecision(chances[:, c], targets == c) for c in wanted]
    found["average_precision"] = _among(known, _Average(precisions))
    if (both := known & (topics >= 0)).any():
        targets, scores = targets[both[known]], predictions.score[both]
        found["within_topic_auc"] = _among(both, Concordance(scores, targets, topics[both]))
    return found


def _of_several_labels(predictions: Predictions) -> dict[str, Figure]:
    import numpy as np

    gold, predicted = gold_matrix(predictions), predicted_matrix(predictions)
    strange = np.array([bool(set(labels) - set(predictions.classes)) for labels in predictions.gold_sets])
    columns = np.flatnonzero(gold.any(axis=0)).tolist()
    found: dict[str, Figure] = {
        "accuracy": _Mean(((gold == predicted).all(axis=1) & ~strange).astype(np.float64)),
    }
    if columns:
        found["micro_f1"] = _MicroF1(gold, predicted)
        found["macro_f1"] = _MacroF1([(gold[:, c], predicted[:, c]) for c in columns])
    topics, chances = _topics(predictions), predictions.probabilities
    if both := [c for c in columns if not gold[:, c].all()]:
        has = gold.astype(np.int64)
        found["auc"] = _Average([Concordance(chances[:, c], has[:, c]) for c in both])
        found["average_precision"] = _Average([AveragePrecision(chances[:, c], gold[:, c]) for c in both])
        if (of := topics >= 0).any():
            inside = [Concordance(chances[of, c], has[of, c], topics[of]) for c in both]
            found["within_topic_auc"] = _among(of, _Average(inside))
    return found


def predicted_labels(predictions: Predictions) -> list[str]:
    """Return the most probable label of each row, of equally probable ones the worse; or all its labels, joined."""
    if predictions.multi_label:
        return [" ".join(compress(predictions.classes, row)) for row in predicted_matrix(predictions)]
    return [predictions.classes[index] for index in predictions.probabilities.argmax(axis=1)]


def known_targets(predictions: Predictions) -> "tuple[NDArray[np.int64], NDArray[np.bool_]]":
    """Return the class numbers of the rows whose gold label the model knows, and which rows those are."""
    import numpy as np

    number = {label: index for index, label in enumerate(predictions.classes)}
    targets = np.array([number.get(label, -1) for label in predictions.columns["gold"]], dtype=np.int64)
    return targets[targets >= 0], targets >= 0


def concordance(scores: "NDArray[np.float64]", targets: "NDArray[np.int64]") -> float:
    """Return the `Concordance` of scores with class numbers, each row counted once."""
    import numpy as np

    return Concordance(scores, targets)(np.ones(len(scores)))


def _topics(predictions: Predictions) -> "NDArray[np.int64]":
    """Return the topic of each row, -1 where it is not known."""
    import numpy as np

    return np.array([-1 if topic is None else topic for topic in predictions.columns["topic"]], dtype=np.int64)


def _among(rows: "NDArray[np.bool_]", figure: Figure) -> Figure:
    """Return a figure of some of the rows as one of all rows' weights."""
    import numpy as np

    if rows.all():
        return figure
    numbers = np.flatnonzero(rows)  # to choose by numbers takes a fraction of the time that a mask does
    return lambda weights: figure(weights[numbers])


@dataclass
class _Average:
    """The mean of figures, of those that the rows can give."""

    figures: Sequence[Figure]

    def __call__(self, weights: "NDArray[np.float64]") -> float:
        values = [value for figure in self.figures if (value := figure(weights)) == value]  # NaN differs from itself
        return sum(values) / len(values) if values else float("nan")


@dataclass
class _Mean:
    """The mean of one value a row."""

    values: "NDArray[np.float64]"

    def __call__(self, weights: "NDArray[np.float64]") -> float:
        whole = float(weights.sum())
        return float(weights @ self.values) / whole if whole else float("nan")


class _MacroF1:
    """The mean of the labels' F1, each from which rows have it and which are predicted to; labels of no row count 0."""

    def __init__(self, labels: "Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]") -> None:
        import numpy as np

        self.hits = np.array([gold & predicted for gold, predicted in labels], dtype=np.float64)
        self.either = np.array([gold.astype(int) + predicted for gold, predicted in labels], dtype=np.float64)

    def __call__(self, weights: "NDArray[np.float64]") -> float:
        import numpy as np

        hits, either = self.hits @ weights, self.either @ weights
        return float(np.mean(np.divide(2 * hits, either, out=np.zeros_like(hits), where=either > 0)))


class _MicroF1:
    """F1 over all pairs of a row and a label."""

    def __init__(self, gold: "NDArray[np.bool_]", predicted: "NDArray[np.bool_]") -> None:
        self.hits, self.either = (gold & predicted).sum(axis=1), (gold.astype(int) + predicted).sum(axis=1)

    def __call__(self, weights: "NDArray[np.float64]") -> float:
        either = float(weights @ self.either)
        return 2 * float(weights @ self.hits) / either if either else 0.0
