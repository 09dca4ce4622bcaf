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

from bonepick.classifiers.contrastive.pairs import draw_pairs
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
