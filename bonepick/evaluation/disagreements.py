"""Disagreements: the rows where a model is most sure and wrong, for reading: it is the label that is wrong, or it."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bonepick.evaluation.metrics import DECIMALS, predicted_labels
from bonepick.evaluation.multi_label import THRESHOLD, gold_matrix, predicted_matrix
from bonepick.evaluation.predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def disagreements(test: Predictions, excerpts: Sequence[str], n: int = 20) -> list[dict[str, Any]]:
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
    columns, predicted = test.columns, predicted_labels(test)
    wrong, chances, confidence = _several(test) if test.multi_label else _one(test, predicted)
    scores = test.score.round(DECIMALS).tolist()
    found = sorted(wrong, key=lambda i: (-confidence[i], columns["dataset"][i], columns["row"][i]))
    return [
        {
            **{name: columns[name][i] for name in ("dataset", "row", "gold")},
            "predicted": predicted[i],
            "probability": float(chances[i]),
            "score": None if test.multi_label else scores[i],
            **{name: columns[name][i] for name in ("source", "topic", "length")},
            "excerpt": excerpts[i],
        }
        for i in _mixed(found, list(zip(columns["source"], columns["gold"], strict=True)), n)
    ]


def encoded_disagreements(found: Sequence[dict[str, Any]]) -> bytes:
    """Return `disagreements.jsonl`: one JSON object a line."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in found)


def _one(test: Predictions, predicted: Sequence[str]) -> "tuple[list[int], NDArray[np.float64], NDArray[np.float64]]":
    """Return which rows are wrong, the probability of each row's predicted label, and how sure each is."""
    wrong = [i for i, (g, p) in enumerate(zip(test.columns["gold"], predicted, strict=True)) if g != p]
    chances = test.probabilities.max(axis=1, initial=0).round(DECIMALS)
    return wrong, chances, chances


def _several(test: Predictions) -> "tuple[list[int], NDArray[np.float64], NDArray[np.float64]]":
    """Return the same, by each row's most surely misjudged label."""
    import numpy as np

    off = np.abs(test.probabilities - THRESHOLD)
    off = np.where(gold_matrix(test) != predicted_matrix(test), off, -1.0).round(DECIMALS)
    rows, worst = np.arange(len(off)), off.argmax(axis=1)
    chances, confidence = test.probabilities[rows, worst].round(DECIMALS), off[rows, worst]
    return np.flatnonzero(confidence >= 0).tolist(), chances, confidence


def _mixed(found: Sequence[int], kinds: Sequence[object], n: int) -> list[int]:
    """Return the first n rows, of each kind at most a third; where that leaves room, the first of those passed over."""
    most, taken = max(1, n // 3), Counter[object]()
    chosen, passed_over = list[int](), list[int]()
    for row in found:
        if len(chosen) == n:
            break
        of = chosen if taken[kinds[row]] < most else passed_over
        taken[kinds[row]] += 1
        of.append(row)
    place = {row: i for i, row in enumerate(found)}
    return sorted([*chosen, *passed_over[: n - len(chosen)]], key=place.__getitem__)
