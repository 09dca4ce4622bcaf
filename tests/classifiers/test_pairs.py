"""Pairs: different labels, one cluster, each pair as likely as any other."""

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chisquare

from bonepick.classifiers.pairs import draw_pairs, fit_clusters
from bonepick.core.errors import BonepickError


@settings(deadline=None)
@given(
    clusters=arrays(np.int64, 15, elements=st.integers(0, 3)), targets=arrays(np.int64, 15, elements=st.integers(0, 4))
)
def test_the_better_one_has_the_higher_class_in_the_same_cluster(clusters: Any, targets: Any) -> None:
    possible = {
        (i, j) for i, j in product(range(15), repeat=2) if clusters[i] == clusters[j] and targets[i] > targets[j]
    }
    assume(possible)
    pairs = draw_pairs(clusters, targets, 200, seed=1)
    assert len(pairs.better) == len(pairs.worse) == 200
    assert set(zip(pairs.better.tolist(), pairs.worse.tolist(), strict=True)) <= possible


def test_every_pair_is_as_likely_as_any_other() -> None:
    """Three labels, clusters of unlike size: 4 x 1 + 1 x 2 + 4 x 2 pairs in one, 1 x 3 in the other."""
    clusters = np.array([7] * 7 + [9] * 4 + [11] * 3)
    targets = np.array([0, 0, 0, 0, 1, 2, 2, 0, 2, 2, 2, 1, 1, 1])
    pairs = draw_pairs(clusters, targets, 17_000, seed=4)
    counts = Counter(zip(pairs.better.tolist(), pairs.worse.tolist(), strict=True))
    assert len(counts) == 17
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_the_seed_decides() -> None:
    clusters, targets = np.zeros(50, dtype=np.int64), np.arange(50) % 2
    one, same, other = (draw_pairs(clusters, targets, 100, seed) for seed in (1, 1, 2))
    assert (one.better.tolist(), one.worse.tolist()) == (same.better.tolist(), same.worse.tolist())
    assert one.better.tolist() != other.better.tolist()


def test_without_any_pair_it_says_what_to_change() -> None:
    with pytest.raises(BonepickError, match="take fewer clusters"):
        draw_pairs(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), 10, seed=1)


def test_clusters_go_by_direction_not_by_length() -> None:
    directions = np.eye(3, dtype=np.float32)
    lengths = np.array([0.1, 1, 5, 100], dtype=np.float32)
    features = np.concatenate([length * directions for length in lengths])
    found = fit_clusters(features, 3, seed=0)(features).reshape(4, 3)
    assert len(set(found[0].tolist())) == 3
    assert (found == found[0]).all()


def test_the_function_that_comes_back_is_for_other_features_too() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(4, 6, dtype=np.float32)
    features = np.repeat(centres, 30, axis=0) + rng.normal(0, 0.05, size=(120, 6)).astype(np.float32)
    cluster_of = fit_clusters(features, 4, seed=1)
    assert cluster_of(centres)[[0, 1, 2, 3]].tolist() == [cluster_of(features)[30 * i] for i in range(4)]


def test_more_clusters_than_rows_are_cut_to_their_number() -> None:
    features = np.eye(5, dtype=np.float32)
    assert sorted(fit_clusters(features, 100, seed=1)(features).tolist()) == [0, 1, 2, 3, 4]


def test_texts_that_repeat_are_no_reason_to_complain() -> None:
    """Fewer distinct texts than clusters; warnings are errors here, and would be noise on a person's terminal."""
    features = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    found = fit_clusters(features, 8, seed=1)(features).reshape(3, 10)
    assert (found == found[:, :1]).all() and len(set(found[:, 0].tolist())) == 3


def test_texts_without_known_tokens_have_a_cluster() -> None:
    features = np.concatenate([np.zeros((5, 3)), np.eye(3)]).astype(np.float32)
    assert len(set(fit_clusters(features, 4, seed=1)(features)[:5].tolist())) == 1
