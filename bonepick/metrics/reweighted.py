"""Rows re-weighted to the share of good ones in a corpus, and what is left of them above a threshold."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.composition import Composition
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import DECIMALS, Predictions, good_rows


@dataclass
class Reweighted:
    """Rows with one label each, as a threshold sees them.

    With a prior, good rows count prior / share and others (1 - prior) / (1 - share), with their share of these rows;
    where rows are all of one kind, each counts once.

    Attributes:
        predictions: for n rows.
        params: what is good, and its share in the corpus.
        scores: shape (n,).
        good: shape (n,); a gold label that the model does not know is not good.
        counts: how much a good row counts, and another one.
    """

    predictions: Predictions
    params: EvalParams
    scores: NDArray[np.float64] = field(init=False)
    good: NDArray[np.bool_] = field(init=False)
    counts: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self.scores = self.predictions.score
        self.good = good_rows(self.predictions, self.params.good_from)
        n = len(self.good)
        n_good = int(self.good.sum())
        prior = self.params.prior
        # rows of one kind alone cannot be re-weighted: they stay as they are
        both = prior and 0 < n_good < n
        self.counts = (prior * n / n_good, (1 - prior) * n / (n - n_good)) if both else (1.0, 1.0)

    def amounts(self, name: str) -> NDArray[np.int64] | None:
        """Return words or characters of each row, shape (n,); None where some row's are not known, or all are 0."""
        column = self.predictions.columns[name]
        return None if None in column or not any(column) else np.array(column, dtype=np.int64)

    def parts(self) -> tuple[tuple[NDArray[np.bool_], float], tuple[NDArray[np.bool_], float]]:
        """Return which rows are good and how much each counts, and the same of the others.

        Sums over each are of whole numbers, exact whichever the order of rows.
        """
        return (self.good, self.counts[0]), (~self.good, self.counts[1])

    def shares(self, threshold: float) -> dict[str, float | None]:
        """Return what a threshold keeps, rounded; None where there is nothing to be a share of, or it is unknown."""
        kept = self.scores >= threshold
        once = np.ones(len(self.good), dtype=np.int64)

        def total(amounts: NDArray[np.int64], chosen: NDArray[np.bool_]) -> float:
            return sum(count * int(amounts[part & chosen].sum()) for part, count in self.parts())

        def share(amounts: NDArray[np.int64] | None) -> float | None:
            return None if amounts is None else _ratio(total(amounts, kept), total(amounts, once > 0))

        hits = total(once, kept & self.good)
        n_good = total(once, self.good)
        n_kept = total(once, kept)
        return {
            "kept": share(once),
            "precision": _ratio(hits, n_kept),
            "recall": _ratio(hits, n_good),
            "f1": _ratio(2 * hits, n_kept + n_good) if n_good else None,
            "words": share(self.amounts("words")),
            "characters": share(self.amounts("length")),
        }

    def composition(self, level: str) -> Composition | None:
        """Return which sources, or topics, rows are of; None where no row's is known."""
        values = self.predictions.columns[level]
        names = sorted(set(values) - {None})
        number = {name: i for i, name in enumerate(names)}
        numbers = np.array([number.get(value, -1) for value in values], dtype=np.int64)
        return Composition(self.parts(), list(map(str, names)), numbers) if names else None


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, DECIMALS) if whole else None
