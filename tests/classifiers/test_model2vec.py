"""The model2vec kind: model2vec itself loads it and says the same; what it learns depends on data and params alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model2vec.inference import StaticModelPipeline
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

import bonepick
from bonepick.classifiers.base.kinds import kind_names
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.model2vec.classifier import Model2Vec
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.base_model import load_base_model
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run

Trained = Callable[..., Path]


def wild_texts(helpers: Any, n_classes: int) -> list[str]:
    """Beyond 512 tokens the second half is of another grade than the first: a cap would show."""
    worst, best = helpers.grades[0], helpers.grades[n_classes - 1]
    long = [" ".join(worst * 104 + best * 400), " ".join(best * 104 + worst * 400), " ".join(worst * 2000)]
    return [*(row["text"] for row in helpers.rows(50, n_classes, 30)), *long, "", "unknown", "\n"]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("kind", ["model2vec", "contrastive"])
def test_model2vec_itself_gives_the_same_probabilities(
    trained: Trained, helpers: Any, kind: str, n_classes: int
) -> None:
    directory, texts = trained(kind, n_classes), wild_texts(helpers, n_classes)
    theirs = StaticModelPipeline.from_pretrained(directory)
    assert list(theirs.classes_) == [str(label) for label in range(n_classes)]
    ours, short = bonepick.load(directory).predict_proba(texts), [len(text) < 10_000 for text in texts]
    found = theirs.predict_proba(texts)
    np.testing.assert_allclose(ours[short], found[short], rtol=0, atol=1e-6)
    # it adds the 10,000 vectors of the longest text in single precision
    np.testing.assert_allclose(ours, found, rtol=0, atol=2e-5)


@pytest.mark.parametrize("kind", ["model2vec", "contrastive"])
def test_probabilities_are_those_of_the_mean_of_all_tokens(
    trained: Trained, helpers: Any, vectors: dict[str, Any], kind: str
) -> None:
    model = bonepick.load(trained(kind, 3))
    (layer,) = model.pipeline.head.layers  # type: ignore[attr-defined]
    texts = [text for text in wild_texts(helpers, 3) if text.split() and set(text.split()) <= set(vectors)]
    means = np.stack([np.mean([vectors[word] for word in text.split()], axis=0, dtype=np.float64) for text in texts])
    np.testing.assert_allclose(
        model.predict_proba(texts), softmax(means @ layer.weight.T + layer.bias, axis=1), rtol=0, atol=3e-7
    )
    capped = [" ".join(text.split()[:512]) for text in texts]
    assert np.abs(model.predict_proba(texts) - model.predict_proba(capped)).max() > 0.01


@pytest.mark.parametrize("kind", ["model2vec", "contrastive"])
def test_the_packaged_base_gives_the_same_too(
    kind: str, graded: Callable[[int], Path], tmp_path: Path, helpers: Any
) -> None:
    """Its embeddings are whole numbers and its own config normalizes: both must not come between."""
    directory = helpers.train(kind, graded(2), tmp_path / "model", "packaged")
    texts = [*wild_texts(helpers, 2), "The court ruled on Monday.\n\nBuy now! Click here."]
    theirs = StaticModelPipeline.from_pretrained(directory)
    found = bonepick.load(directory).predict_proba(texts)
    np.testing.assert_allclose(found, theirs.predict_proba(texts), rtol=0, atol=1e-6)
    assert theirs.model.embedding.dtype == np.int8
    assert (theirs.model.config["normalize"], theirs.model.config["max_length"]) == (False, None)


def test_hidden_layers_are_loaded_too(
    graded: Callable[[int], Path], base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    directory = helpers.train("model2vec", graded(3), tmp_path / "model", base_dir, hidden_units=(6, 5))
    theirs = StaticModelPipeline.from_pretrained(directory)
    assert [layer.weight.shape for layer in theirs.head.layers] == [(6, 8), (5, 6), (3, 5)]
    texts = wild_texts(helpers, 3)
    found = bonepick.load(directory).predict_proba(texts)
    np.testing.assert_allclose(found, theirs.predict_proba(texts), rtol=0, atol=1e-6)


def test_a_hidden_layer_learns_what_a_linear_head_cannot(base: Any, helpers: Any) -> None:
    """Exclusive or."""
    features = np.random.default_rng(1).normal(size=(1500, 8))
    data = helpers.features(*[helpers.examples(features, features[:, 0] * features[:, 1] > 0)] * 2)
    found = {}
    for hidden in ((), (16,)):
        params = Model2VecParams(hidden_units=hidden, learning_rate=0.02, max_epochs=40)
        probabilities = helpers.fit(Model2Vec, base, data, params).pipeline.head.predict_proba(data.valid.features)
        found[hidden] = roc_auc_score(data.valid.targets, probabilities[:, 1])
    assert found[()] < 0.6 < 0.9 < found[(16,)]


def test_the_base_stays_as_it_is(trained: Trained, base_dir: Path) -> None:
    for kind in ("model2vec", "contrastive"):
        mine = StaticModelPipeline.from_pretrained(trained(kind, 2)).model
        assert mine.embedding.tobytes() == load_base_model(str(base_dir)).embedding.tobytes()


def test_the_manifest_says_how_it_was_made(trained: Trained, graded: Callable[[int], Path]) -> None:
    manifest = Manifest.load(trained("model2vec", 3))
    assert (manifest.kind, manifest.classes, manifest.seed, manifest.threads) == ("model2vec", ["0", "1", "2"], 42, 1)
    assert (manifest.end_of_line, manifest.normalizer) == (None, None)
    won = manifest.params["l2"]
    assert won in {one.values["l2"] for one in manifest.tried}
    assert Model2VecParams(**manifest.params) == Model2VecParams(max_epochs=15, learning_rate=0.03, l2=won)
    assert sum(manifest.label_shares.values()) == pytest.approx(1, abs=1e-5)
    assert {"model2vec", "torch", "tokenizers"} <= set(manifest.versions)


def test_valid_rows_decide_and_test_rows_do_not(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    parts = {"train": helpers.rows(120, 2, 1), "valid": helpers.rows(60, 2, 2), "test": helpers.rows(60, 2, 3)}
    changes = {
        "as-it-is": {},
        "other-test": {"test": helpers.rows(10, 5, 4)},
        "no-test": {"test": []},
        "other-valid": {"valid": [{**row, "score": 1 - row["score"]} for row in parts["valid"]]},
    }
    for kind, changed_params in (("model2vec", {"hidden_units": (4,)}), ("contrastive", {})):
        found = {}
        for name, changed in changes.items():
            dataset = helpers.write(tmp_path / kind / name, **{**parts, **changed})
            directory = helpers.train(kind, dataset, tmp_path / f"{kind}-{name}", base_dir, **changed_params)
            found[name] = helpers.content(directory)
        assert found["as-it-is"] == found["other-test"] == found["no-test"]
        assert found["as-it-is"]["head.safetensors"] != found["other-valid"]["head.safetensors"]


def test_a_label_without_validation_rows_is_learned_all_the_same(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    parts = {"train": helpers.rows(200, 3, 1), "valid": [row for row in helpers.rows(90, 3, 2) if row["score"] != 1]}
    dataset = helpers.write(tmp_path / "rows", **parts)
    for kind in ("model2vec", "contrastive"):
        model = bonepick.load(helpers.train(kind, dataset, tmp_path / kind, base_dir))
        found = model.predict_proba([row["text"] for row in helpers.rows(60, 3, 5)])
        assert np.isfinite(found).all() and (found[:, 1] > 0).all()


def test_an_occupied_output_is_refused(
    graded: Callable[[int], Path], base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine").write_text("keep", encoding="utf-8")
    with pytest.raises(BonepickError, match="not empty"):
        helpers.train_here("model2vec", [graded(2)], tmp_path / "model", base=base_dir)
    assert helpers.content(tmp_path / "model") == {"mine": b"keep"}
    with pytest.raises(BonepickError, match="'mine', not written by bonepick, which is kept"):
        helpers.train_here("model2vec", [graded(2)], tmp_path / "model", base=base_dir, run=Run(overwrite=True))
    assert helpers.content(tmp_path / "model") == {"mine": b"keep"}
    (tmp_path / "model" / "mine").unlink()
    for overwrite in (False, True):
        helpers.train_here("model2vec", [graded(2)], tmp_path / "model", base=base_dir, run=Run(overwrite=overwrite))
    assert bonepick.load(tmp_path / "model").manifest.kind == "model2vec"


def test_a_failed_training_leaves_nothing(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    dataset = helpers.write(tmp_path / "rows", train=[{"text": f"law{i}", "score": "a"} for i in range(100)])
    for kind in kind_names():
        with pytest.raises(BonepickError, match="only label 'a'"):
            helpers.train(kind, dataset, tmp_path / kind, base_dir)
    assert {path.name for path in tmp_path.iterdir()} <= {"rows", "fasttext-lines"}


def test_settings_of_another_kind_are_refused() -> None:
    with pytest.raises(UsageError, match="loss_class_weight"):
        Model2VecParams(loss_class_weight="some")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="hidden_units"):
        Model2VecParams(hidden_units=(0,))
