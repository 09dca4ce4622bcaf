"""The full table of an evaluation, `figures.csv`: one line for each figure of all rows, a dataset, source or label."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from bonepick.evaluation.calibration import calibration_error, reliability
from bonepick.evaluation.intervals import Replicates
from bonepick.evaluation.metrics import (
    DECIMALS,
    concordance,
    figures,
    known_targets,
    predicted_labels,
)
from bonepick.evaluation.multi_label import for_scikit_learn
from bonepick.evaluation.predictions import Predictions, good_rows
from bonepick.evaluation.shortcuts import lone_auc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIGURES_HEADER = ("of", "name", "rows", "figure", "value", "low", "high")
TOPICS_HEADER = ("topic", "rows", "good", "accuracy", "auc", "mean_score")

Line: TypeAlias = tuple[str, str, int, str, float, float | None, float | None]


def full_table(predictions: Predictions, found: Replicates) -> list[Line]:
    """Return the lines of `figures.csv`, in its columns' order; figures that rows cannot give have no line.

    Args:
        predictions: for test and validation rows.
        found: resampled figures of the test rows, which their intervals come from.
    """
    test, valid = predictions.where(split="test"), predictions.where(split="valid")
    lines: list[Line] = []
    for number, (dataset, figure) in enumerate(found.keys):
        value = float(found.points[0, number])
        if value == value:  # NaN differs from itself
            of = "dataset" if dataset else "all"
            lines.append((of, dataset, found.rows[number], figure, value, *found.interval(0, (dataset, figure))))
    n = len(test.probabilities)
    lines += [("all", "", n, name, value, None, None) for name, value in _more_figures(test).items()]
    lines += [("valid", "", len(valid.probabilities), name, v, None, None) for name, v in figures(valid).items()]
    lines += [("source", *line, None, None) for line in _of_sources(test)]
    lines += [("label", *line, None, None) for line in _of_labels(test)]
    order = {"all": 0, "valid": 1, "dataset": 2, "source": 3, "label": 4}
    lines.sort(key=lambda line: order[line[0]])
    return [
        (of, name, rows, figure, round(value, DECIMALS), _rounded(low), _rounded(high))
        for of, name, rows, figure, value, low, high in lines
    ]


def _rounded(end: float | None) -> float | None:
    return None if end is None else round(end, DECIMALS)


def topic_table(test: Predictions, good_from: str) -> list[tuple[object, ...]]:
    """Return a line for each topic of the test rows: number, rows, share of good rows, accuracy, AUC, mean score."""
    import numpy as np

    if test.multi_label or None in test.columns["topic"]:
        return []
    topics = np.array(test.columns["topic"])
    lines: list[tuple[object, ...]] = []
    for topic in np.unique(topics):
        own = test.only(topics == topic)
        found = figures(own)
        shares = [float(values.mean()) for values in (good_rows(own, good_from), own.score)]
        numbers = shares[0], found["accuracy"], found.get("auc"), shares[1]
        rounded = ["" if number is None else round(number, DECIMALS) for number in numbers]
        lines.append((int(topic), len(own.probabilities), *rounded))
    return lines


def _more_figures(test: Predictions) -> dict[str, float]:
    """Return what has no interval: averages over labels, calibration, rank correlations, and the topics' spread."""
    import numpy as np
    from scipy.stats import kendalltau, spearmanr
    from sklearn.metrics import brier_score_loss, precision_recall_fscore_support, roc_auc_score

    gold, predicted, labels = _for_scikit_learn(test)
    found = {}
    if labels:
        own: dict[str, Any] = {"labels": list(labels.values()), "zero_division": 0.0}
        macro = precision_recall_fscore_support(gold, predicted, average="macro", **own)
        weighted = precision_recall_fscore_support(gold, predicted, average="weighted", **own)
        found = {"macro_precision": macro[0], "macro_recall": macro[1], "weighted_f1": weighted[2]}
    if (off := calibration_error(*reliability(test))) == off:  # NaN differs from itself
        found["calibration_error"] = off
    targets, known = known_targets(test)
    present = np.unique(targets)
    if test.multi_label or len(present) < 2:
        return {name: float(value) for name, value in found.items()}
    chances, scores = test.probabilities[known], test.score[known]
    if len(test.classes) > 2:
        found["macro_auc"] = np.mean([roc_auc_score(targets == label, chances[:, label]) for label in present])
    normed = chances / chances.sum(axis=1, keepdims=True)  # fastText's sum to 1.00002
    found["brier"] = brier_score_loss(targets, normed, labels=np.arange(len(test.classes)))
    if len(np.unique(scores)) > 1:
        found["spearman"] = spearmanr(scores, targets).statistic
        found["kendall"] = kendalltau(scores, targets).statistic
    if (alone := lone_auc(test, "topic")) is not None:
        found["topic_auc"] = alone
    return {name: float(value) for name, value in (found | _spread_over_topics(test)).items()}


def _spread_over_topics(test: Predictions) -> dict[str, float]:
    import numpy as np

    topics = np.array([-1 if topic is None else topic for topic in test.columns["topic"]])
    each = [figures(test.only(topics == topic)).get("auc") for topic in np.unique(topics[topics >= 0])]
    values = [value for value in each if value is not None]
    if not values:
        return {}
    return {f"within_topic_auc_p{p}": float(np.percentile(values, p)) for p in (10, 50, 90)}


def _of_sources(test: Predictions) -> Iterator[tuple[str, int, str, float]]:
    import numpy as np

    sources = np.array([source or "" for source in test.columns["source"]])
    for name in sorted(set(sources.tolist()) - {""}):
        own = test.only(sources == name)
        found = {k: v for k, v in figures(own).items() if k in ("accuracy", "auc")}
        if not test.multi_label:
            found["mean_score"] = float(own.score.mean())
        yield from ((name, len(own.probabilities), figure, value) for figure, value in found.items())


def _of_labels(test: Predictions) -> Iterator[tuple[str, int, str, float]]:
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support

    gold, predicted, labels = _for_scikit_learn(test)
    if not labels:
        return
    each = precision_recall_fscore_support(gold, predicted, labels=list(labels.values()), zero_division=0.0)
    has = {label: [label in labels for labels in test.gold_sets] for label in test.classes}
    for label, precision, recall, f1, support in zip(labels, *each, strict=True):
        found = {"precision": precision, "recall": recall, "f1": f1}
        if label in has and support < len(test.probabilities):
            chances = test.probabilities[:, test.classes.index(label)]
            both = (chances, _as_integers(has[label]))
            found |= {"auc": concordance(*both), "average_precision": average_precision_score(both[1], chances)}
        yield from ((label, int(support), figure, float(value)) for figure, value in found.items())


def _for_scikit_learn(test: Predictions) -> tuple[Any, Any, dict[str, Any]]:
    """Return gold and predicted labels as scikit-learn takes them, and the labels that some row has: name -> value.

    Evaluation has named the others; an average over labels that rows lack would say nothing of the model.
    """
    had = {label for labels in test.gold_sets for label in labels}
    if test.multi_label:
        gold, predicted, values = for_scikit_learn(test)
        named = zip(test.classes, values, strict=True)
        return gold, predicted, {name: value for name, value in named if name in had}
    labels = [*(label for label in test.classes if label in had), *sorted(had - set(test.classes))]
    return test.columns["gold"], predicted_labels(test), dict(zip(labels, labels, strict=True))


def _as_integers(flags: list[bool]) -> "NDArray[np.int64]":
    import numpy as np

    return np.array(flags, dtype=np.int64)
