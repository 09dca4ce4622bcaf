"""Means of token rows, one a text, each exactly what the text alone would get: by words where that is safe."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.static.token_rows import Numbers, TokenRows, added
from bonepick.classifiers.static.white_space import cuts_at_white_space, split_words
from bonepick.classifiers.static.word_cache import WordCache
from bonepick.classifiers.static.word_tokens import WordTokens

if TYPE_CHECKING:
    from model2vec import StaticModel

BLOCK = 1 << 22
"""Characters at a time, where words are looked up: the more, the fewer look-ups."""
TOKENIZED = 1 << 20
"""Characters at a time, where all are tokenized."""


class TextMeans:
    """From texts to the means of their tokens' vectors, as `StaticModel.encode` counts tokens: those it knows.

    One way for one model, always: the last bits of both differ where vectors are no whole numbers.

    Args:
        model: whose tokenizer, weights, mapping and length cap hold.
        vectors: in place of the model's, shape (n, width); None takes the model's own.
    """

    def __init__(self, model: "StaticModel", vectors: Numbers | None = None) -> None:
        self._model = model
        self._rows = TokenRows(model.embedding if vectors is None else vectors, model.weights, model.token_mapping)
        self.cache: WordCache | None = None
        """None where texts are tokenized whole."""
        if model.max_length is None and cuts_at_white_space(model.tokenizer):
            tokens = WordTokens(model)
            self.cache = WordCache(lambda words: self._rows.of_words(tokens(words)), self._rows.width)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the mean of each text, shape (n_texts, width); zeros where no token is known."""
        sums = np.zeros((len(texts), self._rows.width))
        for start, block in _blocks(texts, BLOCK if self.cache else TOKENIZED):
            sums[start : start + len(block)] = self._sums(block)
        means: NDArray[np.float64] = sums[:, :-1] / np.maximum(sums[:, -1:], 1.0)
        return means

    def _sums(self, texts: Sequence[str]) -> NDArray[np.float64]:
        if self.cache is None:
            if self._model.max_length is not None:  # as the library cuts, before the tokenizer does
                most = self._model.max_length * self._model.median_token_length
                texts = [text[:most] for text in texts]
            return self._rows.of_texts(self._model.tokenize(texts))
        words, numbers, ends = split_words(texts)
        with self.cache.lock:
            table, places = self.cache(words)
            numbers = places[numbers]
            return np.array([added(table.take(numbers[ends[i] : ends[i + 1]], axis=0)) for i in range(len(texts))])


def _blocks(texts: Sequence[str], size: int) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield texts of so many characters together, or one that has more, each with the number of its first."""
    start = chars = 0
    for number, text in enumerate(texts):
        if chars + len(text) > size and number > start:
            yield start, texts[start:number]
            start, chars = number, 0
        chars += len(text)
    if start < len(texts):
        yield start, texts[start:]
