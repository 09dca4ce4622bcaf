"""Small trained models with the datasets they are evaluated on."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from tests.made_up_predictions import make, make_random  # noqa: F401 (fixtures)
from tests.tiny import tiny_base, tiny_dataset

NAMES = ["bad", "fair", "good"]
WORDS = {name: [f"{name}{i}" for i in range(4)] for name in NAMES}
NORMALIZER = "potion"

Rows = list[dict[str, Any]]


def make_rows(n: int, seed: int) -> Rows:
    """Texts that normalization changes: capitals, line breaks; two in three of their words are of their label."""
    rng = random.Random(seed)
    rows = []
    for number in range(n):
        label = rng.choice(NAMES)
        words = [rng.choice(WORDS[label if rng.random() < 0.6 else rng.choice(NAMES)]) for _ in range(8)]
        text = " ".join(word.capitalize() for word in words).replace(" ", "\n", number % 3)
        rows.append({"text": text, "score": label, "source": f"s{number % 2}", "group": number})
    return rows


class World:
    """Where everything that was made once lies: `raw`, `normalized`, `lines`, and a model directory a kind."""

    def __init__(self, root: Path) -> None:
        self.raw = tiny_dataset(
            root / "raw" / "own", 2, train=make_rows(200, 1), valid=make_rows(60, 2), test=make_rows(90, 3)
        )
        self.normalized, self.lines = root / "normalized" / "own", root / "lines" / "own"
        normalize_dataset(self.raw, self.normalized, NormalizeParams(normalizer=NORMALIZER), RowParams())
        convert_to_fasttext(self.raw, self.lines, ConvertParams(normalizer=NORMALIZER), RowParams())
        self.models = root / "models"
        self.base = tiny_base(root / "base", [word for words in WORDS.values() for word in words])
        static: dict[str, Any] = {"labels": tuple(NAMES)}
        params = {
            "model2vec": Model2VecParams(**static),
            "contrastive": ContrastiveParams(n_clusters=2, n_pairs=1000, **static),
            "fasttext": FastTextParams(bucket=500, dimension=4, labels=tuple(NAMES)),
        }
        for kind, own in params.items():
            dataset = self.lines if own.takes_lines else self.normalized
            train(kind, TrainingInput([dataset], base_model=str(self.base)), self.models / kind, own)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def rows_of() -> Callable[[int, int], Rows]:
    return make_rows


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    return partial(tiny_dataset, shards=2)
