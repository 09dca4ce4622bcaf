"""A tiny base model, and datasets whose texts tell their label through their words."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model2vec import StaticModel

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.features import Examples, Features
from bonepick.classifiers.static.layers import static_pipeline
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from tests.tiny import DIM, tiny_base, tiny_dataset, tiny_vectors, vocabulary

TOPICS = [[f"{topic}{i}" for i in range(6)] for topic in ("law", "film", "bird")]
GRADES = [[f"grade{grade}{i}" for i in range(5)] for grade in range(5)]
WORDS = [word for words in (*TOPICS, *GRADES) for word in words]

Rows = list[dict[str, Any]]
Write = Callable[..., Path]


def graded_rows(n: int, n_classes: int, seed: int) -> Rows:
    """Texts of one topic whose words come mostly from their own grade; labels are numbers from 0."""
    rng = random.Random(seed)
    rows = []
    for _ in range(n):
        grade = rng.randrange(n_classes)
        words = rng.choices(rng.choice(TOPICS), k=rng.randint(2, 8))
        words += [rng.choice(GRADES[grade if rng.random() < 0.7 else rng.randrange(n_classes)]) for _ in range(6)]
        rng.shuffle(words)
        rows.append({"text": " ".join(words), "score": grade})
    return rows


SMALL: dict[str, dict[str, Any]] = {
    "fasttext": {"bucket": 500, "dimension": 4, "epoch": 10},
    "contrastive": {"n_clusters": 3, "n_clusterings": 2, "n_pairs": 2000},
    "model2vec": {"max_epochs": 15, "learning_rate": 0.03},
}


def small(kind: str, **changed: Any) -> Any:
    """Params with which a model is trained in a moment; a kind that is not named here has its defaults."""
    return params_of(kind)(**{**SMALL.get(kind, {}), **changed})


def train_kind(
    kind: str, dataset: Path, target: Path, base: Path | str, workers: int = 1, convert: str = "whitespace", **p: Any
) -> Path:
    """Train any kind on a dataset of shards; lines are converted first, under the model's name, where it takes them."""
    if params_of(kind).takes_lines:
        lines = target.parent / f"{target.name}-lines"
        convert_to_fasttext(dataset, lines, ConvertParams(normalizer=convert), RowParams(), Run(workers))
        dataset = lines
    train(kind, TrainingInput([dataset], base_model=str(base)), target, small(kind, **p), Run(workers))
    return target


def train_here(
    kind: str,
    sources: Sequence[Path],
    target: Path,
    *,
    rows: Any = None,
    run: Run = Run(),
    conversion: Any = None,
    base: Path | str = "packaged",
    **p: Any,
) -> Path:
    """Train any kind on datasets as they are."""
    given = {name: value for name, value in (("rows", rows), ("conversion", conversion)) if value is not None}
    train(kind, TrainingInput(sources, base_model=str(base), **given), target, small(kind, **p), run)
    return target


def several_labels(several: bool = True, **p: Any) -> OnTheFlyParams:
    """How training reads rows and lines with several labels."""
    return OnTheFlyParams(multi_label=several, **p)


def fit_on_features(classifier: Any, base: StaticModel, features: Features, params: Any) -> Any:
    """A classifier on static embeddings that was trained on planted features; it has no manifest."""
    head = classifier.fit_head(features, params)
    return classifier(static_pipeline(base, head.layers, features.classes), None, head.history)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def examples(features: Any, targets: Any, sources: Any = None, groups: Any = None) -> Examples:
    n = len(targets)
    return Examples(
        np.asarray(features, dtype=np.float32),
        np.asarray(targets, dtype=np.int64),
        [None] * n if sources is None else list(sources),
        [str(number) for number in range(n)] if groups is None else list(groups),
    )


def features_of(train: Examples, valid: Examples) -> Features:
    return Features([str(label) for label in range(int(train.targets.max()) + 1)], train, valid)


@pytest.fixture(scope="session")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base as others save it: it normalizes, and its tokenizer pads and cuts at 128, as BERT's do."""
    return tiny_base(tmp_path_factory.mktemp("tiny") / "base", WORDS, like_bert=True)


@pytest.fixture(scope="session")
def base(base_dir: Path) -> StaticModel:
    return load_base_model(str(base_dir))


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """Word -> vector of the tiny base."""
    return dict(zip(vocabulary(WORDS), tiny_vectors(WORDS), strict=True))


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Number of classes -> a dataset of that many, made once."""
    root, made = tmp_path_factory.mktemp("graded"), {}

    def dataset(n_classes: int) -> Path:
        if n_classes not in made:
            parts = {"train": graded_rows(240, n_classes, 1), "valid": graded_rows(90, n_classes, 2)}
            made[n_classes] = tiny_dataset(root / str(n_classes), **parts, test=graded_rows(60, n_classes, 3))
        return made[n_classes]

    return dataset


@pytest.fixture(scope="session")
def trained(
    tmp_path_factory: pytest.TempPathFactory, base_dir: Path, graded: Callable[[int], Path]
) -> Callable[[str, int], Path]:
    """Kind and number of classes -> a model directory, trained once."""
    root, made = tmp_path_factory.mktemp("models"), {}

    def model(kind: str, n_classes: int = 2) -> Path:
        if (kind, n_classes) not in made:
            made[kind, n_classes] = train_kind(kind, graded(n_classes), root / f"{kind}-{n_classes}", base_dir)
        return made[kind, n_classes]

    return model


@pytest.fixture(scope="session")
def helpers() -> Any:
    """The functions above, for tests: a conftest cannot be imported by name."""

    class Helpers:
        dim, topics, grades = DIM, TOPICS, GRADES
        rows = staticmethod(graded_rows)
        write = staticmethod(tiny_dataset)
        params = staticmethod(small)
        train = staticmethod(train_kind)
        content = staticmethod(content)
        examples = staticmethod(examples)
        features = staticmethod(features_of)
        fit = staticmethod(fit_on_features)
        train_here = staticmethod(train_here)
        several_labels = staticmethod(several_labels)

    return Helpers
