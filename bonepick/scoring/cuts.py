"""Where to cut a corpus, and what that keeps of it: from the histogram of its scores, which are not looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from bonepick.core.errors import BonepickError
from bonepick.core.tables import all_digits
from bonepick.scoring.bins import N_BINS, bins_of, edges
from bonepick.scoring.tally import UNITS, Tally, Unit

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75)
"""Of the scored rows, in the keep table."""
RIGHT_TO = 0.001
"""How far what is kept may be from what was asked for, with no word said."""


@dataclass(frozen=True)
class Cut:
    """A threshold, what texts with at least that score are of the scored corpus, and what it could not part.

    Attributes:
        threshold: inf keeps nothing.
        by: the unit that `share` and `tied` are shares of.
        share: that was asked for; None where the threshold was.
        rows_share, words_share, bytes_share: that it keeps, in 0..1.
        tied: share of the texts of the one bin at the cut: the one below it, which would have been too many; or the one
            that a given threshold lies in, which all count as kept.
        tied_from, tied_to: the scores that this bin holds.
    """

    threshold: float
    by: Unit
    share: float | None
    rows_share: float
    words_share: float
    bytes_share: float
    tied: float
    tied_from: float
    tied_to: float

    @property
    def kept(self) -> float:
        """The share that it keeps, by its unit."""
        return {"rows": self.rows_share, "words": self.words_share, "bytes": self.bytes_share}[self.by]

    @property
    def said(self) -> str:
        """A sentence for people where shares are not right to .1%, because many texts have one score; else empty."""
        low, high = all_digits(self.tied_from), all_digits(self.tied_to)
        tied = f"{self.tied:.1%} of {self.by} have scores {f'in [{low}, {high}]' if low != high else f'of {low}'}"
        if self.share is None:
            tells = "which of them it keeps cannot be told, and all are counted"
            return f"{tied}, and the threshold lies among them: {tells}" if self.tied > RIGHT_TO else ""
        if self.share - self.kept <= RIGHT_TO:
            return ""
        return f"{tied}, which are kept together or not at all: {self.kept:.1%} are kept"


def cut(tally: Tally, share: float, by: Unit) -> Cut:
    """Return the lowest edge of a bin that keeps at most a share of the scored corpus.

    Texts of one bin stay together, on the side that keeps fewer: the share is right to .1%, or `Cut.said` says why not.

    Args:
        tally: of the corpus.
        share: in 0..1.
        by: whether it is a share of rows, words or bytes.

    Raises:
        BonepickError: the corpus has no scores.
    """
    tails = _tails(tally)
    amounts = tails[UNITS.index(by)]
    # as it is written: .29 of 100 rows are 29, and not the 28.999999999999996 of floats
    budget = floor(Fraction(repr(share)) * int(amounts[0]))
    return _cut(tails, int(np.argmax(amounts <= budget)), by, share)


def cut_at(tally: Tally, threshold: float, by: Unit = "rows") -> Cut:
    """Return what a threshold keeps of the scored corpus: exact at the edge of a bin, else as `Cut.tied` says.

    Raises:
        BonepickError: the corpus has no scores.
    """
    tails = _tails(tally)
    first = N_BINS if threshold > 1 else int(bins_of(np.array([threshold]))[0])
    return _cut(tails, first, by, None, threshold)


def keep_table(tally: Tally) -> list[Cut]:
    """Return the cuts by `SHARES` of the rows; none where rows have no scores."""
    return [cut(tally, share, "rows") for share in SHARES] if tally.histogram is not None else []


def threshold_table(tally: Tally, thresholds: Mapping[str, float]) -> dict[str, Cut]:
    """Return what each of a model's thresholds keeps of the scored corpus; none where rows have no scores."""
    return {name: cut_at(tally, each) for name, each in thresholds.items()} if tally.histogram is not None else {}


def _tails(tally: Tally) -> NDArray[np.int64]:
    """Return rows, words and bytes from each bin on, shape (3, N_BINS + 1): the last are none."""
    if tally.histogram is None:
        raise BonepickError(
            "the model gives several labels a row, and so no score to cut by: keep those of one label "
            "(score --keep LABEL=0.5)"
        )
    tails = np.zeros((len(UNITS), N_BINS + 1), dtype=np.int64)
    tails[:, :-1] = tally.histogram[:, ::-1].cumsum(axis=1)[:, ::-1]
    return tails


def _cut(tails: NDArray[np.int64], first: int, by: Unit, share: float | None, threshold: float | None = None) -> Cut:
    """Return the cut that keeps the bins from `first` on."""
    starts = edges()
    wholes = np.maximum(tails[:, 0], 1)
    rows, words, size = (tails[:, first] / wholes).tolist()
    # what a share leaves out is the bin below; what a threshold lies among is its own, where it is not that bin's edge
    parted = first - 1 if threshold is None else first
    start, end = starts[np.clip([parted, parted + 1], 0, N_BINS - 1)].tolist()
    unit = UNITS.index(by)
    tied = 0.0
    if 0 <= parted < N_BINS and threshold != start:
        tied = float((tails[unit, parted] - tails[unit, parted + 1]) / wholes[unit])
    if threshold is None:
        threshold = float(starts[first]) if first < N_BINS else inf
    return Cut(threshold, by, share, rows, words, size, tied, start, end)
