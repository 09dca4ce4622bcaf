"""Calibration: a worked example, and a model whose chances are right."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonepick.metrics.calibration import calibration, calibration_error, reliability
from bonepick.metrics.predictions import Predictions


def test_a_worked_example() -> None:
    """Five bins. Up to .2: chances .1 and .2, no hit, .15 off. Up to .6: .5, a hit, .5 off. Up to 1: .9, .9, .9 and 1.0
    (mean .925), three hits, .175 off. Expected: (2 x .15 + 1 x .5 + 4 x .175) / 7 = 1.5 / 7.
    """
    chances = np.array([0.9, 0.1, 0.5, 0.9, 0.2, 1.0, 0.9])
    hits = np.array([True, False, True, True, False, True, False])
    found = calibration(chances, hits, n_bins=5)
    assert [rows for _, _, rows in found] == [2, 1, 4]
    assert [predicted for predicted, _, _ in found] == pytest.approx([0.15, 0.5, 0.925])
    assert [observed for _, observed, _ in found] == [0, 1, 0.75]
    assert calibration_error(chances, hits, n_bins=5) == pytest.approx(1.5 / 7)


def test_chances_that_are_right_have_a_small_error_and_sure_ones_a_large_one() -> None:
    rng = np.random.default_rng(1)
    chances = rng.uniform(size=50_000)
    hits = rng.uniform(size=50_000) < chances
    assert calibration_error(chances, hits) < 0.01
    assert calibration_error((chances > 0.5).astype(float), hits) == pytest.approx(0.25, abs=0.01)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1) | st.just(1.00002), st.booleans()), min_size=1, max_size=40), st.integers(1, 20)
)
def test_bins_are_those_of_a_loop(pairs: list[tuple[float, bool]], n_bins: int) -> None:
    chances, hits = np.array([c for c, _ in pairs]), np.array([h for _, h in pairs])
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, hit in pairs:
        own = next((b for b in range(n_bins) if chance * n_bins <= b + 1), n_bins - 1)
        bins.setdefault(own, []).append((chance, hit))
    found = calibration(chances, hits, n_bins)
    assert [rows for _, _, rows in found] == [len(bins[b]) for b in sorted(bins)]
    off = [abs(sum(c for c, _ in own) - sum(h for _, h in own)) for own in bins.values()]
    assert calibration_error(chances, hits, n_bins) == pytest.approx(sum(off) / len(pairs), abs=1e-9)


def test_without_rows_there_is_no_error() -> None:
    assert calibration(np.zeros(0), np.zeros(0, dtype=bool)) == []
    assert np.isnan(calibration_error(np.zeros(0), np.zeros(0, dtype=bool)))


def test_with_two_labels_it_is_the_chance_of_the_better_one(make: Any) -> None:
    rows = make(["neg", "pos", "strange"], [[0.9, 0.1], [0.8, 0.2], [0.5, 0.5]], ["neg", "pos"])
    chances, hits = reliability(rows)
    assert (chances.tolist(), hits.tolist()) == ([0.1, 0.2], [False, True])


def test_with_more_it_is_the_chance_of_the_most_probable_one(make: Any) -> None:
    rows = make(["c", "a", "strange"], [[0.1, 0.2, 0.7], [0.2, 0.5, 0.3], [1, 0, 0]], ["a", "b", "c"])
    chances, hits = reliability(rows)
    assert (chances.tolist(), hits.tolist()) == ([0.7, 0.5], [True, False])


def test_with_several_labels_a_row_all_pairs_count() -> None:
    chances = np.array([[0.7, 0.9], [0.2, 0.1]])
    several = Predictions("x", ["a", "b"], {"gold": ["a b", "b"]}, chances, multi_label=True)
    found, hits = reliability(several)
    assert (found.tolist(), hits.tolist()) == ([0.7, 0.9, 0.2, 0.1], [True, True, False, True])
