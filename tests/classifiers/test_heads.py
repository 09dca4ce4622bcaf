"""Heads: what they converge to, which of several is kept, when training ends."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bonepick.classifiers.model2vec.classifier import Model2Vec
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static import device
from bonepick.classifiers.static.layers import static_pipeline
from bonepick.classifiers.static.params import HeadParams
from bonepick.classifiers.static.standardizer import Standardizer, linear_layers
from bonepick.classifiers.static.train_head import train_head
from bonepick.core.errors import BonepickError, UsageError


def noisy(n: int, n_classes: int, seed: int) -> tuple[Any, Any]:
    """Features far from mean 0 and variance 1, and labels that they tell only in part."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 8)) * np.logspace(-2, 1, 8) + np.linspace(-5, 5, 8)
    standard = (features - np.linspace(-5, 5, 8)) / np.logspace(-2, 1, 8)
    logits = standard @ np.random.default_rng(0).normal(size=(8, n_classes)) + rng.gumbel(size=(n, n_classes))
    return features.astype(np.float32), logits.argmax(axis=1)


@pytest.mark.parametrize("weighting", ["uniform", "balanced"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_linear_head_is_logistic_regression(base: Any, helpers: Any, n_classes: int, weighting: Any) -> None:
    """With two classes softmax has two vectors where scikit-learn has their difference: half the penalty."""
    features, targets = noisy(600, n_classes, 1)
    if n_classes == 2:
        keep = (targets == 1) | (np.arange(600) % 4 == 0)  # one class is rarer
        features, targets = features[keep], targets[keep]
    data = helpers.features(*[helpers.examples(features, targets)] * 2)
    l2, n = 1e-5, len(targets)  # so small that the lowest penalized loss is the lowest loss, by which heads are kept
    params = Model2VecParams(
        learning_rate=0.05,
        batch_size=n,
        max_epochs=800,
        early_stopping_patience=800,
        l2=(l2,),
        loss_class_weight=weighting,
    )
    ours = helpers.fit(Model2Vec, base, data, params).pipeline.head.predict_proba(features)
    penalty = l2 / 2 if n_classes == 2 else l2
    weights = "balanced" if weighting == "balanced" else None
    theirs = LogisticRegression(C=1 / (n * penalty), class_weight=weights, max_iter=5000, tol=1e-8)
    standard = StandardScaler().fit_transform(features.astype(np.float64))
    np.testing.assert_allclose(ours, theirs.fit(standard, targets).predict_proba(standard), atol=5e-3)


def test_balanced_weights_make_rare_classes_weigh_alike(base: Any, helpers: Any) -> None:
    """Features that tell nothing: what is left is the share of each class, or the same for each."""
    rng = np.random.default_rng(1)
    data = helpers.features(
        *[helpers.examples(rng.normal(size=(1000, 8)), np.arange(1000) % 10 == 0) for _ in range(2)]
    )
    found = {}
    for weighting in ("uniform", "balanced"):
        params = Model2VecParams(learning_rate=0.01, l2=(1.0,), loss_class_weight=weighting)  # type: ignore[arg-type]
        probabilities = helpers.fit(Model2Vec, base, data, params).pipeline.head.predict_proba(data.valid.features)
        found[weighting] = float(probabilities[:, 1].mean())
    assert found["uniform"] == pytest.approx(0.1, abs=0.03)
    assert found["balanced"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
def test_folding_the_standardizer_in_changes_no_logit(base: Any, hidden: tuple[int, ...]) -> None:
    features, _ = noisy(50, 2, 3)
    features[:, 2] = 7.25  # no spread: nothing to divide by
    standardizer = Standardizer(features)
    torch.manual_seed(1)
    sizes = (8, *hidden, 3)
    layers: list[torch.nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    head = torch.nn.Sequential(*layers[:-1])
    with torch.no_grad():
        wanted = head(standardizer.tensor(features, "cpu")).numpy()
    pipeline = static_pipeline(base, standardizer.folded_into(head), ["a", "b", "c"])
    np.testing.assert_allclose(pipeline.head.predict_regression(features), wanted, atol=1e-4)


def test_standardized_features_have_mean_0_and_variance_1() -> None:
    features, _ = noisy(500, 2, 4)
    tensor = Standardizer(features).tensor(features, "cpu")
    assert tensor.dtype == torch.float32
    np.testing.assert_allclose(tensor.mean(dim=0), np.zeros(8), atol=1e-3)
    np.testing.assert_allclose(tensor.std(dim=0, correction=0), np.ones(8), atol=1e-3)


class Scripted:
    """Validation losses that are given, and what the head was at each."""

    n_examples = 4

    def __init__(self, losses: list[float]) -> None:
        self.losses = losses
        self.seen: list[Any] = []

    def loss(self, head: Any, chosen: Any) -> Any:
        return (head(torch.ones(len(chosen), 2)) - 100).square().mean()

    def valid_loss(self, head: Any) -> Any:
        self.seen.append(linear_layers(head)[0].weight.detach().clone())
        return torch.tensor(self.losses[len(self.seen) - 1])


@pytest.mark.parametrize(
    ("losses", "patience", "epochs", "best"),
    [
        ([5, 4, 3, 4, 5, 0, 0], 2, 5, 2),  # patience ends it before the zeros
        ([5, 4, 3, 4, 2, 4, 5, 0], 2, 7, 4),  # a new best starts the wait again
        ([5, 5, 5, 5], 3, 4, 0),  # as good is not better
        ([5, 4, 3, 2], 1, 4, 3),  # max_epochs ends it
        ([1, float("nan"), float("nan"), 0], 2, 3, 0),  # a loss that is no number is no improvement
    ],
)
def test_training_ends_in_time_and_the_best_head_is_kept(
    losses: list[float], patience: int, epochs: int, best: int
) -> None:
    objective = Scripted(losses)
    params = HeadParams(max_epochs=len(losses), early_stopping_patience=patience, device="cpu")
    head = train_head((2, 1), objective, params)
    assert len(objective.seen) == epochs
    assert torch.equal(linear_layers(head.module)[0].weight, objective.seen[best])
    assert [valid for _, valid in head.history] == pytest.approx(losses[:epochs], nan_ok=True)
    assert head.history[0][0] == pytest.approx(9_800, rel=0.05)  # (100 - about 1) squared, before the first step
    assert len({tuple(weight.flatten().tolist()) for weight in objective.seen}) == epochs


@pytest.mark.parametrize("penalties", [(3.0, 0.01, 1e-6), (0.01, 3.0, 1e-6), (1e-6, 3.0, 0.01)])
def test_of_several_penalties_the_best_on_validation_is_taken(
    base: Any, helpers: Any, penalties: tuple[float, ...], notes: list[str]
) -> None:
    """Little training data with many features: no penalty overfits, a large one learns nothing."""
    train, valid = (noisy(n, 2, seed) for n, seed in ((60, 5), (2000, 6)))
    data = helpers.features(helpers.examples(*train), helpers.examples(*valid))
    settings = {"learning_rate": 0.05, "max_epochs": 100, "early_stopping_patience": 100}

    def outcome(l2: tuple[float, ...]) -> tuple[float, bytes]:
        head = helpers.fit(Model2Vec, base, data, Model2VecParams(l2=l2, **settings)).pipeline.head
        probabilities = head.predict_proba(data.valid.features)[np.arange(2000), data.valid.targets]
        return float(-np.log(probabilities).mean()), head.layers[0].weight.tobytes()

    alone = [outcome((l2,)) for l2 in penalties]
    assert len({weights for _, weights in alone}) == 3
    notes.clear()
    assert outcome(penalties) == min(alone)
    (said,) = notes
    assert said.startswith(f"l2 {penalties[alone.index(min(alone))]:g} has the lowest validation loss")


def test_a_larger_penalty_makes_smaller_weights(base: Any, helpers: Any) -> None:
    data = helpers.features(*[helpers.examples(*noisy(300, 2, 7))] * 2)
    sizes = []
    for l2 in (0.0, 0.1, 10.0):
        params = Model2VecParams(l2=(l2,), learning_rate=0.05, max_epochs=200)
        weight = helpers.fit(Model2Vec, base, data, params).pipeline.head.layers[0].weight
        sizes.append(float(np.linalg.norm(weight * Standardizer(data.train.features).scale)))
    assert sizes[0] > 1.3 * sizes[1]
    assert sizes[1] > 2 * sizes[2] > 0


def test_training_leaves_the_random_numbers_of_others_alone(base: Any, helpers: Any) -> None:
    data = helpers.features(*[helpers.examples(*noisy(50, 2, 8))] * 2)
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    helpers.fit(Model2Vec, base, data, Model2VecParams(max_epochs=2))
    assert torch.equal(torch.rand(3), wanted)


def test_the_seed_decides(base: Any, helpers: Any) -> None:
    data = helpers.features(*[helpers.examples(*noisy(100, 2, 9))] * 2)

    def weights(seed: int) -> bytes:
        params = Model2VecParams(seed=seed, max_epochs=2, hidden_units=(4,))
        return helpers.fit(Model2Vec, base, data, params).pipeline.head.layers[0].weight.tobytes()

    assert weights(1) == weights(1)
    assert weights(1) != weights(2)


@pytest.mark.parametrize(
    "wrong",
    [{"l2": ()}, {"l2": (-1.0,)}, {"max_epochs": 0}, {"learning_rate": 0.0}, {"device": "tpu"}, {"batch_size": 2.7}],
)
def test_settings_out_of_bounds_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        HeadParams(**wrong)


@pytest.mark.parametrize(
    ("wanted", "there", "found"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_auto_takes_a_gpu_where_there_is_one(
    wanted: Any, there: bool, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert device.resolved(wanted) == found


def test_a_gpu_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="no GPU"):
        device.resolved("cuda")


def test_training_that_diverges_is_an_error(base: Any, helpers: Any) -> None:
    data = helpers.features(*[helpers.examples(np.eye(base.dim, dtype=np.float32), np.arange(base.dim) % 2)] * 2)
    with pytest.raises(BonepickError, match="diverged"):
        helpers.fit(Model2Vec, base, data, Model2VecParams(l2=(1e308,), max_epochs=2))
