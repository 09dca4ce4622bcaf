"""Curves for `dvc plots`: scikit-learn's points, thinned, and the pairs of labels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from bonepick.metrics.calibration import calibration_bins
from bonepick.metrics.curves import MAX_POINTS, label_pairs, pr_points, roc_points


@pytest.mark.parametrize("classes", [["neg", "pos"], ["0", "1", "2"]])
def test_points_are_scikit_learns_for_the_best_label_by_score(make_random: Any, classes: list[str]) -> None:
    predictions = make_random(150, classes, 1)
    best = [gold == classes[-1] for gold in predictions.columns["gold"]]
    precision, recall, thresholds = precision_recall_curve(best, predictions.score)
    expected = np.stack([recall[:-1], precision[:-1], thresholds], axis=1)
    np.testing.assert_allclose(pr_points(predictions), expected, atol=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1), st.booleans()), max_size=30))
def test_roc_points_are_scikit_learns(make: Any, rows: list[tuple[float, bool]]) -> None:
    gold, chances = [("neg", "pos")[good] for _, good in rows], [[1 - score, score] for score, _ in rows]
    found = roc_points(make(gold, chances, ["neg", "pos"]))
    assert bool(found) == (len(set(gold)) == 2)
    assume(found)
    wanted, scores = [good for _, good in rows], [score for score, _ in rows]
    false, true, thresholds = roc_curve(wanted, scores)
    np.testing.assert_allclose([line[:2] for line in found], np.stack([false, true], axis=1), atol=1e-6)
    assert found[0] == (0, 0, None)  # above all scores
    assert [t for _, _, t in found[1:]] == pytest.approx(thresholds[1:].tolist(), abs=1e-6)


def test_a_thinned_roc_curve_keeps_area_and_ends(make_random: Any) -> None:
    rng = np.random.default_rng(4)
    predictions = make_random(20_000, ["neg", "pos"], 4)
    score = rng.uniform(size=20_000) * 0.5 + 0.5 * predictions.score
    predictions = replace(predictions, probabilities=np.stack([1 - score, score], axis=1))
    points = roc_points(predictions)
    assert len(points) == MAX_POINTS
    assert points[0][:2] == (0, 0) and points[-1][:2] == (1, 1)
    better = [gold == "pos" for gold in predictions.columns["gold"]]
    false, true = (np.array([line[i] for line in points]) for i in (0, 1))
    assert auc(false, true) == pytest.approx(roc_auc_score(better, score), abs=1e-3)


def test_with_several_labels_curves_go_over_all_pairs(make: Any) -> None:
    chances = np.array([[0.9, 0.3], [0.6, 0.2], [0.1, 0.8]])
    several = replace(make(["a b", "a", ""], chances, ["a", "b"]), multi_label=True)
    wanted = [True, True, True, False, False, False]
    false, true, _ = roc_curve(wanted, chances.ravel())
    np.testing.assert_allclose([line[:2] for line in roc_points(several)], np.stack([false, true], axis=1), atol=1e-6)


def test_many_points_are_thinned_and_keep_shape_and_ends(make: Any) -> None:
    rng = np.random.default_rng(2)
    better = rng.integers(0, 2, size=20_000)
    score = 1 / (1 + np.exp(-rng.normal(size=20_000) - better))
    predictions = make([("neg", "pos")[b] for b in better], np.stack([1 - score, score], axis=1), ["neg", "pos"])
    points = np.array(pr_points(predictions))
    assert len(points) == MAX_POINTS == 1000
    assert (np.diff(points[:, 2]) > 0).all() and (np.diff(points[:, 0]) <= 0).all()
    assert points[0, 2] == pytest.approx(score.min(), abs=1e-6)
    assert points[-1, 2] == pytest.approx(score.max(), abs=1e-6)
    area = -np.sum(np.diff(points[:, 0]) * points[:-1, 1])
    assert area == pytest.approx(average_precision_score(better, score), abs=0.01)


def test_exactly_as_many_points_as_fit_are_all_kept(make: Any) -> None:
    score = np.linspace(0.001, 0.999, MAX_POINTS)
    predictions = make(["neg", "pos"] * (MAX_POINTS // 2), np.stack([1 - score, score], axis=1), ["neg", "pos"])
    np.testing.assert_allclose(np.array(pr_points(predictions))[:, 2], score, atol=1e-6)


def test_without_rows_of_the_best_label_there_is_no_curve(make: Any) -> None:
    predictions = make(["neg", "neg", "other"], [[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], ["neg", "pos"])
    assert pr_points(predictions) == roc_points(predictions) == []


def test_rows_of_unknown_labels_are_left_out_of_the_curve(make: Any) -> None:
    chances = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    known = pr_points(make(["neg", "pos", "neg"], chances, ["neg", "pos"]))
    assert pr_points(make(["other", "neg", "pos", "neg"], [[0.3, 0.7], *chances], ["neg", "pos"])) == known


def test_each_row_has_a_pair_of_labels(make: Any) -> None:
    chances = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
    pairs = label_pairs(make(["neg", "pos", "pos", 'o,"'], chances, ["neg", "pos"]))
    assert pairs == [("neg", "neg"), ("pos", "pos"), ("pos", "neg"), ('o,"', "pos")]


def test_calibration_has_a_line_a_bin_with_rows(make: Any) -> None:
    bins = calibration_bins(make(["neg", "pos", "pos"], [[0.9, 0.1], [0.2, 0.8], [0.22, 0.78]], ["neg", "pos"]))
    assert bins == [(0.1, 0.0, 1), (0.79, 1.0, 2)]
