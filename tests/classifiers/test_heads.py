"""Heads: what they converge to, which of several is kept, when training ends."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bonepick.classifiers.model2vec.classifier import Model2Vec
from bonepick.classifiers.model2vec.head import fit_head
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static import device, train_mlp
from bonepick.classifiers.static.convex import find_minimum
from bonepick.classifiers.static.labelled import labelled
from bonepick.classifiers.static.layers import logits_of
from bonepick.classifiers.static.standard_rows import StandardRows
from bonepick.classifiers.static.standardizer import Standardizer
from bonepick.core.errors import BonepickError, UsageError


def noisy(n: int, n_classes: int, seed: int) -> tuple[Any, Any]:
    """Features far from mean 0 and variance 1, and labels that they tell only in part."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 8)) * np.logspace(-2, 1, 8) + np.linspace(-5, 5, 8)
    standard = (features - np.linspace(-5, 5, 8)) / np.logspace(-2, 1, 8)
    logits = standard @ np.random.default_rng(0).normal(size=(8, n_classes)) + rng.gumbel(size=(n, n_classes))
    return features.astype(np.float32), logits.argmax(axis=1)


@pytest.mark.parametrize("l2", [1e-4, 0.1])
@pytest.mark.parametrize("weighting", ["uniform", "balanced", "sqrt"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_linear_head_is_logistic_regression(
    base: Any, helpers: Any, n_classes: int, weighting: Any, l2: float
) -> None:
    """With two classes softmax has two vectors where scikit-learn has their difference: half the penalty."""
    features, targets = noisy(600, n_classes, 1)
    if n_classes == 2:
        keep = (targets == 1) | (np.arange(600) % 4 == 0)  # one class is rarer
        features, targets = features[keep], targets[keep]
    data = helpers.features(*[helpers.examples(features, targets)] * 2)
    params = Model2VecParams(l2=(l2,), loss_class_weight=weighting)
    ours = helpers.fit(Model2Vec, base, data, params).pipeline.head.predict_proba(features)
    balance = len(targets) / (n_classes * np.bincount(targets))
    weights = {"uniform": balance**0, "balanced": balance, "sqrt": np.sqrt(balance)}[weighting][targets]
    penalty = weights.sum() * (l2 / 2 if n_classes == 2 else l2)
    theirs = LogisticRegression(C=1 / penalty, max_iter=5000, tol=1e-10)
    standard = StandardScaler().fit_transform(features.astype(np.float64))
    theirs.fit(standard, targets, sample_weight=weights)
    np.testing.assert_allclose(ours, theirs.predict_proba(standard), atol=1e-3)


def test_balanced_weights_make_rare_classes_weigh_alike(base: Any, helpers: Any) -> None:
    """Features that tell nothing: what is left is the share of each class, or the same for each."""
    rng = np.random.default_rng(1)
    data = helpers.features(
        *[helpers.examples(rng.normal(size=(1000, 8)), np.arange(1000) % 10 == 0) for _ in range(2)]
    )
    found = {}
    for hidden in ((), (3,)):
        for weighting in ("uniform", "sqrt", "balanced"):
            params = Model2VecParams(
                learning_rate=0.01,
                l2=(1.0,),
                loss_class_weight=weighting,
                hidden_units=hidden,  # type: ignore[arg-type]
            )
            probabilities = helpers.fit(Model2Vec, base, data, params).pipeline.head.predict_proba(data.valid.features)
            found[weighting] = float(probabilities[:, 1].mean())
        assert found["uniform"] == pytest.approx(0.1, abs=0.03)
        assert found["sqrt"] == pytest.approx(0.25, abs=0.04)
        assert found["balanced"] == pytest.approx(0.5, abs=0.05)


def rows_of(features: Any, targets: Any) -> Any:
    return labelled(StandardRows(features, Standardizer(features), "cpu"), targets, np.ones(int(targets.max()) + 1))


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
def test_folding_the_standardizer_in_changes_no_logit(hidden: tuple[int, ...]) -> None:
    features, _ = noisy(50, 2, 3)
    features[:, 2] = 7.25  # no spread: nothing to divide by
    standardizer, rng, sizes = Standardizer(features), np.random.default_rng(1), (8, *hidden, 3)
    layers = [(rng.normal(size=(out, into)), rng.normal(size=out)) for into, out in pairwise(sizes)]
    outputs = (features - standardizer.mean) / standardizer.scale
    for number, (weight, bias) in enumerate(layers):
        outputs = (np.maximum(outputs, 0) if number else outputs) @ weight.T + bias
    np.testing.assert_allclose(logits_of(standardizer.folded_into(layers), features), outputs, atol=1e-3)


def test_products_of_standardized_rows_are_those_of_a_copy() -> None:
    """More rows than a block has, and a feature that is the same in all."""
    features, targets = noisy(9000, 2, 4)
    features[:, 3] = 0.1
    rows = rows_of(features, targets).rows
    standard = StandardScaler().fit_transform(features.astype(np.float64))
    np.testing.assert_allclose(rows.batch(torch.arange(0, 9000, 7)), standard[::7], atol=1e-4)
    weights, errors = np.random.default_rng(1).normal(size=(8, 3)), np.random.default_rng(2).normal(size=(9000, 3))
    np.testing.assert_allclose(rows.products(weights), standard @ weights, atol=1e-3)
    np.testing.assert_allclose(rows.transposed_times(torch.from_numpy(errors)), standard.T @ errors, atol=1e-1)


def test_features_that_are_mapped_give_the_same_head(helpers: Any, tmp_path: Path) -> None:
    features, targets = noisy(300, 3, 5)
    features.tofile(tmp_path / "features")
    mapped = np.memmap(tmp_path / "features", dtype=np.float32, mode="r", shape=features.shape)
    for hidden in ((), (4,)):
        params = Model2VecParams(hidden_units=hidden, max_epochs=2)
        heads = []
        for kind in (features, mapped):
            examples = helpers.examples(features, targets)
            object.__setattr__(examples, "features", kind)
            heads.append(fit_head(helpers.features(examples, examples), params).layers)
        for (weight, bias), (other_weight, other_bias) in zip(*heads, strict=True):
            assert (weight.tobytes(), bias.tobytes()) == (other_weight.tobytes(), other_bias.tobytes())


TRAINED = """
import sys
from importlib import import_module

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.static.features import Examples, Features

rng = np.random.default_rng(1)
features = rng.normal(size=(5000, 32)).astype(np.float32)
targets = (features[:, 0] + rng.normal(size=5000) > 0).astype(np.int64) + (features[:, 1] > 1)
groups = [str(number % 900) for number in range(5000)]
parts = [
    Examples(features[s], targets[s], [None] * len(groups[s]), groups[s]) for s in (slice(4500), slice(4500, None))
]
settings = {
    "model2vec": ({}, {"hidden_units": (8,), "max_epochs": 1, "l2": (0.1,)}),
    "contrastive": ({"n_clusters": 9, "n_clusterings": 2, "n_pairs": 9_000, "l2": (0.1, 1.0)},),
}
torch.set_num_threads(int(sys.argv[1]))
with threadpool_limits(int(sys.argv[1])):
    for kind, each in settings.items():
        for params in each:
            head = import_module(f"bonepick.classifiers.{kind}.head").fit_head(
                Features(["0", "1", "2"], *parts), params_of(kind)(**params)
            )
            layers = [array.tobytes().hex() for layer in head.layers for array in layer]
            print(kind, layers, list(head.history), head.tried, head.statistics)
"""


def test_heads_are_the_same_in_each_process_whatever_its_threads() -> None:
    said = [
        subprocess.run([sys.executable, "-c", TRAINED, threads], capture_output=True, text=True, check=True).stdout
        for threads in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].count("\n") == 3


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
    losses: list[float], patience: int, epochs: int, best: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def scripted(head: Any, examples: Any) -> float:
        seen.append(head[0].weight.detach().clone().double().numpy())
        return losses[len(seen) - 1]

    monkeypatch.setattr(train_mlp, "_whole_loss", scripted)
    params = Model2VecParams(max_epochs=len(losses), early_stopping_patience=patience)
    examples = rows_of(*noisy(50, 2, 9))
    fitted = train_mlp.train_mlp((8, 3, 2), examples, examples, 0.0, params)
    assert len(seen) == epochs
    np.testing.assert_array_equal(fitted.layers[0][0], seen[best])
    assert [valid for _, valid in fitted.history] == pytest.approx(losses[:epochs], nan_ok=True)
    assert len({weight.tobytes() for weight in seen}) == epochs


def test_training_without_one_finite_loss_is_an_error() -> None:
    examples = rows_of(*noisy(50, 2, 9))
    params = Model2VecParams(learning_rate=1e30, max_epochs=3)
    with pytest.raises(BonepickError, match=r"diverged.*lower learning_rate"):
        train_mlp.train_mlp((8, 3, 2), examples, examples, 0.0, params)


@pytest.mark.parametrize("penalties", [(3.0, 0.01, 1e-6), (0.01, 3.0, 1e-6), (1e-6, 3.0, 0.01)])
def test_of_several_penalties_the_best_on_rows_held_out_is_taken(
    helpers: Any, penalties: tuple[float, ...], notes: list[str]
) -> None:
    """Each row is there four times, and in valid/ too: judged on its copies, no penalty would be the best."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(60), 4)
    features = rng.normal(size=(60, 48))
    targets = features[:, 0] + rng.normal(size=60) > 0
    examples = helpers.examples(features[group], targets[group], groups=[str(name) for name in group])
    data = helpers.features(examples, examples)
    head = fit_head(data, Model2VecParams(l2=penalties))
    alone = fit_head(data, Model2VecParams(l2=(0.01,)))
    best = max(head.tried, key=lambda one: one.metric or 0)
    assert [one.values["l2"] for one in head.tried] == list(penalties)
    assert best.values["l2"] > 1e-6
    winner = fit_head(data, Model2VecParams(l2=(best.values["l2"],)))
    assert head.layers[0][0].tobytes() == winner.layers[0][0].tobytes()
    assert alone.tried == [] and winner.tried == []
    (said,) = notes
    assert said.startswith(f"l2 {best.values['l2']} has the best AUC of") and "3 folds" in said


def test_hidden_units_are_tried_like_penalties(helpers: Any, notes: list[str]) -> None:
    """Exclusive or, which no linear head learns."""
    features = np.random.default_rng(1).normal(size=(900, 8))
    data = helpers.features(*[helpers.examples(features, features[:, 0] * features[:, 1] > 0)] * 2)
    params = Model2VecParams(hidden_units=((), (16,)), l2=(0.001,), learning_rate=0.02, max_epochs=20)
    head = fit_head(data, params)
    assert [weight.shape for weight, _ in head.layers] == [(16, 8), (2, 16)]
    assert [one.values for one in head.tried] == [{"hidden_units": ()}, {"hidden_units": (16,)}]
    assert [weight.shape for weight, _ in fit_head(data, Model2VecParams(hidden_units=((),))).layers] == [(2, 8)]
    assert Model2VecParams(hidden_units=((3,), (), (3,))).architectures == ((3,), ())


@pytest.mark.parametrize("wrong", [(4, (5,)), ((), 3), ((0,),), (0,)])
def test_hidden_units_are_one_list_or_a_list_of_lists(wrong: Any) -> None:
    with pytest.raises(UsageError, match="hidden_units"):
        Model2VecParams(hidden_units=wrong)


def test_where_classes_have_no_order_each_is_told_from_the_rest(helpers: Any, notes: list[str]) -> None:
    features, targets = noisy(400, 3, 7)
    examples = helpers.examples(features, targets)
    data = helpers.features(examples, examples)
    object.__setattr__(data, "classes", ["code", "maths", "prose"])
    assert all(0.5 < (one.metric or 0) < 1 for one in fit_head(data, Model2VecParams(l2=(0.1, 0.01))).tried)


def test_rows_alike_and_few_are_trained_on(helpers: Any) -> None:
    """Two rows, and rows that are all the same: nothing to tell them by."""
    for features, targets in ((np.eye(2, 8), [0, 1]), (np.ones((6, 8)), [0, 1, 0, 1, 1, 1])):
        for hidden in ((), (3,)):
            data = helpers.features(*[helpers.examples(features, targets)] * 2)
            head = fit_head(data, Model2VecParams(hidden_units=hidden, max_epochs=2))
            assert np.isfinite(logits_of(head.layers, data.train.features)).all()


def test_a_larger_penalty_makes_smaller_weights(base: Any, helpers: Any) -> None:
    data = helpers.features(*[helpers.examples(*noisy(300, 2, 7))] * 2)
    sizes = []
    for l2 in (0.0, 0.1, 10.0):
        weight = helpers.fit(Model2Vec, base, data, Model2VecParams(l2=(l2,))).pipeline.head.layers[0].weight
        sizes.append(float(np.linalg.norm(weight * Standardizer(data.train.features).scale)))
    assert sizes[0] > 1.3 * sizes[1]
    assert sizes[1] > 2 * sizes[2] > 0


def test_the_history_falls_to_the_optimum(helpers: Any) -> None:
    data = helpers.features(helpers.examples(*noisy(300, 2, 7)), helpers.examples(*noisy(300, 2, 8)))
    history = fit_head(data, Model2VecParams(l2=(0.01,))).history
    assert history[0][0] > history[-1][0] > 0
    assert len({valid for _, valid in history}) == len(history) > 3


def test_training_leaves_the_random_numbers_of_others_alone(base: Any, helpers: Any) -> None:
    data = helpers.features(*[helpers.examples(*noisy(50, 2, 8))] * 2)
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    helpers.fit(Model2Vec, base, data, Model2VecParams(max_epochs=2, hidden_units=(3,)))
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
        Model2VecParams(**wrong)


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


def test_it_is_said_before_rows_are_read(
    base_dir: Path, tmp_path: Path, helpers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    (tmp_path / "rows/train").mkdir(parents=True)
    (tmp_path / "rows/train/0.jsonl").write_text("no row")
    for kind in ("model2vec", "contrastive"):
        with pytest.raises(UsageError, match=r"^device: cuda is asked for"):
            helpers.train_here(kind, [tmp_path / "rows"], tmp_path / "model", base=base_dir, device="cuda")


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(BonepickError, match="diverged"):
        find_minimum(lambda weights: (float("nan"), weights), np.ones(3), 1.0)
