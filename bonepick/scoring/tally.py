"""What scoring some rows came to, in whole numbers alone: parts merge to the same tally in any order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bonepick.core.cells import SHOWN, on_one_line
from bonepick.scoring.bins import N_BINS, bins_of
from bonepick.scoring.by_name import ByName
from bonepick.scoring.reasons import kind_of_reason

Unit = Literal["rows", "words", "bytes"]
UNITS: tuple[Unit, ...] = get_args(Unit)
"""What is counted of texts: themselves, their words between white space, their bytes in UTF-8."""
MAX_REASONS = 50
MAX_SOURCES = 1_000
MILLION = 1_000_000
COARSE = 256
"""Bins that are one in the histogram of a source: a quarter of a logit."""
KEPT, SCORE_SUM, HISTOGRAM = 3, 6, 7
"""Columns of a source: scored rows, words, bytes; the kept ones; scores in millionths; rows by coarse bins."""
SOURCE_WIDTH = HISTOGRAM + (N_BINS - 1) // COARSE + 1


def _amounts() -> NDArray[np.int64]:
    return np.zeros(len(UNITS), dtype=np.int64)


@dataclass(eq=False)
class Tally:
    """Counts of the rows that were read; see `UNITS` for what is counted of them.

    Attributes:
        scored: rows, words and bytes that the model was applied to, shape (3,).
        kept: of these, what was written, shape (3,).
        histogram: of the scored ones by the bins of `bins.py`, shape (3, N_BINS); None where rows have several labels
            and so no score.
        labels: label -> rows whose probability of it is .5 or more, where rows have several labels.
        rejected: rows that were not scored by the kind of reason, one column.
        sources: the columns above by source, where a source is known.
    """

    scored: NDArray[np.int64]
    kept: NDArray[np.int64]
    histogram: NDArray[np.int64] | None
    labels: dict[str, int] = field(default_factory=dict)
    rejected: ByName = field(default_factory=lambda: ByName(MAX_REASONS, 1))
    sources: ByName = field(default_factory=lambda: ByName(MAX_SOURCES, SOURCE_WIDTH))

    @classmethod
    def empty(cls, scored: bool = True) -> "Tally":
        """Return the tally of no rows; `scored` is False for a model of several labels a row."""
        histogram = np.zeros((len(UNITS), N_BINS), dtype=np.int64) if scored else None
        return cls(_amounts(), _amounts(), histogram)

    @property
    def n_rejected(self) -> int:
        """Rows that were rejected."""
        return int(self.rejected.counts.sum())

    def add(
        self,
        scores: NDArray[np.float64] | None,
        words: NDArray[np.int64],
        sizes: NDArray[np.int64],
        kept: NDArray[np.bool_],
        sources: Sequence[str] | None = None,
    ) -> None:
        """Count some rows.

        Args:
            scores: shape (n,), in 0..1; None where rows have several labels.
            words: of each text, shape (n,).
            sizes: bytes of each text, shape (n,).
            kept: whether each row is written, shape (n,).
            sources: of each row, empty where it has none.

        Raises:
            BonepickError: a score is no number in 0..1.
        """
        bins = bins_of(scores) if scores is not None else None
        amounts = np.stack([np.ones(len(words), dtype=np.int64), words, sizes])
        self.scored += amounts.sum(axis=1)
        self.kept += (amounts * kept).sum(axis=1)
        if self.histogram is not None and bins is not None:
            for counts, amount in zip(self.histogram, amounts, strict=True):
                np.add.at(counts, bins, amount)
        if sources is None:
            return
        rows = self.sources.rows([name if len(name) <= SHOWN else on_one_line(name) for name in sources])
        columns = [*amounts, *(amounts * kept)]
        if scores is not None:
            columns.append(np.rint(scores * MILLION).astype(np.int64))
        flat = self.sources.counts.reshape(-1)
        rows *= SOURCE_WIDTH
        for number, column in enumerate(columns):
            np.add.at(flat, rows + number, column)
        if bins is not None:
            np.add.at(flat, rows + HISTOGRAM + bins // COARSE, 1)

    def add_labels(self, classes: Sequence[str], probabilities: NDArray[np.float64]) -> None:
        """Count the labels of rows that have several; probabilities have shape (n, n_classes)."""
        for label, n in zip(classes, (probabilities >= 0.5).sum(axis=0).tolist(), strict=True):
            self.labels[label] = self.labels.get(label, 0) + n

    def reject(self, reason: str) -> None:
        """Count a row that is not scored; of the reason, only its kind is kept."""
        self.rejected.counts[self.rejected.rows([kind_of_reason(reason)])] += 1

    def merge(self, part: "Tally") -> None:
        """Add the counts of another part, of the same model."""
        self.scored += part.scored
        self.kept += part.kept
        if self.histogram is not None and part.histogram is not None:
            self.histogram += part.histogram
        for label, n in part.labels.items():
            self.labels[label] = self.labels.get(label, 0) + n
        self.rejected.merge(part.rejected)
        self.sources.merge(part.sources)


def merged(parts: Iterable[Tally]) -> Tally:
    """Return the sum of some tallies of one model, which stay as they are; of none, that of no rows."""
    whole: Tally | None = None
    for part in parts:
        whole = whole or Tally.empty(scored=part.histogram is not None)
        whole.merge(part)
    return whole or Tally.empty()
