"""Training rows as features and class numbers: each text is embedded once, and then forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from model2vec import StaticModel
from numpy.typing import NDArray

from bonepick.classifiers.base.sources import Item
from bonepick.classifiers.base.training_rows import TrainingRows
from bonepick.classifiers.static.base_model import embed

SPLITS = ("train", "valid")


@dataclass(frozen=True)
class Examples:
    """Rows as numbers, and where they are from.

    Attributes:
        features: float32, shape (n, dim); may lie in a file that is mapped, so they are read and never changed.
        targets: class numbers, int64, shape (n,).
        sources: of the rows; None for one that does not say it.
        groups: of the rows: those of one group are held out together.
    """

    features: NDArray[np.float32]
    targets: NDArray[np.int64]
    sources: Sequence[str | None]
    groups: Sequence[str]


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
    items: dict[str, list[Item]] = {split: [] for split in SPLITS}
    for batch in rows.batches(*SPLITS):
        features[batch.split].append(embed(base, [item.text for item in batch.items]))
        items[batch.split] += [item._replace(text="") for item in batch.items]
    numbers = {label: number for number, label in enumerate(rows.classes)}
    train, valid = (
        Examples(
            np.concatenate(features[split]),
            np.array([numbers[label] for item in items[split] for label in item.labels], dtype=np.int64),
            [item.source for item in items[split]],
            [item.group for item in items[split]],
        )
        for split in SPLITS
    )
    return Features(rows.classes, train, valid)
