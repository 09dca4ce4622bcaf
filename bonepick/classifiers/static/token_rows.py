"""A row of numbers for each token, and their sums: one after another, so that no sum depends on what is beside it."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]


class TokenRows:
    """Rows of tokens, whose last column counts them.

    Args:
        vectors: shape (n, dim), of any type of numbers; read where they lie, so that a mapped file stays on disk.
        weights: one number a token; None for ones.
        mapping: row of each token's vector; None where that is its number.
    """

    def __init__(self, vectors: Numbers, weights: Numbers | None = None, mapping: Numbers | None = None) -> None:
        self.vectors = vectors
        self.weights = weights
        self.mapping = mapping
        self.width = vectors.shape[1] + 1

    def __call__(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the rows of tokens, shape (n, dim + 1)."""
        rows = np.ones((len(ids), self.width), dtype=np.float32)
        rows[:, :-1] = self.vectors[ids if self.mapping is None else self.mapping[ids]]
        if self.weights is not None:
            rows[:, :-1] *= self.weights[ids, np.newaxis]
        return rows

    def of_words(self, words: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the sum of the rows of each word's tokens, shape (n_words, dim + 1)."""
        lengths = np.array(list(map(len, words)), dtype=np.int64)
        sums = np.zeros((len(words), self.width), dtype=np.float32)
        filled = lengths > 0  # reduceat takes the next word's first token for an empty one's
        if filled.any():
            rows = self(_flat(words, int(lengths.sum()))).astype(np.float64)
            sums[filled] = np.add.reduceat(rows, (np.cumsum(lengths) - lengths)[filled], axis=0)
        return sums

    def of_texts(self, texts: Iterable[Sequence[int]]) -> NDArray[np.float64]:
        """Return the sum of the rows of each text's tokens, shape (n_texts, dim + 1)."""
        return np.array([added(self(_flat([ids], len(ids)))) for ids in texts]).reshape(-1, self.width)


def added(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sum of rows in their order: for one text at a time, since that is exact whatever its neighbours."""
    total: NDArray[np.float64] = np.add.reduce(rows, axis=0, dtype=np.float64)
    return total


def _flat(words: Sequence[Sequence[int]], total: int) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(words), dtype=np.int64, count=total)
