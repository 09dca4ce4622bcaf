"""Metrics with intervals: against scikit-learn and against counting pairs by hand."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

from bonepick.metrics.predictions import scores_of
from bonepick.metrics.ranking import concordance
from bonepick.metrics.table import metrics_of

FEW_SCORES = st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 1.0])
SCORED = st.lists(st.tuples(FEW_SCORES | st.floats(0, 1), st.integers(0, 3)), min_size=2, max_size=25)


def by_hand(scored: list[tuple[float, int]]) -> float:
    hits = [
        0.5 if a[0] == b[0] else float((a[0] > b[0]) == (a[1] > b[1]))
        for a, b in combinations(scored, 2)
        if a[1] != b[1]
    ]
    return sum(hits) / len(hits)


@settings(deadline=None)
@given(SCORED)
def test_concordance_is_what_counting_all_pairs_gives(scored: list[tuple[float, int]]) -> None:
    assume(len({target for _, target in scored}) > 1)
    scores, targets = np.array([s for s, _ in scored]), np.array([t for _, t in scored])
    assert concordance(scores, targets) == pytest.approx(by_hand(scored), abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_with_two_labels_concordance_is_the_area_under_the_curve(ties: bool) -> None:
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, size=500)
    scores = rng.normal(size=500) + targets
    scores = np.round(scores) if ties else scores
    assert concordance(scores, targets) == pytest.approx(roc_auc_score(targets, scores), abs=1e-12)


def test_concordance_looks_at_ranks_alone() -> None:
    rng = np.random.default_rng(2)
    scores, targets = rng.normal(size=80), rng.integers(0, 4, size=80)
    assert concordance(scores, targets) == concordance(np.exp(3 * scores), targets)
    assert concordance(-scores, targets) == pytest.approx(1 - concordance(scores, targets), abs=1e-12)
    assert concordance(targets.astype(float), targets) == 1


@pytest.mark.parametrize(
    ("probabilities", "score"),
    [
        ([0.3, 0.7], 0.7),
        ([1.0, 0.0, 0.0], 0.0),
        ([0.0, 1.0, 0.0], 0.5),
        ([0.0, 0.0, 1.0], 1.0),
        ([0.2, 0.2, 0.2, 0.2, 0.2], 0.5),
        ([0.1, 0.0, 0.4, 0.5], (2 * 0.4 + 3 * 0.5) / 3),
    ],
)
def test_the_score_is_the_expected_rank_scaled_to_1(probabilities: list[float], score: float) -> None:
    assert scores_of(np.array([probabilities])) == pytest.approx([score], abs=1e-12)


@pytest.mark.parametrize("classes", [["neg", "pos"], ["0", "1", "2"], ["b", "a", "d", "c", "e"]])
def test_metrics_are_scikit_learns(make_random: Any, classes: list[str]) -> None:
    """The order of labels is not alphabetical in the last, as it is not where a person gives it."""
    predictions = make_random(400, classes, 3)
    gold, chances = predictions.columns["gold"], predictions.probabilities
    predicted = [classes[i] for i in chances.argmax(axis=1)]
    hits = np.array([[label == g for label in classes] for g in gold])
    found = metrics_of(predictions)
    assert found["accuracy"] == pytest.approx(accuracy_score(gold, predicted), abs=1e-6)
    assert found["macro_f1"] == pytest.approx(f1_score(gold, predicted, average="macro"), abs=1e-6)
    if len(classes) == 2:
        assert found["average_precision"] == pytest.approx(average_precision_score(hits[:, 1], chances[:, 1]), abs=1e-6)
        assert found["auc"] == pytest.approx(roc_auc_score(hits[:, 1], chances[:, 1]), abs=1e-6)
    else:
        assert found["average_precision"] == pytest.approx(average_precision_score(hits, chances), abs=1e-6)
        ranks = [classes.index(g) for g in gold]
        assert found["auc"] == pytest.approx(by_hand(list(zip(predictions.score, ranks, strict=True))), abs=1e-6)
    assert set(found) == {"accuracy", "macro_f1", "auc", "average_precision"}


def test_metrics_have_six_decimals(make_random: Any) -> None:
    values = metrics_of(make_random(331, ["0", "1", "2"], 4)).values()
    assert [round(value, 6) for value in values] == list(values)
    assert any(round(value, 5) != value for value in values)


def test_rows_with_a_label_that_the_model_does_not_know_count_as_wrong(make_random: Any, make: Any) -> None:
    known = make_random(200, ["neg", "pos"], 5)
    strange = [[0.9, 0.1], [0.05, 0.95]]
    gold = [*known.columns["gold"], "other", "Pos"]
    chances = np.concatenate([known.probabilities, strange])
    both = make(gold, chances, known.classes)
    one, other = metrics_of(known), metrics_of(both)
    assert (one["auc"], one["average_precision"]) == (other["auc"], other["average_precision"])
    assert other["accuracy"] == pytest.approx(one["accuracy"] * 200 / 202, abs=1e-6)
    predicted = [known.classes[i] for i in chances.argmax(axis=1)]
    labels = ["neg", "pos", "other", "Pos"]
    expected = f1_score(gold, predicted, labels=labels, average="macro", zero_division=0)
    assert other["macro_f1"] == pytest.approx(expected, abs=1e-6)
    assert both.known.tolist() == [True] * 200 + [False] * 2
    assert [known.classes[t] for t in both.targets[both.known]] == known.columns["gold"]


def test_rows_of_one_label_have_no_ranking(make: Any) -> None:
    found = metrics_of(make(["pos"] * 3, [[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], ["neg", "pos"]))
    assert found == {"accuracy": 0.666667, "macro_f1": 0.8}


def test_rows_of_unknown_labels_alone_have_no_ranking_either(make: Any) -> None:
    found = metrics_of(make(["x", "y"], [[0.2, 0.8], [0.6, 0.4]], ["neg", "pos"]))
    assert found == {"accuracy": 0.0, "macro_f1": 0.0}


def test_a_label_that_these_rows_lack_is_left_out_of_the_ranking(make: Any) -> None:
    classes = ["0", "1", "2"]
    gold = ["0", "0", "2", "2", "2"]
    chances = [[0.5, 0.2, 0.3], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2], [0.3, 0.3, 0.4]]
    found = metrics_of(make(gold, chances, classes))
    expected = np.mean([average_precision_score([g == c for g in gold], np.array(chances)[:, int(c)]) for c in "02"])
    assert found["average_precision"] == pytest.approx(expected, abs=1e-6)


def test_no_rows_have_no_metrics_of(make: Any) -> None:
    assert metrics_of(make([], [], ["neg", "pos"])) == {}


def test_of_equally_probable_labels_the_worse_is_predicted(make: Any) -> None:
    predictions = make(["b", "b"], [[0.4, 0.2, 0.4], [0.2, 0.4, 0.4]], ["b", "a", "c"])
    assert predictions.predicted == ["b", "a"]


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["0", "1", "2", "?"]), st.lists(st.integers(0, 3), min_size=3, max_size=3)),
        max_size=12,
    )
)
def test_whatever_the_rows_every_metric_is_a_share(make: Any, rows: list[tuple[str, list[int]]]) -> None:
    """Ties, absent labels, unknown labels: no NaN, no warning."""
    chances = [(np.array(weights) + 0.5) / (sum(weights) + 1.5) for _, weights in rows]
    found = metrics_of(make([gold for gold, _ in rows], chances, ["0", "1", "2"]))
    assert all(0 <= value <= 1 for value in found.values())
    assert bool(found) == bool(rows)
    known = {gold for gold, _ in rows} - {"?"}
    assert ("auc" in found) == ("average_precision" in found) == (len(known) > 1)
