"""From texts to class probabilities, each text's depending on it alone, to the last bit: no product goes through BLAS.

BLAS adds in an order that depends on how many rows it is given; `np.einsum` does not, up to so many columns.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.static.text_means import TextMeans

if TYPE_CHECKING:
    from model2vec import StaticModel
    from model2vec.inference.mlp import Layer

Array = NDArray[np.float64]

ROWS = 1 << 12
"""Vectors at a time, where a head is folded into them."""
COLUMNS = 1 << 12
"""Columns that `np.einsum` is given at most: where they exceed its buffer, it adds as BLAS does."""


class TextProbabilities:
    """A base model and a head with softmax.

    A linear head is folded into the vectors, since its logits are the mean of those of the tokens: a number a class is
    then added up for each token, in place of one a dimension. That needs a mean that is not scaled to length 1.

    Args:
        model: the base model.
        layers: of the head, first to last, ReLU between.
    """

    def __init__(self, model: "StaticModel", layers: Sequence["Layer"]) -> None:
        self._layers = [(layer.weight.astype(np.float64), layer.bias.astype(np.float64)) for layer in layers]
        self._normalize = model.normalize
        self._folded = len(layers) == 1 and not model.normalize and len(layers[0].bias) < model.dim
        self.means = TextMeans(model, _logits_of(model.embedding, self._layers[0][0]) if self._folded else None)

    def __call__(self, texts: Sequence[str]) -> Array:
        """Return class probabilities, shape (n_texts, n_classes)."""
        means = self.means(texts)
        return _softmax(means + self._layers[0][1] if self._folded else self._logits(means))

    def _logits(self, features: Array) -> Array:
        if self._normalize:
            features = features / (np.sqrt(np.add.reduce(features**2, axis=1, keepdims=True)) + 1e-32)
        for weight, bias in self._layers[:-1]:
            features = np.maximum(_product(features, weight) + bias, 0.0)
        weight, bias = self._layers[-1]
        return _product(features, weight) + bias


def _product(rows: Array, weight: Array) -> Array:
    product = np.zeros((len(rows), len(weight)))
    for start in range(0, rows.shape[1], COLUMNS):
        part = slice(start, start + COLUMNS)
        product += np.einsum("nd,kd->nk", rows[:, part], weight[:, part])
    return product


def _logits_of(vectors: NDArray[np.float32], weight: Array) -> NDArray[np.float32]:
    parts = (vectors[start : start + ROWS].astype(np.float64) for start in range(0, len(vectors), ROWS))
    return np.concatenate([_product(part, weight).astype(np.float32) for part in parts])


def _softmax(logits: Array) -> Array:
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = grown / grown.sum(axis=1, keepdims=True)
    return shares
