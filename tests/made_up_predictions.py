"""Predictions made by hand, and at random."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from bonepick.metrics.predictions import Predictions


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


@pytest.fixture(scope="session")
def make() -> Callable[..., Predictions]:
    return make_predictions


@pytest.fixture(scope="session")
def make_random() -> Callable[..., Predictions]:
    return random_predictions
