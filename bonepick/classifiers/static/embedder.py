"""Texts as features, in any number of processes: each has the base model and a cache of words of its own."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.static.base_model import load_base_model, tokenizer_faults
from bonepick.classifiers.static.text_means import TextMeans
from bonepick.core.errors import BonepickError

if TYPE_CHECKING:
    from model2vec import StaticModel


@dataclass(frozen=True)
class Embedder:
    """A base model by its name, which a process loads when it first embeds a text.

    Attributes:
        name: see `load_base_model`.
        digest: of the model: see `base_digest`.
    """

    name: str
    digest: str

    @classmethod
    def of(cls, name: str, model: "StaticModel") -> "Embedder":
        """Return the embedder of a model that was loaded under a name."""
        embedder = cls(name, base_digest(model))
        _means.setdefault(embedder, TextMeans(model))
        return embedder

    def __call__(self, texts: list[str]) -> NDArray[np.float32]:
        """Return the mean of the vectors of each text's tokens, shape (n_texts, dim); zeros where none is known.

        Raises:
            BonepickError: the tokenizer fails on a text, or the model is no longer the one that it was.
        """
        means = _means.get(self)
        if means is None:
            means = _means[self] = self._loaded()
        with tokenizer_faults():
            return means(texts).astype(np.float32)

    def _loaded(self) -> TextMeans:
        model = load_base_model(self.name)
        if base_digest(model) != self.digest:
            raise BonepickError(f"base model {self.name} changed while it was used: run this again")
        return TextMeans(model)


_means: dict[Embedder, TextMeans] = {}


def base_digest(model: "StaticModel") -> str:
    """Return a digest of all that decides a base model's features: its tokenizer and its numbers."""
    digest = hashlib.sha256(model.tokenizer.to_str().encode())
    for numbers in (model.embedding, model.weights, model.token_mapping):
        if numbers is not None:
            digest.update(f"{numbers.dtype.str}{numbers.shape}".encode())
            digest.update(np.ascontiguousarray(numbers).tobytes())
    return digest.hexdigest()
