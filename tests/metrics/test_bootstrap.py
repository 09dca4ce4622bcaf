"""Intervals: against a closed form and scipy's, by group, and as often right as they promise."""

import threading
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from bonepick.metrics.bootstrap import bootstrap, interval
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.table import metrics_of
from bonepick.reporting.differences import differences

CLASSES = ["neg", "pos"]
AUC = (ALL, "auc")


def of_scores(make: Any, scores: Any, good: Any, **columns: Any) -> Predictions:
    gold = [CLASSES[int(label)] for label in good]
    made: Predictions = make(gold, np.stack([1 - scores, scores], axis=1), CLASSES, **columns)
    return made


def noisy(rng: Any, good: Any, signal: float) -> Any:
    """Scores whose AUC is `norm.cdf(signal / sqrt(2))`."""
    return norm.cdf(rng.normal(size=len(good)) + signal * good)


def test_accuracy_has_the_interval_of_the_binomial_distribution(make: Any) -> None:
    n, rng = 2_000, np.random.default_rng(1)
    right = rng.random(n) < 0.8
    good = rng.random(n) < 0.5
    found = bootstrap([of_scores(make, np.where(right == good, 0.9, 0.1), good)], EvalParams(bootstrap=2_000))
    share = right.mean()
    half = norm.ppf(0.975) * np.sqrt(share * (1 - share) / n)
    assert found.interval(0, (ALL, "accuracy")) == pytest.approx((share - half, share + half), abs=0.0025)


def test_auc_has_the_interval_of_scipy(make: Any) -> None:
    rng = np.random.default_rng(2)
    good = rng.random(400) < 0.4
    scores = noisy(rng, good, 1.2)
    found = bootstrap([of_scores(make, scores, good)], EvalParams(bootstrap=3_000)).interval(0, AUC)
    wanted = stats.bootstrap(
        (good, scores), roc_auc_score, paired=True, vectorized=False, n_resamples=3_000, method="percentile", rng=3
    ).confidence_interval
    assert found == pytest.approx((wanted.low, wanted.high), abs=0.006)


def test_points_are_the_metrics_of_the_rows(make_random: Any) -> None:
    datasets = ["a", "b", "b"] * 100
    model = make_random(300, ["0", "1", "2"], 1, dataset=datasets, topic=[i % 7 for i in range(300)])
    found = bootstrap([model], EvalParams(bootstrap=20))
    for name in ("", "a", "b"):
        part = Slice("dataset", name) if name else ALL
        own = {metric: value for (of, metric), value in zip(found.keys, found.points[0], strict=True) if of == part}
        assert own == pytest.approx(metrics_of(model.where(dataset=name) if name else model), abs=1e-6)
    assert found.rows == [{"": 300, "a": 100, "b": 200}[of.name] for of, _ in found.keys]


def test_rows_of_one_group_are_drawn_together(make: Any) -> None:
    """Ten copies of each row tell nothing new, so that they may not make the interval narrower."""
    rng = np.random.default_rng(4)
    good = rng.random(150) < 0.5
    scores = noisy(rng, good, 1)
    tenfold = {"group": [f"g{i}" for i in range(150) for _ in range(10)]}
    params = EvalParams(bootstrap=400)
    once = bootstrap([of_scores(make, scores, good)], params).interval(0, AUC)
    together = bootstrap([of_scores(make, scores.repeat(10), good.repeat(10), **tenfold)], params).interval(0, AUC)
    alone = bootstrap([of_scores(make, scores.repeat(10), good.repeat(10))], params).interval(0, AUC)
    assert together == pytest.approx(once, abs=0.02)
    assert alone[1] - alone[0] < 0.5 * (together[1] - together[0])


def test_a_text_that_is_there_twice_is_drawn_with_its_copy(make: Any) -> None:
    rng = np.random.default_rng(5)
    good = rng.random(300) < 0.5
    scores = noisy(rng, good, 1)
    digests = [f"{i:064x}" for i in range(300) for _ in range(2)]
    params = EvalParams(bootstrap=300)
    twice = of_scores(make, scores.repeat(2), good.repeat(2), digest=digests)
    wanted = bootstrap([of_scores(make, scores, good)], params).interval(0, AUC)
    assert bootstrap([twice], params).interval(0, AUC) == pytest.approx(wanted, abs=0.02)


def test_the_seed_decides(make_random: Any) -> None:
    model = make_random(100, CLASSES, 1)
    one, same, other = (bootstrap([model], EvalParams(bootstrap=50, seed=seed)).values for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes()
    assert not np.array_equal(one, other, equal_nan=True)


def test_models_are_drawn_the_same_rows_alone_and_together(make_random: Any) -> None:
    """So the interval of a model is one number, whoever computes it."""
    first, second = make_random(200, CLASSES, 1), make_random(200, CLASSES, 2)
    second = Predictions(second.kind, CLASSES, first.columns, second.probabilities)
    both, alone = (bootstrap(models, EvalParams(bootstrap=50)) for models in ([first, second], [second]))
    assert both.values[1].tobytes() == alone.values[0].tobytes()


def test_resamples_that_give_no_metric_are_left_out(make: Any) -> None:
    """With one good row of five, every third resample has none, and no AUC."""
    model = of_scores(make, np.array([0.1, 0.2, 0.3, 0.9, 0.4]), np.array([0, 0, 0, 1, 0]))
    found = bootstrap([model], EvalParams(bootstrap=200))
    values = found.values[0, found.keys.index(AUC)]
    assert 20 < np.isnan(values).sum() < 120
    assert found.interval(0, AUC) == (1, 1)
    assert all(np.isnan(interval(np.full(3, np.nan))))


@pytest.mark.parametrize("signal", [0.0, 0.5])
def test_equal_models_are_called_equal_and_a_planted_difference_is_found_as_often_as_promised(
    make: Any, signal: float
) -> None:
    """Two models of one true AUC: about 95 of 100 intervals hold zero. One better by .09: nearly all of 40 find it."""
    rng, params, n = np.random.default_rng(6), EvalParams(bootstrap=200), 500
    verdicts = []
    for _ in range(40 if signal else 100):
        good = rng.random(n) < 0.5
        first, second = (of_scores(make, noisy(rng, good, s), good) for s in (1.0, 1.0 + signal))
        second = Predictions(second.kind, CLASSES, first.columns, second.probabilities)
        (found,) = [
            difference
            for difference in differences(["a", "b"], [(0, 1)], bootstrap([first, second], params))
            if (difference.slice, difference.metric) == AUC
        ]
        verdicts.append(found.better)
    if signal:
        assert verdicts.count("b") >= 36
        assert verdicts.count("a") == 0
    else:
        # 95 are promised; fewer than 88 or all 100 would have a chance of .4 % and .6 %
        assert 88 <= verdicts.count(None) < 100


@pytest.mark.parametrize("workers", [1, 3])
def test_it_takes_as_many_threads_as_it_may_and_the_result_is_the_same(
    make_random: Any, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    model, params, seen = make_random(60, CLASSES, 1), EvalParams(bootstrap=40), set[int]()
    meet, draw = threading.Barrier(workers), np.random.default_rng
    wanted = bootstrap([model], params).values

    def drawing(seed: Any) -> Any:
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            meet.wait(20)  # breaks, unless so many threads come
        return draw(seed)

    monkeypatch.setattr(np.random, "default_rng", drawing)
    assert np.array_equal(bootstrap([model], params, workers=workers).values, wanted, equal_nan=True)
    assert len(seen) == workers
