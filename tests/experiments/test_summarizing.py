"""The summary of a grid: metrics worked out by hand."""

from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.experiments.grids import Point
from bonepick.experiments.summary import Result, summarize


def result(changes: dict[str, Any], **kinds: dict[str, Any]) -> Result:
    return Result(f"g-{'-'.join(map(str, changes.values()))}", Point("g", changes), kinds)


def metrics(valid: float, test: float) -> dict[str, Any]:
    return {"auc": test, "valid_auc": valid, "accuracy": 0.5, "unseen": {"auc": test - 0.1}, "empty": {}}


def summary_of(results: list[Result]) -> str:
    return summarize(results, "valid_auc")


def rows(summary: str, start: str) -> list[list[str]]:
    lines = summary.partition(start)[2].partition("\n\n")[2].splitlines()
    table = lines[: lines.index("")] if "" in lines else lines
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if "--" not in line]


def test_a_ranking_goes_by_validation_and_not_by_test() -> None:
    summary = summary_of(
        [
            result({"train.n_clusters": 50}, contrastive=metrics(0.8, 0.99)),
            result({"train.n_clusters": 100}, contrastive=metrics(0.9, 0.6)),
        ]
    )
    assert rows(summary, "Ranked on valid_auc, ") == [
        ["model", "train.n_clusters", "runs", "valid_auc", "auc", "unseen.auc", "accuracy"],
        ["contrastive", "100", "1", "0.900", "0.600", "0.500", "0.500"],
        ["contrastive", "50", "1", "0.800", "0.990", "0.890", "0.500"],
    ]
    assert "seed alone" not in summary
    assert "one seed each: another seed may well change the order" in summary
    assert summary.endswith("\nThe first is g-100: `dvc exp apply` puts one into the working tree.\n")


def test_seeds_are_summed_up_in_mean_deviation_and_range() -> None:
    runs = [result({"train.seed": seed}, a=metrics(0.9, auc)) for seed, auc in enumerate((0.80, 0.82, 0.87))]
    for run, ends in zip(runs, ((0.78, 0.81), (0.79, 0.84), (0.86, 0.87)), strict=True):
        run.intervals["a"] = {"auc": ends, "unseen.auc": (0.1, 0.2)}
    summary = summary_of(runs)
    ranking = rows(summary, "Ranked on valid_auc, ")
    assert ranking[1] == ["a", "3", "0.900", "0.830", "0.730", "0.500"]
    spread = {row[1]: row[2:] for row in rows(summary, "seed alone moves them:")}
    assert spread["metric"] == ["mean", "std", "min", "max", "rows 95%"]
    # (.03^2 + .01^2 + .04^2) / 2 = .0013, and its root
    assert spread["auc"] == ["0.830", "0.0361", "0.800", "0.870", "[0.810, 0.840]"]
    assert spread["valid_auc"] == ["0.900", "0.0000", "0.900", "0.900", "-"]
    assert spread["unseen.auc"] == ["0.730", "0.0361", "0.700", "0.770", "[0.100, 0.200]"]


def test_settings_are_kept_apart_and_seeds_put_together() -> None:
    runs = [
        result({"train.seed": seed, "train.n_clusters": clusters}, a=metrics(valid, 0.8))
        for seed, clusters, valid in ((1, 50, 0.7), (2, 50, 0.9), (1, 100, 0.85), (2, 100, 0.85))
    ]
    ranking = rows(summary_of(runs), "Ranked on valid_auc, ")
    assert [row[:4] for row in ranking[1:]] == [["a", "100", "2", "0.850"], ["a", "50", "2", "0.800"]]
    assert "\nThe first is g-1-100, g-2-100: " in summary_of(runs)


def test_kinds_that_a_grid_does_not_touch_are_only_named() -> None:
    runs = [
        result({"train.n_clusters": clusters}, a=metrics(clusters / 100, 0.8), b=metrics(0.9, 0.9))
        for clusters in (50, 60)
    ]
    summary = summary_of(runs)
    assert {row[0] for row in rows(summary, "Ranked on valid_auc, ")[1:]} == {"a"}
    assert summary.endswith("Not touched by this grid: b.\n")


def test_a_grid_that_touches_nothing_says_so() -> None:
    runs = [result({"train.n_clusters": clusters}, a=metrics(0.9, 0.8)) for clusters in (50, 60)]
    assert summary_of(runs) == "Not touched by this grid: a.\n"


def test_a_single_result_is_shown() -> None:
    assert rows(summary_of([result({"train.seed": 1}, a=metrics(0.9, 0.8))]), "Ranked on valid_auc, ")[1][0] == "a"


def test_another_metric_ranks() -> None:
    one, two = metrics(0.9, 0.6) | {"valid_f": 0.1}, metrics(0.8, 0.7) | {"valid_f": 0.2}
    runs = [result({"train.n_clusters": number}, a=own) for number, own in ((1, one), (2, two))]
    table = rows(summarize(runs, "valid_f"), "Ranked on valid_f, ")
    assert table[0][3] == "valid_f"
    assert [row[1] for row in table[1:]] == ["2", "1"]


def test_what_cannot_be_ranked_is_said() -> None:
    with pytest.raises(BonepickError, match=r"g-1 has no a\.valid_f to be ranked by: select\.metric names it"):
        summarize([result({"train.n_clusters": 1}, a=metrics(0.9, 0.8))], "valid_f")
