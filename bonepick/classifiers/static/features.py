"""Training rows as features and class numbers: each text is embedded once; features lie in files that are mapped."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.base.items import Item
from bonepick.classifiers.base.training_rows import TrainingRows
from bonepick.classifiers.static.embedder import Embedder

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


def read_features(rows: TrainingRows, embedder: Embedder) -> Features:
    """Read training and validation rows, and embed those that are not embedded yet.

    Raises:
        BonepickError: see `TrainingRows.batches`.
    """
    with ExitStack() as files:
        gathered = {split: _Gathered(rows.scratch / f"{split}.features", files) for split in SPLITS}
        for batch in rows.batches(*SPLITS, embed=embedder):
            assert batch.features is not None, "features were asked for"
            gathered[batch.split].add(batch.items, batch.features)
    numbers = {label: number for number, label in enumerate(rows.classes)}
    train, valid = (gathered[split].examples(numbers) for split in SPLITS)
    return Features(rows.classes, train, valid)


class _Gathered:
    """The rows of one split; their features go to a file."""

    def __init__(self, file: Path, files: ExitStack) -> None:
        self._file = file
        self._stream = files.enter_context(file.open("wb"))
        self._items: list[Item] = []
        self._dim = 0

    def add(self, items: list[Item], features: NDArray[np.float32]) -> None:
        self._items += items
        self._dim = features.shape[1]
        self._stream.write(np.ascontiguousarray(features).data)

    def examples(self, numbers: dict[str, int]) -> Examples:
        shape = (len(self._items), self._dim)
        return Examples(
            np.memmap(self._file, np.float32, "r", shape=shape),
            np.array([numbers[label] for item in self._items for label in item.labels], dtype=np.int64),
            [item.source for item in self._items],
            [item.group for item in self._items],
        )
