"""The most confident wrong predictions, for reading."""

from dataclasses import replace
from typing import Any

import numpy as np

from bonepick.metrics.confident_errors import confident_errors
from bonepick.metrics.predictions import Predictions

TWO = ["neg", "pos"]


def chances(*of_pos: float) -> list[list[float]]:
    return [[1 - p, p] for p in of_pos]


def test_the_wrong_rows_come_most_confident_first(make: Any) -> None:
    test = make(
        ["neg", "pos", "pos", "neg"], chances(0.75, 0.9, 0.125, 0.9375), TWO,
        source=["a", "a", None, "b"], topic=[4, 5, 6, None], length=[7, 8, None, 9],
    )  # fmt: skip
    found = confident_errors(test, ["w", "x", "y", "z"])
    assert [row["row"] for row in found] == [3, 2, 0]
    assert found[1] == {
        "dataset": "own", "row": 2, "gold": "pos", "predicted": "neg", "probability": 0.875, "score": 0.125,
        "source": None, "topic": 6, "length": None, "excerpt": "y",
    }  # fmt: skip


def test_equals_are_in_the_order_of_dataset_and_row(make: Any) -> None:
    test = make(["neg"] * 4, chances(0.9, 0.9, 0.9, 0.9), TWO, dataset=["b", "a", "b", "a"])
    found = confident_errors(test, [""] * 4)
    assert [(row["dataset"], row["row"]) for row in found] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    order = [2, 0, 3, 1]
    columns = {name: [values[i] for i in order] for name, values in test.columns.items()}
    assert confident_errors(replace(test, columns=columns), [""] * 4) == found


def test_one_source_and_label_fills_no_more_than_a_third(make: Any) -> None:
    source = ["loud"] * 20 + ["a"] * 3 + ["b"] * 3
    of_pos = [0.99 - i / 100 for i in range(20)] + [0.6] * 6
    found = confident_errors(make(["neg"] * 26, chances(*of_pos), TWO, source=source), [""] * 26, n=9)
    assert [row["row"] for row in found] == [0, 1, 2, 20, 21, 22, 23, 24, 25]
    # of other rows there are too few: it has the rest
    found = confident_errors(make(["neg"] * 26, chances(*of_pos), TWO, source=source), [""] * 26, n=12)
    assert [row["row"] for row in found] == [0, 1, 2, 3, 4, 5, 20, 21, 22, 23, 24, 25]
    # another label of that source counts by itself
    gold, of_pos = ["neg"] * 6 + ["pos"] * 6, [0.9] * 6 + [0.2] * 6
    found = confident_errors(make(gold, chances(*of_pos), TWO), [""] * 12, n=6)
    assert [row["row"] for row in found] == [0, 1, 2, 3, 6, 7]


def test_with_several_classes_it_is_the_predicted_labels_probability(make: Any) -> None:
    test = make(["0", "2", "1"], [[0.2, 0.5, 0.3], [0.75, 0.25, 0], [0.1, 0.8, 0.1]], ["0", "1", "2"])
    found = confident_errors(test, ["", "", ""])
    assert [(row["row"], row["predicted"], row["probability"]) for row in found] == [(1, "0", 0.75), (0, "1", 0.5)]
    assert found[0]["score"] == 0.125


def test_with_several_labels_a_row_the_most_surely_misjudged_label_counts(make: Any) -> None:
    of_label = np.array([[0.9, 0.3, 0.1], [0.95, 0.6, 0.2], [0.05, 0.8, 0.9], [0.1, 0.1, 0.1]])
    test = replace(make(["a b", "a", "a c", ""], of_label, ["a", "b", "c"]), multi_label=True)
    found = confident_errors(test, ["w", "x", "y", "z"])
    assert [(row["row"], row["gold"], row["predicted"], row["probability"]) for row in found] == [
        (2, "a c", "b c", 0.05), (0, "a b", "a", 0.3), (1, "a", "a b", 0.6),
    ]  # fmt: skip
    assert {row["score"] for row in found} == {None}


def test_a_model_that_is_right_has_none(make: Any) -> None:
    right: Predictions = make(["neg", "pos"], chances(0.1, 0.9), TWO)
    assert confident_errors(right, ["", ""]) == confident_errors(make([], [], TWO), []) == []
