"""Rows of the words that were seen before: text is mostly those, and looking one up is ten times quicker."""

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from threading import Lock

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 1 << 28
"""Of all that is kept. Then all is dropped, since the common words are soon back."""
WORD_BYTES = 200
"""Of a word itself: its text, its number, its place in a dict."""
MAX_CHARS = 64
"""Longer words (text without spaces) hardly ever come twice."""
BATCH = 1 << 8
"""New words at a time: the tokenizer makes a large object of each, and their rows fit the cache of the processor."""

Make = Callable[[list[str]], NDArray[np.float32]]


class WordCache:
    """From words to their rows.

    Args:
        make: returns the rows of words, shape (n_words, width); that of a word depends on it alone.
        width: of a row.
        max_bytes: see `MAX_BYTES`. What is kept changes no row.
    """

    def __init__(self, make: Make, width: int, max_bytes: int = MAX_BYTES) -> None:
        self._make = make
        self.lock = Lock()
        """For whoever looks into the table: a model may be asked by several threads."""
        self._numbers: dict[str, int] = {}
        self._rows = np.empty((max_bytes // (4 * width + WORD_BYTES), width), dtype=np.float32)  # no memory until used

    def __len__(self) -> int:
        return len(self._numbers)

    def __call__(self, words: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return a table of rows, and the number of each word's row in it, shapes (n, width) and (n_words,).

        The table is the cache's own wherever there is room: it holds until the next call.

        Args:
            words: distinct.
        """
        numbers = np.array(list(map(self._numbers.get, words, repeat(-1))), dtype=np.int64)
        missing = np.flatnonzero(numbers < 0)
        if len(self) + len(missing) > len(self._rows):
            return self._apart(words, numbers), np.arange(len(words))
        is_long = np.array([len(words[index]) > MAX_CHARS for index in missing.tolist()], dtype=bool)
        kept = len(self) + int((~is_long).sum())
        # rows of long words come last: the next new words take their places
        numbers[missing[~is_long]] = np.arange(len(self), kept)
        numbers[missing[is_long]] = np.arange(kept, kept + int(is_long.sum()))
        for some in _batches(missing):
            self._rows[numbers[some]] = self._make([words[index] for index in some.tolist()])
        self._numbers.update((words[index], int(numbers[index])) for index in missing[~is_long].tolist())
        return self._rows, numbers

    def _apart(self, words: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the row of each word, where those of all do not fit what is kept."""
        known = numbers >= 0
        rows = np.empty((len(words), self._rows.shape[1]), dtype=np.float32)
        rows[known] = self._rows[numbers[known]]
        for missing in _batches(np.flatnonzero(~known)):
            new = [words[index] for index in missing.tolist()]
            rows[missing] = made = self._make(new)
            self._remember(new, made)
        return rows

    def _remember(self, words: list[str], rows: NDArray[np.float32]) -> None:
        short = [index for index, word in enumerate(words) if len(word) <= MAX_CHARS][: len(self._rows)]
        if len(self) + len(short) > len(self._rows):
            self._numbers.clear()
        first = len(self)
        self._rows[first : first + len(short)] = rows[short]
        self._numbers.update(zip((words[index] for index in short), range(first, first + len(short)), strict=True))


def _batches(numbers: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]
