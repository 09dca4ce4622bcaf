"""Thresholds and keep curves: known answers, every cut recomputed naively, and re-weighting against duplicated rows."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.metrics.candidates import number_between
from bonepick.metrics.keep import RATES, composition_rows, keep_rows
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.thresholds import thresholds

CLASSES = ["neg", "pos"]
Row = tuple[float, bool, int]

SCORE = st.integers(0, 20).map(lambda i: i / 20) | st.floats(0, 1)
ROWS = st.lists(st.tuples(SCORE, st.booleans(), st.integers(0, 9)), min_size=2, max_size=30)
WILD = settings(deadline=None, max_examples=150)
PARAMS = EvalParams()


def predictions_of(make: Callable[..., Predictions], rows: Sequence[Row], split: str = "valid", **more: Any) -> Any:
    """Score, whether it is good, words; characters are twice as many and one."""
    chances = [[1 - score, score] for score, _, _ in rows]
    words = [n for _, _, n in rows]
    gold = [CLASSES[good] for _, good, _ in rows]
    return make(gold, chances, CLASSES, split=split, words=words, length=[2 * n + 1 for n in words], **more)


def kept_of(rows: Sequence[Row], threshold: float, prior: float = 0) -> dict[str, float | None]:
    """What is kept, counted row by row."""
    share = sum(good for _, good, _ in rows) / len(rows)
    weigh = prior and 0 < share < 1
    totals = dict.fromkeys(("kept", "good", "all", "all_good", "words", "all_words"), 0.0)
    for score, good, words in rows:
        weight = (prior / share if good else (1 - prior) / (1 - share)) if weigh else 1
        for name in ("", "all_") if score >= threshold else ("all_",):
            totals[f"{name}good"] += weight * good
            totals[f"{name}words"] += weight * words
            totals["kept" if not name else "all"] += weight
    kept, hits = totals["kept"], totals["good"]
    return {
        "kept": kept / totals["all"],
        "precision": hits / kept if kept else None,
        "recall": hits / totals["all_good"] if totals["all_good"] else None,
        "f1": 2 * hits / (kept + totals["all_good"]) if totals["all_good"] else None,
        "words": totals["words"] / totals["all_words"] if totals["all_words"] else None,
    }


def same(one: Any, other: Any) -> bool:
    return (one is None) == (other is None) and (one is None or abs(one - other) < 2e-6)


def assert_alike(one: list[Any], other: list[Any]) -> None:
    """The same thresholds, and shares up to what last bits do to a rounded number."""
    (one_cuts, one_lines), (other_cuts, other_lines) = one, other
    assert list(one_cuts) == list(other_cuts)
    for name, cut in one_cuts.items():
        assert cut["threshold"] == other_cuts[name]["threshold"]
        for split in ("valid", "test"):
            own = other_cuts[name][split]
            assert cut[split] == (own and pytest.approx(own, abs=2e-6))
    assert len(one_lines) == len(other_lines)
    for line, own in zip(one_lines, other_lines, strict=True):
        assert line[:2] == own[:2]
        assert all(same(a, b) for a, b in zip(line, own, strict=True))


def both_kinds(rows: Sequence[Row]) -> bool:
    return len({good for _, good, _ in rows}) == 2


# ten rows, best first; precision after each: 1, .5, .667, .75, .8, .667, .714, .625, .556, .5
TEN: list[Row] = [
    (0.95, True, 30), (0.9, False, 10), (0.8, True, 10), (0.7, True, 10), (0.6, True, 10),
    (0.5, False, 10), (0.4, True, 5), (0.3, False, 5), (0.2, False, 5), (0.1, False, 5),
]  # fmt: skip


def test_ten_rows_by_hand(make: Any) -> None:
    test = predictions_of(make, [(0.85, True, 1), (0.62, False, 1), (0.55, True, 2), (0.54, False, 4)], "test")
    found = thresholds(predictions_of(make, TEN), test, EvalParams(target_precision=0.75, word_budget=0.5))
    assert list(found) == ["best_f1", "precision_0.75", "words_0.5"]
    # F1 is 2 x 5 / (7 + 5) where 7 are kept, 2 x 4 / (5 + 5) where 5 are
    assert found["best_f1"]["threshold"] == 0.35
    assert found["best_f1"]["chosen"] == "the highest F1 on validation rows"
    expected = {"kept": 0.7, "precision": 5 / 7, "recall": 1, "f1": 10 / 12, "words": 0.85, "characters": 177 / 210}
    assert found["best_f1"]["valid"] == pytest.approx(expected, abs=1e-6)
    # not the first that reaches it (one row, at .95), but the last: five rows with precision .8
    assert found["precision_0.75"]["threshold"] == 0.55
    assert "(5 of 10 kept)" in found["precision_0.75"]["chosen"]
    assert found["precision_0.75"]["valid"]["precision"] == 0.8
    expected = {"kept": 0.75, "precision": 2 / 3, "recall": 1, "f1": 0.8, "words": 0.5, "characters": 11 / 20}
    assert found["precision_0.75"]["test"] == pytest.approx(expected, abs=1e-6)
    # 30 + 10 + 10 words of 100; a fourth row would be too many
    assert found["words_0.5"]["threshold"] == 0.75
    assert found["words_0.5"]["valid"]["words"] == 0.5
    assert found["words_0.5"]["test"] == {
        "kept": 0.25, "precision": 1.0, "recall": 0.5, "f1": 0.666667, "words": 0.125, "characters": 0.15,
    }  # fmt: skip


def test_each_test_dataset_has_its_own_shares(make: Any) -> None:
    rows = [(0.9, True, 1), (0.8, False, 1), (0.9, True, 1), (0.1, False, 1)]
    test = predictions_of(make, rows, "test", dataset=["seen", "seen", "unseen", "unseen"])
    found = thresholds(predictions_of(make, TEN), test, PARAMS)["best_f1"]
    assert list(found["datasets"]) == ["seen", "unseen"]
    assert [own["precision"] for own in (*found["datasets"].values(), found["test"])] == [0.5, 1, 0.666667]


def test_of_equal_f1_the_higher_threshold_is_taken(make: Any) -> None:
    """Two of three good rows kept alone: 2 x 2 / (2 + 4) = 2/3; all eight: 2 x 4 / (8 + 4) = 2/3."""
    rows = [(s / 10, good, 1) for s, good in zip(range(9, 1, -1), [1, 1, 0, 0, 0, 0, 1, 1], strict=True)]
    assert thresholds(predictions_of(make, rows), predictions_of(make, rows, "test"), PARAMS)["best_f1"][
        "threshold"
    ] == (0.75)


def test_a_precision_that_nothing_reaches_is_said(make: Any) -> None:
    rows: list[Row] = [(0.9, False, 1), (0.8, True, 1), (0.7, True, 1), (0.6, False, 1)]
    found = thresholds(predictions_of(make, rows), predictions_of(make, rows, "test"), PARAMS)["precision_0.9"]
    assert found.pop("chosen") == (
        "no threshold that keeps 1% of validation rows or more reaches precision 0.9: the highest is 0.667"
    )
    assert found == {"threshold": None, "valid": None, "test": None, "datasets": {}}


def test_a_precision_that_hardly_any_row_reaches_is_none(make: Any) -> None:
    """One good row at the top of 200 is no evidence; two of them are 1%."""
    below = [(0.5 - i / 1000, i % 2 == 1, 1) for i in range(200)]
    for top, threshold in ((1, None), (3, 0.7)):
        rows: list[Row] = [*((0.9, True, 1) for _ in range(top)), *below]
        found = thresholds(predictions_of(make, rows), predictions_of(make, rows, "test"), PARAMS)["precision_0.9"]
        assert found["threshold"] == threshold


def test_a_budget_that_the_highest_score_alone_breaks_is_said(make: Any) -> None:
    rows: list[Row] = [(0.9, True, 3), (0.9, False, 3), (0.5, True, 4)]
    found = thresholds(predictions_of(make, rows), predictions_of(make, rows, "test"), PARAMS)["words_0.1"]
    assert found["threshold"] is None
    assert found["chosen"] == "the texts of the highest score alone are 0.6 of the words of validation rows"


def test_unknown_words_have_no_budget_and_no_shares(make: Any) -> None:
    valid = make(["neg", "pos"], [[0.9, 0.1], [0.1, 0.9]], CLASSES, split="valid", words=[1, None], length=[None] * 2)
    found = thresholds(valid, predictions_of(make, TEN, "test"), PARAMS)
    assert list(found) == ["best_f1", "precision_0.9"]
    assert found["best_f1"]["valid"]["words"] is found["best_f1"]["valid"]["characters"] is None
    assert found["best_f1"]["test"]["words"] == 0.8  # of those from .5 on


@pytest.mark.parametrize("gold", [[], ["neg"] * 3, ["pos"] * 3, ["strange", "neg", "neg"]])
def test_without_good_and_other_validation_rows_there_is_no_threshold(make: Any, gold: list[str]) -> None:
    valid = make(gold, [[0.9 - i / 9, 0.1 + i / 9] for i in range(len(gold))], CLASSES, split="valid")
    test = predictions_of(make, TEN, "test", source=["a", "b"] * 5)
    assert thresholds(valid, test, PARAMS) == {}
    assert keep_rows(valid, test, PARAMS) == []
    assert composition_rows(valid, test, PARAMS) == [(1, "source", "a", 0.5), (1, "source", "b", 0.5)]


def test_rows_of_several_labels_have_no_threshold() -> None:
    columns: dict[str, list[Any]] = {name: [None] * 2 for name in ("words", "length", "source", "group", "topic")}
    columns |= {"dataset": ["own"] * 2, "split": ["valid"] * 2, "row": [0, 1], "gold": ["neg pos", ""]}
    several = Predictions("x", CLASSES, columns, np.array([[0.7, 0.9], [0.2, 0.1]]), multi_label=True)
    assert thresholds(several, several, PARAMS) == {}
    assert keep_rows(several, several, PARAMS) == composition_rows(several, several, PARAMS) == []


def test_a_label_that_the_model_does_not_know_is_not_good(make: Any) -> None:
    chances = [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]
    found = [
        thresholds(*(make(["pos", "pos", label, "neg"], chances, CLASSES, split=s) for s in ("valid", "test")), PARAMS)
        for label in ("neg", "strange")
    ]
    assert found[0] == found[1]


def test_with_several_classes_rows_are_good_from_a_label_on(make: Any) -> None:
    gold, chances = ["0", "1", "2", "2", "0"], np.eye(3)[[0, 1, 2, 2, 1]]
    valid, test = (make(gold, chances, ["0", "1", "2"], split=split) for split in ("valid", "test"))
    best, better = (thresholds(valid, test, EvalParams(good_from=label))["best_f1"]["test"] for label in ("", "1"))
    assert (best["kept"], best["precision"]) == (0.4, 1.0)
    assert (better["kept"], better["precision"], better["recall"]) == (0.8, 0.75, 1.0)
    with pytest.raises(BonepickError, match=r"good_from.*'best'.*0, 1, 2"):
        thresholds(valid, test, EvalParams(good_from="best"))


@WILD
@given(
    rows=ROWS, precision=st.sampled_from([0.3, 0.5, 0.9, 1.0]), words=st.sampled_from([0.05, 0.3, 0.7]), data=st.data()
)
def test_no_other_cut_is_better(
    make: Any, rows: list[Row], precision: float, words: float, data: st.DataObject
) -> None:
    """Every cut is recomputed row by row, with and without re-weighting."""
    assume(both_kinds(rows))
    prior = data.draw(st.sampled_from([0.0, 0.05, 0.5]))
    params = EvalParams(target_precision=precision, word_budget=words, prior=prior)
    found = thresholds(predictions_of(make, rows), predictions_of(make, rows, "test"), params)
    scores = sorted({score for score, _, _ in rows}, reverse=True)
    cuts = [kept_of(rows, score, prior) for score in scores]
    wanted: dict[str, list[int]] = {
        "best_f1": [max(range(len(cuts)), key=lambda i: (round(cuts[i]["f1"] or 0, 9), -i))],
        f"precision_{precision:g}": [i for i, own in enumerate(cuts) if (own["precision"] or 0) >= precision - 1e-9],
    }
    if any(n for _, _, n in rows):
        wanted[f"words_{words:g}"] = [i for i, own in enumerate(cuts) if (own["words"] or 0) <= words + 1e-9]
    assert list(found) == list(wanted)
    for name, possible in wanted.items():
        threshold = found[name]["threshold"]
        if not possible:
            assert threshold is None
            continue
        assert {s for s in scores if s >= threshold} == set(scores[: possible[-1] + 1])
        for split in ("valid", "test"):
            own = found[name][split]
            assert all(same(own[name], value) for name, value in kept_of(rows, threshold, prior).items())
            assert found[name]["datasets"] == {"own": found[name]["test"]}


@WILD
@given(rows=ROWS, words=st.floats(0.01, 0.99), prior=st.sampled_from([0.0, 0.1]))
def test_what_is_kept_never_exceeds_the_budget(make: Any, rows: list[Row], words: float, prior: float) -> None:
    params = EvalParams(word_budget=words, prior=prior)
    valid = predictions_of(make, rows)
    for name, found in thresholds(valid, predictions_of(make, rows, "test"), params).items():
        if name.startswith("words") and found["threshold"] is not None:
            assert found["valid"]["words"] <= words + 1e-6
    for line in keep_rows(valid, predictions_of(make, rows, "test"), params):
        assert line[2] <= line[0] + 1e-6


@WILD
@given(rows=ROWS, seed=st.integers(0, 99), prior=st.sampled_from([0.0, 0.03]))
def test_the_order_of_rows_changes_nothing(make: Any, rows: list[Row], seed: int, prior: float) -> None:
    params = EvalParams(prior=prior, word_budget=0.4)
    mixed = random.Random(seed).sample(rows, len(rows))
    found = []
    for own in (rows, mixed):
        more = {"source": [f"s{n % 3}" for _, _, n in own], "topic": [n % 4 for _, _, n in own]}
        both = predictions_of(make, own, **more), predictions_of(make, own, "test", **more)
        found.append([step(*both, params) for step in (thresholds, keep_rows, composition_rows)])
    assert found[0] == found[1]


@WILD
@given(rows=ROWS)
def test_the_share_that_rows_have_as_prior_changes_nothing(make: Any, rows: list[Row]) -> None:
    assume(both_kinds(rows))
    weighted = EvalParams(prior=sum(good for _, good, _ in rows) / len(rows))
    both = predictions_of(make, rows), predictions_of(make, rows, "test")
    assert_alike(*([step(*both, params) for step in (thresholds, keep_rows)] for params in (PARAMS, weighted)))


@WILD
@given(rows=ROWS, times=st.tuples(st.integers(1, 4), st.integers(1, 4)), precision=st.sampled_from([0.5, 0.75, 0.9]))
def test_a_prior_is_as_many_copies_of_rows(
    make: Any, rows: list[Row], times: tuple[int, int], precision: float
) -> None:
    assume(both_kinds(rows))
    copied = [row for row in rows for _ in range(times[row[1]])]
    params = {"target_precision": precision, "word_budget": 0.4}
    prior = sum(good for _, good, _ in copied) / len(copied)
    found = [
        [
            step(predictions_of(make, own), predictions_of(make, own, "test"), EvalParams(prior=share, **params))
            for step in (thresholds, keep_rows)
        ]
        for own, share in ((rows, prior), (copied, 0))
    ]
    assert_alike(*found)


def test_rows_of_one_kind_are_not_re_weighted(make: Any) -> None:
    test = predictions_of(make, [(0.9, True, 1), (0.1, True, 3)], "test")
    found = thresholds(predictions_of(make, TEN), test, EvalParams(prior=0.01, target_precision=0.001))[
        "precision_0.001"
    ]
    assert found["test"] == {"kept": 1, "precision": 1, "recall": 1, "f1": 1, "words": 1, "characters": 1}
    assert found["threshold"] == 0


def test_keep_rates_by_hand(make: Any) -> None:
    """Of ten validation rows, rates below .1 keep none and have no row; .15 keeps what .1 does."""
    test = predictions_of(
        make, [(0.99, True, 5), (0.94, True, 5), (0.5, False, 20), (0.01, False, 10)], "test",
        source=["a", "a", "b", None], topic=[None] * 4,
    )  # fmt: skip
    found = keep_rows(predictions_of(make, TEN), test, PARAMS)
    assert found[0]._fields[:3] == ("rate", "threshold", "kept")
    assert [line[0] for line in found] == [rate for rate in RATES if rate >= 0.1]
    assert [line[1] for line in found][:3] == [0.93, 0.93, 0.85]
    # the kept two are of a, as 2 of the 3 known are: a third would have to be of b
    assert found[0] == (0.1, 0.93, 0.5, 1.0, 1.0, 0.25, 0.261905, 0.333333, None)
    assert found[-1] == (0.9, 0.15, 0.75, 0.666667, 1.0, 0.75, 0.75, 0.0, None)
    nothing = predictions_of(make, [(0.2, True, 1), (0.1, False, 1)], "test", source=["a", "b"])
    assert keep_rows(predictions_of(make, TEN), nothing, PARAMS)[0] == (0.1, 0.93, 0, None, 0, 0, 0, None, None)


def test_the_composition_by_hand(make: Any) -> None:
    rows: list[Row] = [(0.99, True, 5), (0.94, False, 5), (0.5, False, 20), (0.01, False, 10)]
    test = predictions_of(make, rows, "test", source=["a", "b", "b", None], topic=[3, 12, 12, 12])
    found = composition_rows(predictions_of(make, TEN), test, PARAMS)
    assert [line for line in found if line[0] in (0.1, 1)] == [
        (0.1, "source", "a", 0.5), (0.1, "source", "b", 0.5),
        (1, "source", "a", 0.333333), (1, "source", "b", 0.666667),
        (0.1, "topic", "3", 0.5), (0.1, "topic", "12", 0.5), (1, "topic", "3", 0.25), (1, "topic", "12", 0.75),
    ]  # fmt: skip
    weighted = composition_rows(predictions_of(make, TEN), test, EvalParams(prior=0.5))
    assert (1, "topic", "3", 0.5) in weighted


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_a_number_between_is_between_and_no_longer_than_needed(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assume(low < high)
    found = number_between(low, high)
    assert low < found <= high
    if high - low > 1e-3:  # the middle half holds a number of four decimals
        assert len(repr(found)) <= len("0.1234") or found < 1e-3
        assert low + (high - low) / 4 - 1e-12 <= found <= high - (high - low) / 4 + 1e-12
