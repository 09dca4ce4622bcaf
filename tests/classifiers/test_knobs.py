"""A knob's values are judged one by one; the best is said, and all that were tried are told."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.classifiers.base.knobs import choose
from bonepick.core.errors import BonepickError


@given(metrics=st.lists(st.floats(0, 1) | st.sampled_from([nan, -inf, inf]), min_size=2, max_size=6))
def test_the_first_of_the_best_finite_metrics_wins(metrics: list[float]) -> None:
    tried = [{"epoch": number} for number in range(len(metrics))]
    finite = [metric for metric in metrics if abs(metric) <= 1]
    if not finite:
        with pytest.raises(BonepickError, match=r"diverged with each of epoch 0, epoch 1.*: lower learning_rate"):
            choose(tried, lambda values: metrics[values["epoch"]])
        return
    best, told = choose(tried, lambda values: metrics[values["epoch"]])
    assert best == {"epoch": metrics.index(max(finite))}
    assert [one.values for one in told] == tried
    assert [one.metric for one in told] == [round(m, 6) if abs(m) <= 1 else None for m in metrics]


def test_one_alone_is_not_judged(notes: list[str]) -> None:
    def judge(values: object) -> float:
        raise AssertionError("judged")

    assert choose([{"epoch": 3}], judge) == ({"epoch": 3}, [])
    assert notes == []


def test_what_won_of_what_is_said(notes: list[str]) -> None:
    choose([{"epoch": 3}, {"epoch": 25}], lambda values: {3: 0.75, 25: nan}[values["epoch"]], "auc", "valid/")
    choose([{"l2": 0.1, "units": (2,)}, {"l2": 1.0, "units": ()}], lambda values: values["l2"], where="2 folds")
    assert notes == [
        "epoch 3 has the best auc of 3 (0.7500), 25 (diverged) on valid/",
        "l2 1.0 units [] has the best auc of l2 0.1 units [2] (0.1000), l2 1.0 units [] (1.0000) on 2 folds",
    ]
