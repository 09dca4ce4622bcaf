"""Scores as models give them, and the tally of rows that have them."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from bonepick.scoring.tally import Tally


class Corpus(NamedTuple):
    scores: NDArray[np.float64]
    words: NDArray[np.int64]
    sizes: NDArray[np.int64]
    kept: NDArray[np.bool_]
    sources: list[str]

    def tally(self) -> Tally:
        tally = Tally.empty()
        tally.add(*self)
        return tally

    def part(self, rows: slice) -> "Corpus":
        return Corpus(*(column[rows] for column in self))  # type: ignore[arg-type]

    def amounts(self, unit: str) -> NDArray[np.int64]:
        return {"rows": np.ones(len(self.scores), dtype=np.int64), "words": self.words, "bytes": self.sizes}[unit]


def corpus(scores: list[float], seed: int = 0, n_sources: int = 3) -> Corpus:
    rng = np.random.default_rng(seed)
    n = len(scores)
    words = rng.integers(0, 50, n)
    sources = [f"source {number}" for number in rng.integers(0, n_sources, n)]
    return Corpus(np.array(scores, dtype=np.float64), words, words * 7 + 1, rng.random(n) < 0.5, sources)


SMOOTH = st.floats(0, 1)
PILES = st.sampled_from([0.0, 1e-5, 0.5, float(np.float32(0.99999)), 1.0 - 1e-16, 1.0, 1.0 + 2e-16])
"""As fastText's, and at the ends of what a float can be."""
CLOSE = st.integers(-50, 50).map(lambda n: float(1 / (1 + np.exp(-2 - n / 3_000))))
"""About one bin of each other."""
SCORES = st.lists(st.one_of(SMOOTH, PILES, CLOSE), max_size=60)
CORPORA = st.builds(corpus, SCORES, st.integers(0, 9), st.integers(1, 40))
