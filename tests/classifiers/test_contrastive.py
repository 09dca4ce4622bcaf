"""The contrastive kind: inside clusters it learns quality, and not which topics are well written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

import bonepick
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.contrastive.classifier import Contrastive
from bonepick.classifiers.contrastive.head import fit_head
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.model2vec.classifier import Model2Vec
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.features import Examples
from bonepick.core.errors import BonepickError, UsageError
from bonepick.metrics.predictions import scores_of

TOPIC, QUALITY = 0, 1  # directions in the planted features


def planted(n: int, seed: int, n_classes: int, topic_effect: float = 4.0) -> Any:
    """Two far topics; the label follows quality and, in the training data, the topic even more."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 0.3, size=(n, 8))
    topic = rng.choice([-1, 1], size=n)
    features[:, TOPIC] = 6 * topic + rng.normal(0, 0.1, size=n)
    features[:, QUALITY] = rng.normal(size=n)
    worth = 2 * features[:, QUALITY] + topic_effect / 2 * topic + rng.logistic(0, 0.5, size=n)
    return features, np.searchsorted(np.linspace(-2, 2, n_classes + 1)[1:-1], worth)


def score(model: Any, features: Any) -> Any:
    return scores_of(model.pipeline.head.predict_proba(features.astype(np.float32)).astype(np.float64))


def settings_for(**changed: Any) -> ContrastiveParams:
    """Pairs inside two clusters alone, with nothing that pulls elsewhere, unless it is said otherwise."""
    plain: dict[str, Any] = {
        "n_clusters": 2,
        "n_clusterings": 2,
        "n_pairs": 10_000,
        "global_share": 0.0,
        "pointwise_share": 0.0,
    }
    plain["l2"] = (0.01,)
    return ContrastiveParams(**{**plain, **changed})


@pytest.mark.parametrize("loss", ["hinge", "logistic"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_pairs_inside_clusters_learn_quality_where_single_labels_learn_the_mix(
    base: Any, helpers: Any, n_classes: int, loss: str
) -> None:
    data = helpers.features(
        helpers.examples(*planted(2000, 1, n_classes)), helpers.examples(*planted(500, 2, n_classes))
    )
    ranker = helpers.fit(Contrastive, base, data, settings_for(loss=loss))
    pointwise = helpers.fit(Model2Vec, base, data, Model2VecParams(l2=(0.01,)))

    features, _ = planted(2000, 3, n_classes)
    quality, topic = features[:, QUALITY], np.sign(features[:, TOPIC])
    for side in (-1, 1):
        assert spearmanr(score(ranker, features)[topic == side], quality[topic == side]).statistic > 0.97
    assert abs(np.corrcoef(score(ranker, features), topic)[0, 1]) < 0.1
    assert np.corrcoef(score(pointwise, features), topic)[0, 1] > 0.5

    # where the other topic is the better one, only quality helps
    turned, targets = planted(2000, 4, 2, topic_effect=-2.0)
    assert roc_auc_score(targets, score(ranker, turned)) > roc_auc_score(targets, score(pointwise, turned)) + 0.1


def test_pairs_from_everywhere_learn_the_mix_too(base: Any, helpers: Any) -> None:
    """One cluster: it is the drawing inside clusters that keeps topics out, not the loss."""
    data = helpers.features(helpers.examples(*planted(2000, 1, 2)), helpers.examples(*planted(500, 2, 2)))
    model = helpers.fit(Contrastive, base, data, settings_for(n_clusters=1))
    features, _ = planted(1000, 3, 2)
    assert np.corrcoef(score(model, features), features[:, TOPIC])[0, 1] > 0.5


@pytest.mark.parametrize("n_classes", [2, 5])
def test_class_logits_rise_with_one_score(base: Any, helpers: Any, n_classes: int) -> None:
    """Adjacent classes differ by the same slope times the score, so ranking by score is ranking by probabilities."""
    data = helpers.features(
        helpers.examples(*planted(1500, 1, n_classes)), helpers.examples(*planted(500, 2, n_classes))
    )
    (layer,) = helpers.fit(Contrastive, base, data, settings_for()).pipeline.head.layers
    steps = np.diff(layer.weight.astype(np.float64), axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), rtol=1e-4, atol=1e-6)
    assert steps[0, QUALITY] > 0


@pytest.mark.parametrize("n_classes", [2, 5])
def test_a_large_penalty_leaves_the_pointwise_head(base: Any, helpers: Any, n_classes: int) -> None:
    """And a smaller one corrects it, inside clusters, away from the topic. (Its biases are fitted anew.)"""
    data = helpers.features(
        helpers.examples(*planted(1500, 1, n_classes)), helpers.examples(*planted(500, 2, n_classes))
    )
    features, _ = planted(1000, 3, n_classes)
    pointwise = score(helpers.fit(Model2Vec, base, data, Model2VecParams(l2=(0.1,))), features)
    found = {
        l2: score(helpers.fit(Contrastive, base, data, settings_for(pointwise_share=1.0, l2=(l2,))), features)
        for l2 in (1e6, 1.0, 0.01)
    }
    assert spearmanr(found[1e6], pointwise).statistic > 0.99
    leaning = [abs(np.corrcoef(found[l2], np.sign(features[:, TOPIC]))[0, 1]) for l2 in found]
    assert leaning == sorted(leaning, reverse=True)
    assert leaning[0] > leaning[2] + 0.1


def test_probabilities_are_fitted_on_the_validation_rows(base: Any, helpers: Any) -> None:
    """Twice as many rows of the better class there: probabilities follow, and not those of training."""
    train, (features, targets) = planted(2000, 1, 2), planted(3000, 2, 2)
    keep = (targets == 1) | (np.arange(3000) % 4 == 0)
    valid = helpers.examples(features[keep], targets[keep])
    model = helpers.fit(Contrastive, base, helpers.features(helpers.examples(*train), valid), settings_for())
    found = model.pipeline.head.predict_proba(valid.features)[:, 1]
    assert found.mean() == pytest.approx(targets[keep].mean(), abs=0.02)
    assert abs(np.mean(train[1]) - targets[keep].mean()) > 0.2


def test_a_score_that_validation_contradicts_is_not_turned_around(base: Any, helpers: Any) -> None:
    features, targets = planted(500, 2, 2)
    data = helpers.features(helpers.examples(*planted(1500, 1, 2)), helpers.examples(features, 1 - targets))
    model = helpers.fit(Contrastive, base, data, settings_for())
    assert np.cov(score(model, features), features[:, QUALITY])[0, 1] > -1e-6


def test_clusters_without_validation_pairs_are_said_and_do_not_stop_it(
    base: Any, helpers: Any, notes: list[str]
) -> None:
    features, targets = planted(400, 2, 2)
    keep = (features[:, TOPIC] > 0) == (targets == 1)  # each topic has one label
    valid = helpers.examples(features[keep], targets[keep])
    data = helpers.features(helpers.examples(*planted(1000, 1, 2)), valid)
    model = helpers.fit(Contrastive, base, data, settings_for())
    assert any("pairs from everywhere" in said for said in notes)
    assert np.isfinite(score(model, features)).all()


def test_no_cluster_with_two_labels_is_an_error_that_helps(base: Any, helpers: Any) -> None:
    features, _ = planted(300, 1, 2)
    both: list[Examples] = [helpers.examples(features, features[:, TOPIC] > 0)] * 2
    with pytest.raises(BonepickError, match="take fewer clusters"):
        helpers.fit(Contrastive, base, helpers.features(*both), settings_for())


def test_validation_rows_of_one_label_only_are_named_as_the_fault(base: Any, helpers: Any) -> None:
    """Fewer clusters, which the message for training pairs recommends, would not help here."""
    features, targets = planted(300, 2, 2)
    valid = helpers.examples(features[targets == 1], targets[targets == 1])
    data = helpers.features(helpers.examples(*planted(500, 1, 2)), valid)
    with pytest.raises(BonepickError, match="valid"):
        helpers.fit(Contrastive, base, data, settings_for())


ALIKE = np.ones((6, 8))


@pytest.mark.parametrize("loss", ["hinge", "logistic"])
@pytest.mark.parametrize(
    ("features", "targets", "changed"),
    [
        (np.eye(2, 8), [0, 1], {"n_clusters": 1}),
        (ALIKE, [0, 1, 0, 1, 1, 0], {"n_clusters": 4}),
        (np.zeros((4, 8)), [0, 1, 1, 0], {"global_share": 0.5, "pointwise_share": 1.0}),
        (np.eye(8), [0, 1, 2, 2, 0, 1, 2, 0], {"n_clusters": 1, "n_pairs": 1, "l2": (0.0,)}),
        (np.eye(8), [0, 1, 2, 2, 0, 1, 2, 0], {"n_clusters": 1, "l2": (1e12,), "pointwise_l2": 1e12}),
        (np.eye(8) * 1e6, [0, 1] * 4, {"n_clusters": 1, "l2": (0.0,), "pointwise_share": 0.5}),
        (np.eye(8), [0, 1] * 4, {"n_clusters": 1, "l2": (0.1, 1.0), "label_distance": 2.0, "cluster_weight": "size"}),
    ],
)
def test_rows_few_or_alike_give_a_model(
    base: Any, helpers: Any, features: Any, targets: Any, changed: dict[str, Any], loss: str
) -> None:
    data = helpers.features(*[helpers.examples(features, targets)] * 2)
    head = helpers.fit(Contrastive, base, data, settings_for(loss=loss, **changed)).pipeline.head
    assert np.isfinite(head.predict_proba(np.asarray(features, dtype=np.float32))).all()
    assert all(np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all() for layer in head.layers)


def test_a_label_that_valid_lacks_is_ranked_all_the_same(base: Any, helpers: Any) -> None:
    features, targets = planted(900, 2, 3)
    data = helpers.features(
        helpers.examples(*planted(1500, 1, 3)), helpers.examples(features[targets != 1], targets[targets != 1])
    )
    model = helpers.fit(Contrastive, base, data, settings_for(n_clusters=1))
    assert spearmanr(score(model, features), targets).statistic > 0.5


@pytest.mark.parametrize("name", ["seed", "n_clusters", "n_clusterings", "cluster_weight", "global_share", "loss"])
def test_what_pairs_are_and_cost_makes_other_models(helpers: Any, name: str) -> None:
    """And where rows have three labels, how far these are apart."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 3, 400)
    data = helpers.features(*[helpers.examples(rng.normal(size=(400, 8)) + targets[:, None] / 2, targets)] * 2)
    values = {"seed": 7, "n_clusters": 9, "n_clusterings": 1, "cluster_weight": "sqrt", "global_share": 0.5}
    plain, other = settings_for(), settings_for(**{name: {**values, "loss": "hinge"}[name]})
    distant = settings_for(label_distance=1.0)
    weights = {fit_head(data, params).layers[0][0].tobytes() for params in (plain, other, distant)}
    assert len(weights) == 3


def test_more_clusterings_make_seeds_agree(helpers: Any) -> None:
    """The scores of five seeds, with one clustering and with eight."""
    rng = np.random.default_rng(1)
    features = rng.normal(size=(600, 8))
    targets = features @ rng.normal(size=8) / 2 + np.sin(3 * features[:, 0]) + rng.normal(size=600) > 0
    data = helpers.features(*[helpers.examples(features, targets)] * 2)

    def spread(n_clusterings: int) -> float:
        params = [settings_for(n_clusters=20, n_clusterings=n_clusterings, seed=seed) for seed in range(5)]
        slopes = [np.diff(fit_head(data, each).layers[0][0], axis=0)[0] for each in params]
        return float(np.std([slope / np.linalg.norm(slope) for slope in slopes], axis=0).mean())

    assert spread(8) < 0.6 * spread(1)


def test_the_manifest_counts_clusters_and_pairs(trained: Callable[..., Path]) -> None:
    counts = Manifest.load(trained("contrastive", 2)).statistics
    assert counts["clusterings"] == 2
    assert 0 < counts["clusters_with_pairs"] <= counts["clusters"] <= 6
    assert 0 < counts["rows_in_pairs"] <= 240
    assert counts["pairs"] > 2000 * 0.9
    assert counts["pairs_in_clusters"] > counts["rows_in_pairs"]


def test_labels_that_are_words_are_ranked_in_the_order_given(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    names = ["poor", "fair", "excellent"]
    parts = {
        split: [{**row, "score": names[row["score"]]} for row in helpers.rows(n, 3, seed)]
        for split, n, seed in (("train", 300, 1), ("valid", 90, 2))
    }
    dataset = helpers.write(tmp_path / "rows", **parts)
    model = bonepick.load(helpers.train("contrastive", dataset, tmp_path / "model", base_dir, labels=names))
    assert model.manifest.classes == names
    rows = helpers.rows(200, 3, 5)
    scores = scores_of(model.predict_proba([row["text"] for row in rows]))
    assert spearmanr(scores, [row["score"] for row in rows]).statistic > 0.5


def test_the_manifest_says_how_it_was_made(trained: Callable[..., Path]) -> None:
    manifest = Manifest.load(trained("contrastive", 2))
    assert (manifest.kind, manifest.params["n_clusters"], manifest.params["loss"]) == ("contrastive", 3, "logistic")


@pytest.mark.parametrize("wrong", [{"n_clusters": 0}, {"loss": "log"}, {"n_pairs": 0}, {"margin": 0.0}])
def test_settings_out_of_bounds_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        ContrastiveParams(**wrong)
