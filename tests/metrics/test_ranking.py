"""Concordance and average precision: against brute force and scikit-learn, under weights, with ties and topics."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from bonepick.metrics.ranking import AveragePrecision, Concordance

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]),  # few values: ties
        st.integers(0, 3),
        st.integers(0, 2),
        st.integers(0, 3),
    ),
    min_size=2,
    max_size=40,
)


def columns(rows: Any) -> tuple[Any, Any, Any, Any]:
    scores, targets, topics, weights = (np.array(column) for column in zip(*rows, strict=True))
    return scores.astype(float), targets, topics, weights.astype(float)


def by_brute_force(rows: Any) -> float:
    won = pairs = 0.0
    for (s, t, topic, w), (other, u, another, v) in combinations(rows, 2):
        if t != u and topic == another:
            pairs += w * v
            won += w * v * (0.5 if s == other else float((s > other) == (t > u)))
    return won / pairs if pairs else float("nan")


@given(ROWS)
def test_inside_topics_it_is_the_share_of_pairs_counted_one_by_one(rows: Any) -> None:
    scores, targets, topics, weights = columns(rows)
    found = Concordance(scores, targets, topics)(weights)
    assert found == pytest.approx(by_brute_force(rows), abs=1e-12, nan_ok=True)


@given(ROWS)
def test_without_topics_all_pairs_count(rows: Any) -> None:
    scores, targets, _, weights = columns(rows)
    wanted = by_brute_force([(s, t, 0, w) for s, t, _, w in rows])
    assert Concordance(scores, targets)(weights) == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@given(ROWS)
def test_a_weight_is_a_number_of_copies(rows: Any) -> None:
    scores, targets, topics, weights = columns(rows)
    copies = weights.astype(int)
    again = [np.repeat(column, copies) for column in (scores, targets, topics)]
    if len(again[0]):
        wanted = Concordance(*again)(np.ones(len(again[0])))
        assert Concordance(scores, targets, topics)(weights) == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@given(ROWS)
def test_two_labels_give_the_area_and_precision_of_scikit_learn(rows: Any) -> None:
    scores, targets, _, weights = columns(rows)
    good = targets > 1
    if weights[good].sum() and weights[~good].sum():
        assert Concordance(scores, good.astype(int))(weights) == pytest.approx(
            roc_auc_score(good, scores, sample_weight=weights), abs=1e-9
        )
        assert AveragePrecision(scores, good)(weights) == pytest.approx(
            average_precision_score(good, scores, sample_weight=weights), abs=1e-9
        )
    else:
        assert np.isnan(Concordance(scores, good.astype(int))(weights))


def test_no_wanted_row_has_no_precision() -> None:
    found = AveragePrecision(np.array([0.1, 0.2]), np.array([True, False]))
    assert np.isnan(found(np.array([0.0, 1.0])))
    assert found(np.array([1.0, 0.0])) == 1


def test_a_classifier_that_only_sorts_topics_looks_good_globally_and_is_worth_nothing_inside() -> None:
    rng = np.random.default_rng(0)
    topics = rng.integers(0, 10, 5_000)
    targets = (rng.random(5_000) < topics / 9).astype(int)
    scores = topics / 9
    assert Concordance(scores, targets)(np.ones(5_000)) > 0.8
    assert Concordance(scores, targets, topics)(np.ones(5_000)) == 0.5
