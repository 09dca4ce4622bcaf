"""Predictions made by hand, and small trained models with the datasets they are evaluated on."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from bonepick.classifiers.contrastive import ContrastiveParams, train_contrastive
from bonepick.classifiers.fasttext import FastTextParams, train_fasttext
from bonepick.classifiers.model2vec import Model2VecParams, train_model2vec
from bonepick.data.converting import ConvertParams, convert_to_fasttext
from bonepick.data.normalizing import NormalizeParams, normalize_dataset
from bonepick.data.rows import RowParams
from bonepick.evaluation.predictions import Predictions

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


def write_dataset(folder: Path, **splits: Rows) -> Path:
    for split, rows in splits.items():
        (folder / split).mkdir(parents=True, exist_ok=True)
        for number in range(2):
            lines = [json.dumps(row) + "\n" for row in rows[number::2]]
            (folder / split / f"{number}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def make_predictions(
    gold: Sequence[str],
    probabilities: Any,
    classes: Sequence[str],
    kind: str = "model2vec",
    dataset: Sequence[str] | str = "own",
    split: Sequence[str] | str = "test",
    **columns: Any,
) -> Predictions:
    n = len(gold)
    datasets = [dataset] * n if isinstance(dataset, str) else list(dataset)
    splits = [split] * n if isinstance(split, str) else list(split)
    counted: dict[tuple[str, str], int] = {}
    rows = []
    for key in zip(datasets, splits, strict=True):
        rows.append(counted.get(key, 0))
        counted[key] = rows[-1] + 1
    own: dict[str, list[Any]] = {
        "dataset": datasets,
        "split": splits,
        "row": rows,
        "digest": [f"{i:064x}" for i in range(n)],
        "length": [10 + i for i in range(n)],
        "words": [2 + i // 5 for i in range(n)],
        "source": ["web"] * n,
        "group": [None] * n,
        "topic": [None] * n,
        "gold": list(gold),
    }
    shape = (n, len(classes))
    return Predictions(
        kind, list(classes), {**own, **columns}, np.asarray(probabilities, dtype=np.float64).reshape(shape)
    )


def random_predictions(n: int, classes: Sequence[str], seed: int, **columns: Any) -> Predictions:
    """Probabilities that know something of the gold label; with ties, as real models have for repeated texts."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, len(classes), size=n)
    chances = rng.dirichlet(np.ones(len(classes)), size=n) + 0.5 * np.eye(len(classes))[gold]
    chances = np.round(chances, 1) + 0.01
    chances /= chances.sum(axis=1, keepdims=True)
    return make_predictions([classes[g] for g in gold], chances, classes, **columns)


class World:
    """Where everything that was made once lies: `raw`, `normalized`, `lines`, and a model directory a kind."""

    def __init__(self, root: Path) -> None:
        self.raw = write_dataset(
            root / "raw" / "own", train=make_rows(200, 1), valid=make_rows(60, 2), test=make_rows(90, 3)
        )
        self.normalized, self.lines = root / "normalized" / "own", root / "lines" / "own"
        normalize_dataset(self.raw, self.normalized, NormalizeParams(name=NORMALIZER), RowParams())
        convert_to_fasttext(self.raw, self.lines, ConvertParams(name=NORMALIZER), RowParams())
        self.models = root / "models"
        static = {"learning_rate": 0.03, "max_epochs": 10}
        self.base = _tiny_base(root / "base")
        base, rows, labels = str(self.base), RowParams(), NAMES
        contrastive = ContrastiveParams(n_clusters=2, n_pairs=1000, **static)
        train_model2vec([self.normalized], base, self.models / "model2vec", Model2VecParams(**static), rows, labels)
        train_contrastive([self.normalized], base, self.models / "contrastive", contrastive, rows, labels)
        train_fasttext([self.lines], self.models / "fasttext", FastTextParams(bucket=500, dimension=4), labels)


def _tiny_base(folder: Path) -> Path:
    vocabulary = ["[UNK]", *(word for words in WORDS.values() for word in words)]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    vectors = np.random.default_rng(7).normal(size=(len(vocabulary), 8)).astype(np.float32)
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def make() -> Callable[..., Predictions]:
    return make_predictions


@pytest.fixture(scope="session")
def make_random() -> Callable[..., Predictions]:
    return random_predictions


@pytest.fixture(scope="session")
def rows_of() -> Callable[[int, int], Rows]:
    return make_rows


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    return write_dataset
