"""From logits that rank to probabilities: the likelihood's maximum, never against the score's direction."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from bonepick.classifiers.contrastive.calibration import RIDGE, fit_slope_and_offsets


def fit_ordinal_logits(scores: Any, targets: Any, n_classes: int) -> Any:
    """Of logits that rise with one score."""
    return fit_slope_and_offsets(np.outer(scores, np.arange(n_classes)), targets)


def probabilities(scores: Any, slope: float, offsets: Any) -> Any:
    return softmax(np.outer(scores, slope * np.arange(len(offsets))) + offsets, axis=1)


def test_two_groups_of_scores_get_their_shares() -> None:
    """Saturated: 20% of the low and 70% of the high are of the better class, so logits are log odds."""
    scores = np.repeat([-3.0, 5.0], 1000)
    targets = np.concatenate([np.repeat([1, 0], [200, 800]), np.repeat([1, 0], [700, 300])])
    slope, offsets = fit_ordinal_logits(scores, targets, 2)
    low, high = math.log(0.2 / 0.8), math.log(0.7 / 0.3)
    assert slope == pytest.approx((high - low) / 8, rel=0.02)
    found = probabilities(np.array([-3.0, 5.0]), slope, offsets)
    np.testing.assert_allclose(found[:, 1], [0.2, 0.7], atol=0.01)


def test_with_two_classes_it_is_logistic_regression() -> None:
    """The same penalty for scikit-learn: one logit b is two offsets of half its size, hence the column of root 2."""
    rng = np.random.default_rng(3)
    scores = rng.normal(4, 3, size=400)
    targets = (rng.random(400) < 1 / (1 + np.exp(-(0.6 * scores - 2)))).astype(np.int64)
    slope, offsets = fit_ordinal_logits(scores, targets, 2)
    standard = (scores - scores.mean()) / scores.std()
    columns = np.stack([standard, np.full(400, math.sqrt(2))], axis=1)
    theirs = LogisticRegression(C=1 / (400 * RIDGE), fit_intercept=False, tol=1e-10).fit(columns, targets)
    np.testing.assert_allclose(
        probabilities(scores, slope, offsets)[:, 1], theirs.predict_proba(columns)[:, 1], atol=1e-4
    )


@pytest.mark.parametrize("n_classes", [3, 5])
def test_a_planted_model_is_found_again(n_classes: int) -> None:
    rng = np.random.default_rng(5)
    scores, offsets = rng.normal(2, 2, size=20_000), np.linspace(0.5, -1.5, n_classes)
    planted = probabilities(scores, 0.8, offsets)
    targets = (rng.random((20_000, 1)) > planted.cumsum(axis=1)).sum(axis=1).clip(max=n_classes - 1)
    found = probabilities(scores, *fit_ordinal_logits(scores, targets, n_classes))
    assert np.abs(found - planted).mean() < 0.01


@settings(deadline=None, max_examples=50)
@given(
    scores=arrays(np.float64, 12, elements=st.floats(-1e4, 1e4, width=32)),
    targets=arrays(np.int64, 12, elements=st.integers(0, 2)),
)
def test_whatever_comes_a_higher_score_is_never_worse(scores: Any, targets: Any) -> None:
    """Constant scores, absent classes, perfectly separated ones and labels against the score among them."""
    slope, offsets = fit_ordinal_logits(scores, targets, 3)
    assert slope >= 0 and np.isfinite(offsets).all()
    steps = np.sort(scores)
    expected_rank = probabilities(steps, slope, offsets) @ np.arange(3)
    assert (np.diff(expected_rank) >= -1e-9).all()


def test_a_score_against_the_labels_gets_slope_zero_and_the_shares() -> None:
    scores, targets = np.linspace(0, 1, 100), np.repeat([1, 0], [60, 40])
    slope, offsets = fit_ordinal_logits(scores, targets, 2)
    assert slope == 0
    np.testing.assert_allclose(softmax(offsets), [0.4, 0.6], atol=0.01)


def test_moving_and_stretching_the_score_changes_no_probability() -> None:
    rng = np.random.default_rng(1)
    scores, targets = rng.normal(size=200), rng.integers(0, 3, size=200)
    scores += targets
    one = probabilities(scores, *fit_ordinal_logits(scores, targets, 3))
    other = probabilities(50 * scores - 700, *fit_ordinal_logits(50 * scores - 700, targets, 3))
    np.testing.assert_allclose(one, other, atol=1e-6)
