"""Confident errors: rows where a model is most sure and wrong, for reading: the label is wrong, or the model."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.predictions import DECIMALS, LABEL_THRESHOLD, Predictions


class ConfidentError(TypedDict):
    """A wrong row; see `confident_errors`."""

    dataset: str
    row: int
    gold: str
    predicted: str
    probability: float
    score: float | None
    source: str | None
    topic: int | None
    length: int | None
    excerpt: str


def confident_errors(test: Predictions, excerpts: Sequence[str], n: int = 20) -> list[dict[str, Any]]:
    """Return the wrong rows of the most probable predictions, most confident first; of equals by dataset and row.

    No more than a third of them are of one source and gold label while there are others, so that one site whose labels
    are off does not fill the list. Where rows have several labels, a row counts by the wrongly judged label whose
    probability is farthest from 0.5, and `probability` is that label's; there is no score.

    Args:
        test: predictions for test rows.
        excerpts: beginnings of the texts, one for each row.
        n: how many are wanted.

    Returns:
        Dicts of dataset, row, gold, predicted, probability, score, source, topic, length and excerpt.
    """
    columns = test.columns
    scores = test.score.round(DECIMALS).tolist()
    wrong, probabilities, confidence = _several(test) if test.multi_label else _one(test)
    ordered = sorted(wrong, key=lambda i: (-confidence[i], columns["dataset"][i], columns["row"][i]))
    return [
        {
            **{name: columns[name][i] for name in ("dataset", "row", "gold")},
            "predicted": test.predicted[i],
            "probability": float(probabilities[i]),
            "score": scores[i] if test.ranked else None,
            **{name: columns[name][i] for name in ("source", "topic", "length")},
            "excerpt": excerpts[i],
        }
        for i in _mixed(ordered, list(zip(columns["source"], columns["gold"], strict=True)), n)
    ]


def _one(test: Predictions) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    """Return which rows are wrong, the probability of each row's predicted label, and how sure each is."""
    wrong = [i for i, (g, p) in enumerate(zip(test.columns["gold"], test.predicted, strict=True)) if g != p]
    highest = test.probabilities.max(axis=1, initial=0).round(DECIMALS)
    return wrong, highest, highest


def _several(test: Predictions) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    """Return the same, by each row's most surely misjudged label."""
    off = np.abs(test.probabilities - LABEL_THRESHOLD)
    off = np.where(test.gold_matrix != test.predicted_matrix, off, -1.0).round(DECIMALS)
    rows = np.arange(len(off))
    worst = off.argmax(axis=1)
    confidence = off[rows, worst]
    return np.flatnonzero(confidence >= 0).tolist(), test.probabilities[rows, worst].round(DECIMALS), confidence


def _mixed(ordered: Sequence[int], kinds: Sequence[object], n: int) -> list[int]:
    """Return the first n rows, of each kind at most a third; where that leaves room, the first of those passed over."""
    most = max(1, n // 3)
    taken = Counter[object]()
    chosen = list[int]()
    passed_over = list[int]()
    for row in ordered:
        if len(chosen) == n:
            break
        (chosen if taken[kinds[row]] < most else passed_over).append(row)
        taken[kinds[row]] += 1
    place = {row: i for i, row in enumerate(ordered)}
    return sorted([*chosen, *passed_over[: n - len(chosen)]], key=place.__getitem__)
