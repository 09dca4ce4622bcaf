"""What a tally says of the sources of a corpus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonepick.scoring.bins import N_BINS, edges
from bonepick.scoring.tally import COARSE, HISTOGRAM, KEPT, MILLION, SCORE_SUM, Tally

MAX_SHOWN = 20
NO_NAME = "(no source)"
OTHERS = "all others"


@dataclass(frozen=True)
class SourceRow:
    """One source: its scored rows, words and bytes, the share of rows kept, mean score, and median to a quarter logit.

    Mean and median are None where rows have no scores.
    """

    name: str
    rows: int
    words: int
    bytes: int
    kept: float
    mean: float | None
    median: float | None


def source_rows(tally: Tally, most: int = MAX_SHOWN) -> list[SourceRow]:
    """Return the sources with most rows, of equals the first by name, then all others together."""
    named = sorted(tally.sources, key=lambda each: -each[1][0])
    shown, rest = named[:most], named[most:]
    others = sum((counts for _, counts in rest), tally.sources.others.copy())
    scored = tally.histogram is not None
    rows = [_row(name or NO_NAME, counts, scored) for name, counts in shown]
    return [*rows, _row(OTHERS, others, scored)] if others[0] else rows


def _row(name: str, counts: NDArray[np.int64], scored: bool) -> SourceRow:
    rows, words, size = counts[:KEPT].tolist()
    mean = int(counts[SCORE_SUM]) / MILLION / rows if scored else None
    return SourceRow(name, rows, words, size, int(counts[KEPT]) / rows, mean, _median(counts) if scored else None)


def _median(counts: NDArray[np.int64]) -> float:
    below = np.cumsum(counts[HISTOGRAM:])
    middle = int(np.searchsorted(below, (below[-1] + 1) // 2)) * COARSE + COARSE // 2
    return float(edges()[min(middle, N_BINS - 1)])
