"""Lone predictors: planted shortcuts are found, chance is not taken for one, and SciPy knows the shares."""

import random
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.stats import kruskal, spearmanr
from sklearn.metrics import roc_auc_score

from bonepick.metrics.predictions import Predictions
from bonepick.metrics.shortcuts import explained, lone_auc, shortcuts, squared_spearman

TWO = ["neg", "pos"]


def planted(make: Any, n: int = 2000, follows: float = 0.3, n_topics: int = 8, seed: int = 1, **more: Any) -> Any:
    """Labels that half depend on the topic; scores that depend on the label, and on the topic's share of good rows."""
    rng = np.random.default_rng(seed)
    topic = rng.integers(0, n_topics, size=n)
    of_topic = rng.permutation(np.linspace(0.1, 0.9, n_topics))[topic]
    good = (rng.uniform(size=n) < of_topic).astype(int)
    score = np.clip(0.5 + 0.15 * (good - 0.5) + follows * (of_topic - 0.5) + rng.normal(0, 0.1, size=n), 0.01, 0.99)
    gold = [TWO[g] for g in good]
    return make(gold, np.stack([1 - score, score], axis=1), TWO, topic=topic.tolist(), **more)


def line_of(test: Predictions, predictor: str) -> dict[str, Any]:
    return next(line._asdict() for line in shortcuts(test) if line.predictor == predictor)


def permuted(test: Predictions, seed: int) -> Predictions:
    order = random.Random(seed).sample(range(len(test.probabilities)), len(test.probabilities))
    columns = {name: [values[i] for i in order] for name, values in test.columns.items()}
    return replace(test, columns=columns, probabilities=test.probabilities[order])


def test_the_model_comes_first_with_its_own_share_of_the_labels(make: Any) -> None:
    test = planted(make)
    good = [gold == "pos" for gold in test.columns["gold"]]
    predictor, rows, auc, of_label, of_score = shortcuts(test)[0]
    assert (predictor, rows, of_score) == ("model", 2000, None)
    assert auc == pytest.approx(roc_auc_score(good, test.score), abs=1e-6)
    assert of_label == pytest.approx(spearmanr(good, test.score).statistic ** 2, abs=1e-6)


def test_a_model_that_goes_by_topic_shows(make: Any) -> None:
    """By the rule of reading: the honest model's score is explained no better than the label's signal in it is."""
    for follows, leans in ((0.0, False), (0.6, True)):
        test = planted(make, follows=follows)
        topic, own = line_of(test, "topic"), line_of(test, "model")
        assert topic["auc"] > 0.7
        assert (topic["explains_score"] > 1.2 * topic["explains_label"] / own["explains_label"]) == leans


def test_many_small_topics_without_signal_explain_nothing(make: Any) -> None:
    """Where in-sample means of five rows each would make an AUC of .75 and explain a fifth."""
    rng = np.random.default_rng(3)
    good, score, topic = rng.integers(0, 2, 3000), rng.uniform(size=3000), rng.integers(0, 600, 3000)
    test = make([TWO[g] for g in good], np.stack([1 - score, score], axis=1), TWO, topic=topic.tolist())
    means = np.bincount(topic, good) / np.maximum(np.bincount(topic), 1)
    assert roc_auc_score(good, means[topic]) > 0.7
    found = line_of(test, "topic")
    assert found["auc"] == pytest.approx(0.5, abs=0.03)
    assert found["explains_label"] < 0.03 and found["explains_score"] < 0.03


def test_few_rows_without_signal_are_at_chance_on_average(make: Any) -> None:
    """Pairs across folds would bring it below .5: a fold with more good rows gets lower values from the others."""
    values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        gold = [TWO[g] for g in rng.integers(0, 2, 60)]
        topic = rng.integers(0, 2, 60).tolist()
        digest = [f"{seed} {i}" for i in range(60)]
        values.append(lone_auc(make(gold, [[0.5, 0.5]] * 60, TWO, topic=topic, digest=digest), "topic"))
    assert np.mean(values) == pytest.approx(0.5, abs=0.03)


def test_a_topic_that_is_the_label_has_all_pairs(make: Any) -> None:
    gold = [TWO[i % 2] for i in range(100)]
    test = make(gold, [[0.4, 0.6]] * 100, TWO, source=gold, topic=[1 - i % 2 for i in range(100)])
    assert lone_auc(test, "source") == lone_auc(test, "topic") == 1
    assert line_of(test, "source")["explains_label"] == 1
    assert line_of(test, "source")["explains_score"] is None  # one score for all
    assert line_of(test, "model")["explains_label"] is None


def test_a_group_has_no_part_in_its_own_value(make: Any) -> None:
    """Every topic is one group of one label: the topic says nothing of a group that was not seen."""
    rng = np.random.default_rng(4)
    topic = np.repeat(np.arange(100), 10)
    gold = [TWO[g] for g in np.repeat(rng.integers(0, 2, 100), 10)]
    test = make(gold, [[0.5, 0.5]] * 1000, TWO, topic=topic.tolist(), group=[f"g{t}" for t in topic])
    assert lone_auc(test, "topic") == 0.5
    alone = replace(test, columns={**test.columns, "group": [None] * 1000})
    assert (lone_auc(alone, "topic") or 0) > 0.99


def test_the_same_text_is_of_one_fold_and_rows_without_either_have_one(make: Any) -> None:
    topic = np.repeat(np.arange(50), 2).tolist()
    gold = [TWO[t % 2] for t in topic]
    copies = make(gold, [[0.5, 0.5]] * 100, TWO, topic=topic, digest=[f"text {t}" for t in topic])
    assert lone_auc(copies, "topic") == 0.5
    neither = make(gold, [[0.5, 0.5]] * 100, TWO, topic=topic, digest=[None] * 100)
    assert (lone_auc(neither, "topic") or 0) > 0.8


def test_one_group_has_no_other_rows(make: Any) -> None:
    test = make(["neg", "pos"] * 5, [[0.5, 0.5]] * 10, TWO, topic=[0, 1] * 5, group=["same"] * 10)
    assert lone_auc(test, "topic") is None
    assert line_of(test, "topic")["auc"] is None


def test_length_counts_as_it_is(make: Any) -> None:
    gold = ["pos", "neg", "pos", "neg", "neg"]
    test = make(gold, [[0.5 - i / 10, 0.5 + i / 10] for i in range(5)], TWO, length=[1, 5, 2, 4, None])
    found = line_of(test, "length")
    assert (found["rows"], found["auc"], lone_auc(test, "length")) == (4, 0, 0)
    ranks = spearmanr([1, 5, 2, 4], [1, 0, 1, 0]).statistic ** 2, spearmanr([1, 5, 2, 4], [0, 1, 2, 3]).statistic ** 2
    assert (found["explains_label"], found["explains_score"]) == pytest.approx(ranks, abs=1e-6)


def test_with_several_classes_all_pairs_of_a_fold_count(make: Any, make_random: Any) -> None:
    test = make_random(300, ["0", "1", "2"], 5, length=[(7 * i) % 40 for i in range(300)])
    ranks = [int(gold) for gold in test.columns["gold"]]
    pairs = [(a, b) for a, b in combinations(zip(test.columns["length"], ranks, strict=True), 2) if a[1] != b[1]]
    hits = [0.5 if a[0] == b[0] else float((a[0] > b[0]) == (a[1] > b[1])) for a, b in pairs]
    assert lone_auc(test, "length") == pytest.approx(sum(hits) / len(hits))


def test_unknown_values_and_labels_are_left_out(make: Any) -> None:
    test = planted(make, n=200, source=["a", "b", None, "a"] * 50)
    gold = ["strange", *test.columns["gold"][1:]]
    test = replace(test, columns={**test.columns, "gold": gold})
    assert {line[0]: line[1] for line in shortcuts(test)} == {
        "model": 199, "length": 199, "source": 149, "topic": 199,
    }  # fmt: skip
    known = [i for i in range(200) if i % 4 != 2 and i]
    alone = test.only(np.isin(np.arange(200), known))
    assert line_of(test, "source") == line_of(alone, "source")


def test_a_predictor_of_one_value_or_one_label_has_no_row(make: Any) -> None:
    test = planted(make, n=100)
    assert [line[0] for line in shortcuts(test)] == ["model", "length", "topic"]
    assert lone_auc(test, "source") is None
    assert shortcuts(test.where(gold="pos")) == shortcuts(make([], [], TWO)) == []
    assert shortcuts(replace(test, multi_label=True)) == []


def test_the_order_of_rows_changes_nothing(make: Any) -> None:
    rng = np.random.default_rng(6)
    group = [None if i % 3 else f"g{rng.integers(0, 50)}" for i in range(400)]
    test = planted(make, n=400, group=group, source=[f"s{i % 7}" for i in range(400)])
    assert shortcuts(test) == shortcuts(permuted(test, 1)) == shortcuts(permuted(test, 2))


@pytest.mark.parametrize("n_values", [2, 5, 1000])
def test_what_categories_explain_is_from_kruskals_h(n_values: int) -> None:
    rng = np.random.default_rng(7)
    categories = rng.integers(0, 6, 300)
    values = rng.integers(0, n_values, 300) + categories * (n_values // 4)
    h = kruskal(*(values[categories == c] for c in range(6))).statistic
    assert explained(categories, values) == pytest.approx(max(0, (h - 6 + 1) / (300 - 6)), abs=1e-9)
    assert explained(categories * 10 + 3, np.exp(values / n_values)) == explained(categories, values)


def test_shares_that_cannot_be_told_are_none() -> None:
    assert explained(np.arange(4), np.array([1.0, 2, 3, 4])) is None
    assert explained(np.array([0, 0, 1, 1]), np.ones(4)) is None
    assert explained(np.array([0, 1, 0, 1]), np.array([1.0, 1, 2, 2])) == 0
    assert squared_spearman(np.ones(3), np.arange(3)) is None
