"""A kind is a package and nothing else: found by looking, known without its library, used without an edit elsewhere."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bonepick
import bonepick.classifiers
from bonepick.classifiers.base.kinds import classifier_of, kind_help, kind_names, params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.core.errors import BonepickError, UsageError
from bonepick.text.normalizer import NormalizerParams

HEAVY = {"numpy", "torch", "model2vec", "fasttext", "sklearn", "scipy", "tokenizers"}

PARAMS = """
from dataclasses import dataclass
from typing import ClassVar
from bonepick.classifiers.base.params import TrainParams

@dataclass(frozen=True, kw_only=True)
class MajorityParams(TrainParams):
    takes_valid: ClassVar[bool] = False
    smoothing: float = 1.0

PARAMS = MajorityParams
"""

CLASSIFIER = """
import numpy as np
from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.manifest import Manifest

class Majority(Classifier):
    kind = "majority"

    def __init__(self, manifest):
        self.manifest = manifest

    @classmethod
    def fit(cls, rows, params, run):
        (rows.scratch / "notes.txt").write_text("gone when training ends")
        assert all(len(item.labels) == 1 for batch in rows.batches("train") for item in batch.items)
        return cls(rows.manifest(cls.kind, ["numpy"]))

    @classmethod
    def load(cls, directory, labels=()):
        return cls(Manifest.load(directory))

    def save(self, directory):
        self.manifest.save(directory)

    def _probabilities(self, texts):
        shares = [self.manifest.label_shares[label] for label in self.manifest.classes]
        return np.tile(shares, (len(texts), 1))

CLASSIFIER = Majority
"""


def imported_by(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


def test_the_kinds_that_are_there() -> None:
    assert {"contrastive", "fasttext", "model2vec"} <= set(kind_names())
    assert list(kind_names()) == sorted(kind_names())
    assert not {"base", "static"} & set(kind_names())


def test_names_helps_and_params_are_known_without_any_library() -> None:
    kinds = "from bonepick.classifiers.base.kinds import *\n"
    loaded = imported_by(kinds + "for kind in kind_names(): params_of(kind)(), kind_help(kind)")
    assert "bonepick" in loaded and not loaded & HEAVY
    assert "model2vec" in imported_by(kinds + "classifier_of('model2vec')"), "what the look-out would see"


def test_training_can_be_set_up_without_any_library() -> None:
    assert not imported_by("import bonepick.classifiers.base.train, bonepick.classifiers.base.load") & HEAVY


def test_prediction_with_a_static_model_spares_torch(trained: Any) -> None:
    for kind in ("model2vec", "contrastive"):
        loaded = imported_by(f"import bonepick\nbonepick.load({str(trained(kind))!r}).predict_proba(['law0'])")
        assert "model2vec" in loaded and "torch" not in loaded


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_names_what_others_ask_it_for(kind: str) -> None:
    assert classifier_of(kind).kind == kind
    assert params_of(kind).__doc__
    assert kind_help(kind).startswith("Train ") and len(kind_help(kind)) < 120


@pytest.mark.parametrize("ask", [classifier_of, params_of, kind_help])
def test_a_kind_that_is_none_is_named_beside_those_that_are(ask: Any) -> None:
    with pytest.raises(UsageError, match=r"kind 'svm' are not known .* knows contrastive, fasttext, model2vec"):
        ask("svm")


def test_a_new_kind_is_its_package_and_nothing_else(
    tmp_path: Path, helpers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "kinds" / "majority"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""Train what always says the shares of the labels."""\n', encoding="utf-8")
    (package / "params.py").write_text(PARAMS, encoding="utf-8")
    (package / "classifier.py").write_text(CLASSIFIER, encoding="utf-8")
    monkeypatch.setattr(bonepick.classifiers, "__path__", [*bonepick.classifiers.__path__, str(package.parent)])

    assert "majority" in kind_names()
    assert kind_help("majority") == "Train what always says the shares of the labels."
    rows = helpers.write(tmp_path / "rows", train=[{"text": "law0 x", "score": i % 4 == 0} for i in range(40)])
    params = params_of("majority")(labels=(True, False), seed=7)
    conversion = NormalizerParams(normalizer="whitespace")
    manifest = train("majority", TrainingInput([rows], conversion=conversion), tmp_path / "model", params)
    assert sorted(helpers.content(tmp_path / "model")) == [".bonepick.json", "manifest.json"]
    assert manifest.params == {"labels": (True, False), "seed": 7, "smoothing": 1.0}
    model = bonepick.load(tmp_path / "model")
    assert model.manifest.classes == ["true", "false"]
    assert model.predict_proba(["a text", "another one"]).tolist() == [[0.25, 0.75]] * 2


def test_several_labels_are_for_kinds_that_take_them(tmp_path: Path, base_dir: Path, helpers: Any) -> None:
    rows = helpers.write(tmp_path / "rows", train=helpers.rows(20, 2, 1))
    conversion = OnTheFlyParams(normalizer="whitespace", auto=2)
    for kind in kind_names():
        if not params_of(kind).takes_several_labels:
            with pytest.raises(UsageError, match="for kinds that take several labels"):
                helpers.train_here(kind, [rows], tmp_path / "model", base=base_dir, conversion=conversion)


@pytest.mark.parametrize("kind", kind_names())
def test_a_failed_training_leaves_nothing(kind: str, tmp_path: Path, base_dir: Path) -> None:
    with pytest.raises(BonepickError, match="nowhere"):
        train(kind, TrainingInput([tmp_path / "nowhere"], base_model=str(base_dir)), tmp_path / "m", params_of(kind)())
    assert list(tmp_path.iterdir()) == []
