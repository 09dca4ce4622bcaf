"""Training rows as features and class numbers: each text is embedded once, and then forgotten."""

from dataclasses import dataclass

import numpy as np
from model2vec import StaticModel
from numpy.typing import NDArray

from bonepick.classifiers.base.training_rows import TrainingRows
from bonepick.classifiers.static.base_model import embed

SPLITS = ("train", "valid")


@dataclass(frozen=True)
class Examples:
    """Features, float32 of shape (n, dim), and class numbers, int64 of shape (n,)."""

    features: NDArray[np.float32]
    targets: NDArray[np.int64]


@dataclass(frozen=True)
class Features:
    """What a head is trained on. `classes` are canonical labels, worst to best: targets are their numbers."""

    classes: list[str]
    train: Examples
    valid: Examples


def embed_rows(rows: TrainingRows, base: StaticModel) -> Features:
    """Embed training and validation rows.

    Raises:
        BonepickError: see `TrainingRows.batches`.
    """
    features: dict[str, list[NDArray[np.float32]]] = {split: [] for split in SPLITS}
    labels: dict[str, list[str]] = {split: [] for split in SPLITS}
    for split, texts, batch_labels in rows.batches(*SPLITS):
        features[split].append(embed(base, texts))
        labels[split] += [label for (label,) in batch_labels]
    numbers = {label: number for number, label in enumerate(rows.classes)}
    train, valid = (
        Examples(np.concatenate(features[split]), np.array([numbers[label] for label in labels[split]], dtype=np.int64))
        for split in SPLITS
    )
    return Features(rows.classes, train, valid)
