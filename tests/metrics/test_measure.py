"""The full table: every metric is scikit-learn's or scipy's, and what rows cannot give has no line."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_recall_fscore_support,
    precision_score,
    recall_score,
    roc_auc_score,
)

from bonepick.metrics.bootstrap import bootstrap
from bonepick.metrics.evaluation import MetricRow
from bonepick.metrics.measure import metric_rows
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.table import metrics_of
from bonepick.metrics.topic_rows import topic_rows


def rows_of(predictions: Predictions) -> list[MetricRow]:
    return metric_rows(predictions, bootstrap([predictions.test], EvalParams(bootstrap=20)))


def table_of(predictions: Predictions) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = rows_of(predictions)
    keyed = {(row.slice.level, row.slice.name, row.metric): row._asdict() for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def values_of(predictions: Predictions, level: str, name: str = "") -> dict[str, float]:
    return {key[2]: line["value"] for key, line in table_of(predictions).items() if key[:2] == (level, name)}


@settings(max_examples=25, deadline=None)
@given(n_classes=st.integers(2, 4), seed=st.integers(0, 10_000))
def test_metrics_of_all_rows_are_the_libraries(make_random: Any, n_classes: int, seed: int) -> None:
    classes = [str(number) for number in range(n_classes)]
    test = make_random(120, classes, seed)
    gold, predicted = test.columns["gold"], test.predicted
    targets, chances = np.array([int(label) for label in gold]), test.probabilities
    present = sorted(set(targets.tolist()))
    wanted = {
        "accuracy": accuracy_score(gold, predicted),
        "macro_f1": f1_score(gold, predicted, average="macro", labels=sorted(set(gold)), zero_division=0),
        "weighted_f1": f1_score(gold, predicted, average="weighted", zero_division=0),
        "macro_precision": precision_score(gold, predicted, average="macro", zero_division=0),
        "macro_recall": recall_score(gold, predicted, average="macro", zero_division=0),
        "brier": brier_score_loss(targets, chances, labels=list(range(n_classes))),
        "spearman": spearmanr(test.score, targets).statistic,
        "kendall": kendalltau(test.score, targets).statistic,
    }
    if n_classes == 2:
        wanted["auc"] = roc_auc_score(targets, test.score)
        wanted["average_precision"] = average_precision_score(targets, chances[:, 1])
    else:
        each = [(targets == c, chances[:, c]) for c in present]
        wanted["macro_auc"] = np.mean([roc_auc_score(*one) for one in each])
        wanted["average_precision"] = np.mean([average_precision_score(*one) for one in each])
    found = values_of(test, "all")
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=2e-6)


def test_each_label_has_its_own_line(make_random: Any) -> None:
    test = make_random(200, ["0", "1", "2"], 3)
    gold, predicted = test.columns["gold"], test.predicted
    each = precision_recall_fscore_support(gold, predicted, labels=["0", "1", "2"])
    table = table_of(test)
    for number, label in enumerate(("0", "1", "2")):
        is_label = [g == label for g in gold]
        assert table["label", label, "precision"]["rows"] == sum(is_label)
        assert values_of(test, "label", label) == pytest.approx(
            {
                "precision": each[0][number],
                "recall": each[1][number],
                "f1": each[2][number],
                "auc": roc_auc_score(is_label, test.probabilities[:, number]),
                "average_precision": average_precision_score(is_label, test.probabilities[:, number]),
            },
            abs=2e-6,
        )


def test_a_label_of_no_row_is_left_out_and_one_that_the_model_does_not_know_has_a_line(make: Any) -> None:
    chances = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1]]
    table = table_of(make(["a", "z", "b"], chances, ["a", "b", "c"]))
    assert {name for of, name, _ in table if of == "label"} == {"a", "b", "z"}
    assert {figure for of, name, figure in table if name == "z"} == {"precision", "recall", "f1"}
    assert all(line["value"] == line["value"] for line in table.values())  # none is NaN


def test_datasets_and_sources_have_lines_and_resampled_metrics_have_intervals(make_random: Any) -> None:
    columns = {
        "dataset": ["seen", "unseen"] * 150,
        "source": ["a", "b", "c"] * 100,
        "topic": [i % 4 for i in range(300)],
    }
    test = make_random(300, ["neg", "pos"], 5, **columns)
    table = table_of(test)
    for name in ("seen", "unseen"):
        own = metrics_of(test.where(dataset=name))
        assert values_of(test, "dataset", name) == pytest.approx(own, abs=1e-6)
        for figure, value in own.items():
            line = table["dataset", name, figure]
            assert line["rows"] == 150
            assert line["low"] <= value <= line["high"]
            assert line["low"] < line["high"]
    for name in ("a", "b", "c"):
        rows = test.where(source=name)
        wanted = {k: v for k, v in metrics_of(rows).items() if k in ("accuracy", "auc")}
        assert values_of(test, "source", name) == pytest.approx({**wanted, "mean_score": rows.score.mean()}, abs=1e-6)
    assert table["all", "", "brier"]["low"] is None


def test_metrics_of_validation_rows_stand_apart(make_random: Any) -> None:
    both = make_random(200, ["neg", "pos"], 6, split=["test", "valid"] * 100)
    valid = both.where(split="valid")
    assert values_of(both, "valid") == metrics_of(valid)
    assert table_of(both)["valid", "", "auc"]["rows"] == 100
    assert values_of(both, "all")["auc"] == metrics_of(both.where(split="test"))["auc"]


def test_the_spread_over_topics_is_that_of_their_own_metrics_of(make_random: Any) -> None:
    topics = [i % 6 for i in range(300)]
    test = make_random(300, ["neg", "pos"], 7, topic=topics)
    each = [metrics_of(test.only(np.array(topics) == topic))["auc"] for topic in range(6)]
    found = values_of(test, "all")
    assert [found[f"within_topic_auc_p{p}"] for p in (10, 50, 90)] == pytest.approx(
        np.percentile(each, (10, 50, 90)), abs=1e-6
    )
    lines = topic_rows(test, "")
    assert [line[0] for line in lines] == list(range(6))
    assert [line[1] for line in lines] == [50] * 6
    assert [line[4] for line in lines] == pytest.approx(each, abs=1e-6)
    assert [line[2] for line in lines] == [
        pytest.approx(np.mean([g == "pos" for g in test.only(np.array(topics) == t).columns["gold"]])) for t in range(6)
    ]


def test_without_topics_nothing_is_said_of_them(make_random: Any) -> None:
    test = make_random(50, ["neg", "pos"], 8)
    assert not [key for key in table_of(test) if "topic" in key[2]]
    assert topic_rows(test, "") == []


def test_several_labels_a_row_have_a_table_too(make_random: Any) -> None:
    one = make_random(100, ["a", "b", "c"], 9)
    gold = [label if number % 3 else f"{label} d" for number, label in enumerate(one.columns["gold"])]
    several = Predictions(one.kind, one.classes, {**one.columns, "gold": gold}, one.probabilities, multi_label=True)
    table = table_of(several)
    assert {name for of, name, _ in table if of == "label"} == {"a", "b", "c"}
    assert values_of(several, "all")["micro_f1"] == metrics_of(several)["micro_f1"]
    assert ("all", "", "spearman") not in table


def test_averages_are_over_the_labels_that_rows_have(make: Any) -> None:
    """By hand: of two good rows one is called bad, which no row is."""
    made = make(["good", "good"], [[0.9, 0.1], [0.2, 0.8]], ["bad", "good"])
    found = values_of(made, "all")
    assert (found["macro_precision"], found["macro_recall"]) == (1.0, 0.5)
    assert "auc" not in found
