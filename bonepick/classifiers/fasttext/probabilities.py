"""What a model of the library says of texts, as an array."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH = 1_024
"""Texts at a time, and fewer where there are many labels: the library makes objects of all labels of all texts."""


def label_sums(model: Any, texts: Sequence[str], columns: Mapping[str, int], n_classes: int) -> NDArray[np.float64]:
    """Return the probability of each class as the library gives it, shape (n_texts, n_classes).

    Args:
        model: of the library.
        texts: as `fasttext_text` leaves them.
        columns: of each label as the model spells it; the probabilities of those that share one are added.
        n_classes: columns of the result.

    Raises:
        TypeError: a text has a lone surrogate.
        ValueError, RuntimeError: the library cannot use the model.
    """
    sums = np.zeros((len(texts), n_classes))
    batch_size = max(1, min(BATCH, BATCH**2 // len(columns)))
    for start in range(0, len(texts), batch_size):
        # the library appends a line break to each text, which its tokenizer reads as END_OF_LINE, as in training
        labels, values = model.predict(texts[start : start + batch_size], k=-1)
        rows = np.repeat(np.arange(start, start + len(labels)), [len(row) for row in labels])
        found = np.array([columns[raw] for row in labels for raw in row], dtype=np.int64)
        np.add.at(sums, (rows, found), np.concatenate(values))
    return sums


def as_probabilities(sums: NDArray[np.float64], multi_label: bool) -> NDArray[np.float64]:
    """Return finite `label_sums` as probabilities: each by itself, or such that a row's sum is 1."""
    if multi_label:
        return np.minimum(sums, 1.0)  # they come as 1.00001
    totals = sums.sum(axis=1, keepdims=True)  # they come as 1.00002, and as 0 for a text without known tokens
    probabilities = np.full_like(sums, 1 / sums.shape[1])
    np.divide(sums, totals, out=probabilities, where=totals > 0)
    return probabilities
