"""Pairs: whose they are, what they count, and what they cost."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from bonepick.classifiers.contrastive.loss import PairLoss
from bonepick.classifiers.contrastive.pair_sets import draw_from_clusterings
from bonepick.classifiers.contrastive.pairs import Pairs, Weighting, draw_pairs
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.static.standard_rows import StandardRows
from bonepick.classifiers.static.standardizer import Standardizer

CLUSTERS = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 2], dtype=np.int32)
TARGETS = np.array([0, 1, 1, 0, 0, 0, 0, 1, 2, 1])
INSIDE = {(1, 0), (1, 3), (2, 0), (2, 3), (7, 4), (7, 5), (7, 6), (8, 4), (8, 5), (8, 6), (8, 7)}


def drawn(n_pairs: int = 100, seed: int = 1, **weighting: Any) -> Pairs:
    return draw_pairs(CLUSTERS, TARGETS, n_pairs, Weighting(**weighting), seed)


def as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.better.tolist(), pairs.worse.tolist(), strict=True))


def test_where_there_are_fewer_pairs_all_are_taken_once() -> None:
    pairs = drawn()
    assert as_set(pairs) == INSIDE
    assert len(pairs) == pairs.possible == len(INSIDE)
    assert pairs.clusters == 2
    np.testing.assert_allclose(pairs.weights, 1 / 11)


@pytest.mark.parametrize(
    ("weighting", "first", "far"),
    [
        ({}, 4 / 11, 3 / 11),
        ({"cluster": "sqrt"}, 2 / (2 + 7**0.5), 7**0.5 / (2 + 7**0.5) * 3 / 7),
        ({"cluster": "size"}, 4 / 9, 5 / 9 * 3 / 7),
        ({"label_distance": 1.0}, 4 / 11, 7 / 11 * 6 / 10),  # in the second cluster: 3 of 1, 3 of 2, 1 of 1
        ({"cluster": "size", "label_distance": 2.0}, 4 / 9, 5 / 9 * 12 / 16),
    ],
)
@pytest.mark.parametrize("n_pairs", [1, 5, 100])
def test_clusters_and_distances_count_what_is_said(
    weighting: dict[str, Any], first: float, far: float, n_pairs: int
) -> None:
    """However many pairs are drawn. Far: the better row is two classes above the worse one."""
    pairs = drawn(n_pairs, **weighting)
    assert pairs.weights.sum() == pytest.approx(1)
    assert pairs.weights[CLUSTERS[pairs.better] == 0].sum() == pytest.approx(first)
    assert pairs.weights[TARGETS[pairs.better] - TARGETS[pairs.worse] == 2].sum() == pytest.approx(far)


@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=60),
    n_pairs=st.integers(1, 300),
    seed=st.integers(0, 9),
)
def test_pairs_are_of_one_cluster_and_two_classes_and_come_once(
    rows: list[tuple[int, int]], n_pairs: int, seed: int
) -> None:
    clusters, targets = np.array(rows).T
    pairs = draw_pairs(clusters.astype(np.int32), targets, n_pairs, Weighting("sqrt"), seed)
    every = {
        (i, j) for i in range(len(rows)) for j in range(len(rows))
        if clusters[i] == clusters[j] and targets[i] > targets[j]
    }  # fmt: skip
    assert as_set(pairs) <= every
    assert len(as_set(pairs)) == len(pairs)
    assert pairs.possible == len(every)
    if len(set(targets.tolist())) == 2:  # every row that can be in a pair is in one, and as often as the others
        assert {row for pair in as_set(pairs) for row in pair} == {row for pair in every for row in pair}
        for side, other in ((pairs.better, targets == 1), (pairs.worse, targets == 0)):
            for cluster in set(clusters[side].tolist()):
                times = Counter(side[clusters[side] == cluster].tolist()).values()
                assert max(times) - min(times) <= 1 or not other.any()


def test_the_seed_decides_which_pairs() -> None:
    rng = np.random.default_rng(0)
    clusters, targets = rng.integers(0, 3, 300).astype(np.int32), rng.integers(0, 2, 300)
    sets = [as_set(draw_pairs(clusters, targets, 300, Weighting(), seed)) for seed in (1, 1, 2)]
    assert sets[0] == sets[1] != sets[2]


def test_every_pair_of_a_cluster_is_as_likely_as_any_other() -> None:
    counts = Counter(pair for seed in range(400) for pair in as_set(drawn(1, seed=seed)) if pair[0] > 6)
    assert len(counts) == 7
    alike = [counts[8, row] for row in (4, 5, 6)], [counts[7, row] for row in (4, 5, 6)]
    assert all(chisquare(times).pvalue > 0.001 for times in alike)


def test_clusterings_and_pairs_from_everywhere_share_what_is_said() -> None:
    clusterings = np.stack([CLUSTERS, np.arange(10, dtype=np.int32), np.zeros(10, dtype=np.int32)])
    params = ContrastiveParams(n_pairs=1000, global_share=0.25)
    pairs = draw_from_clusterings(clusterings, TARGETS, params)  # the second holds no pairs
    assert len(pairs) == 11 + 2 * 29
    assert pairs.weights[:11].sum() == pytest.approx(0.375)
    assert pairs.weights[-29:].sum() == pytest.approx(0.25)
    kept = np.arange(10) != 7
    held_out = draw_from_clusterings(clusterings, TARGETS, params, kept)
    assert as_set(held_out) == {pair for pair in as_set(pairs) if 7 not in pair}


FEATURES = np.random.default_rng(5).normal(size=(10, 3)).astype(np.float32)
ROWS = StandardRows(FEATURES, Standardizer(FEATURES), "cpu")


def test_losses_are_those_of_a_sum_by_hand() -> None:
    """Scores 0, 2 and .5 of rows 0, 1 and 2: pairs differ by 2 (weight 3/4) and by -1.5 (weight 1/4)."""
    features = np.array([[0.0], [2.0], [0.5]], dtype=np.float32)
    standardizer = Standardizer(features)
    standardizer.mean, standardizer.scale = np.zeros(1), np.ones(1)
    rows = StandardRows(features, standardizer, "cpu")
    pairs = Pairs(np.array([1, 2]), np.array([0, 1]), np.array([0.75, 0.25]), 2, 1)
    logistic = 0.75 * np.log1p(np.exp(-2)) + 0.25 * np.log1p(np.exp(1.5))
    assert PairLoss(rows, pairs, "logistic", 1.0).value(np.ones(1)) == pytest.approx(logistic, abs=1e-6)
    assert PairLoss(rows, pairs, "hinge", 1.0).value(np.ones(1)) == pytest.approx(0.25 * 2.0, abs=1e-6)
    # at margin 4: u = 1/2 and -3/8, so that the first pair costs 4 (1/2)^2 / 2 and the second 4 (1/2 + 3/8)
    wide = PairLoss(rows, pairs, "hinge", 4.0).value(np.ones(1))
    assert wide == pytest.approx(0.75 * 0.5 + 0.25 * 3.5, abs=1e-6)


@pytest.mark.parametrize("kind", ["hinge", "logistic"])
@pytest.mark.parametrize("size", [0.1, 3.0])
def test_gradients_are_slopes_of_the_loss(kind: Any, size: float) -> None:
    loss = PairLoss(ROWS, drawn(label_distance=1.0), kind, 2.0)
    weights = size * np.random.default_rng(6).normal(size=3)
    value, gradient = loss(weights)
    assert value == pytest.approx(loss.value(weights))
    steps = 1e-2 * np.eye(3)
    slopes = [(loss.value(weights + step) - loss.value(weights - step)) / 2e-2 for step in steps]
    np.testing.assert_allclose(gradient, slopes, atol=1e-3)


def test_a_hinge_of_many_small_margins_is_the_plain_one() -> None:
    pairs, weights = drawn(), np.random.default_rng(7).normal(size=3)
    scores = ROWS.times(torch.from_numpy(weights)[:, None])[:, 0].numpy()
    plain = np.maximum(0, scores[pairs.worse] - scores[pairs.better]) @ pairs.weights
    assert PairLoss(ROWS, pairs, "hinge", 1e-6).value(weights) == pytest.approx(plain, abs=1e-5)
