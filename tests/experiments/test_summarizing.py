"""The summary of a grid: figures worked out by hand."""

from typing import Any

from bonepick.experiments.grids import Point
from bonepick.experiments.summarizing import Result, summarize


def result(changes: dict[str, Any], **kinds: dict[str, Any]) -> Result:
    return Result(Point("g", changes), kinds)


def figures(valid: float, test: float) -> dict[str, Any]:
    return {"auc": test, "valid_auc": valid, "accuracy": 0.5, "unseen": {"auc": test - 0.1}, "empty": {}}


def rows(summary: str, start: str) -> list[list[str]]:
    lines = summary.partition(start)[2].lstrip().splitlines()
    table = lines[: lines.index("")] if "" in lines else lines
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if "--" not in line]


def test_a_ranking_goes_by_validation_and_not_by_test() -> None:
    summary = summarize(
        [
            result({"train.n_clusters": 50}, contrastive=figures(0.8, 0.99)),
            result({"train.n_clusters": 100}, contrastive=figures(0.9, 0.6)),
        ]
    )
    assert rows(summary, "means over the seeds:") == [
        ["model", "train.n_clusters", "runs", "valid_auc", "auc", "unseen.auc", "accuracy"],
        ["contrastive", "100", "1", "0.900", "0.600", "0.500", "0.500"],
        ["contrastive", "50", "1", "0.800", "0.990", "0.890", "0.500"],
    ]
    assert "seed alone" not in summary


def test_seeds_are_summed_up_in_mean_deviation_and_range() -> None:
    runs = [result({"train.seed": seed}, a=figures(0.9, auc)) for seed, auc in enumerate((0.80, 0.82, 0.87))]
    summary = summarize(runs)
    ranking = rows(summary, "means over the seeds:")
    assert ranking[1] == ["a", "3", "0.900", "0.830", "0.730", "0.500"]
    spread = {row[1]: row[2:] for row in rows(summary, "seed alone moves them:")}
    assert spread["figure"] == ["mean", "std", "min", "max"]
    # (.03^2 + .01^2 + .04^2) / 2 = .0013, and its root
    assert spread["auc"] == ["0.830", "0.0361", "0.800", "0.870"]
    assert spread["valid_auc"] == ["0.900", "0.0000", "0.900", "0.900"]
    assert spread["unseen.auc"] == ["0.730", "0.0361", "0.700", "0.770"]


def test_settings_are_kept_apart_and_seeds_put_together() -> None:
    runs = [
        result({"train.seed": seed, "train.n_clusters": clusters}, a=figures(valid, 0.8))
        for seed, clusters, valid in ((1, 50, 0.7), (2, 50, 0.9), (1, 100, 0.85), (2, 100, 0.85))
    ]
    ranking = rows(summarize(runs), "means over the seeds:")
    assert [row[:4] for row in ranking[1:]] == [["a", "100", "2", "0.850"], ["a", "50", "2", "0.800"]]


def test_kinds_that_a_grid_does_not_touch_are_only_named() -> None:
    runs = [
        result({"train.n_clusters": clusters}, a=figures(clusters / 100, 0.8), b=figures(0.9, 0.9))
        for clusters in (50, 60)
    ]
    summary = summarize(runs)
    assert {row[0] for row in rows(summary, "means over the seeds:")[1:]} == {"a"}
    assert summary.endswith("Not touched by this grid: b.\n")


def test_a_grid_that_touches_nothing_says_so() -> None:
    runs = [result({"train.n_clusters": clusters}, a=figures(0.9, 0.8)) for clusters in (50, 60)]
    assert summarize(runs) == "Not touched by this grid: a.\n"


def test_a_single_result_is_shown() -> None:
    assert rows(summarize([result({"train.seed": 1}, a=figures(0.9, 0.8))]), "means over the seeds:")[1][0] == "a"
