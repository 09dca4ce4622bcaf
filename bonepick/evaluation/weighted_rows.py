"""Rows re-weighted to the share of good ones in a corpus, and what is left of them above a threshold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bonepick.evaluation.metrics import DECIMALS
from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.predictions import Predictions, good_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_NAMES = 100
OTHERS = "(others)"


@dataclass
class WeightedRows:
    """Rows with one label each, as a cut sees them.

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
    scores: "NDArray[np.float64]" = field(init=False)
    good: "NDArray[np.bool_]" = field(init=False)
    counts: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self.scores = self.predictions.score
        self.good = good_rows(self.predictions, self.params.good_from)
        n, prior, n_good = len(self.good), self.params.prior, int(self.good.sum())
        # rows of one kind alone cannot be re-weighted: they stay as they are
        both = prior and 0 < n_good < n
        self.counts = (prior * n / n_good, (1 - prior) * n / (n - n_good)) if both else (1.0, 1.0)

    def amounts(self, name: str) -> "NDArray[np.int64] | None":
        """Return words or characters of each row, shape (n,); None where some row's are not known, or all are 0."""
        import numpy as np

        column = self.predictions.columns[name]
        return None if None in column or not any(column) else np.array(column, dtype=np.int64)

    def parts(self) -> "tuple[tuple[NDArray[np.bool_], float], tuple[NDArray[np.bool_], float]]":
        """Return which rows are good and how much each counts, and the same of the others.

        Sums over each are of whole numbers, exact whichever the order of rows.
        """
        return (self.good, self.counts[0]), (~self.good, self.counts[1])

    def shares(self, threshold: float) -> dict[str, float | None]:
        """Return what a threshold keeps, rounded; None where there is nothing to be a share of, or it is unknown."""
        import numpy as np

        kept, once = self.scores >= threshold, np.ones(len(self.good), dtype=np.int64)

        def total(amounts: "NDArray[np.int64]", of: "NDArray[np.bool_]") -> float:
            return sum(count * int(amounts[rows & of].sum()) for rows, count in self.parts())

        def share(amounts: "NDArray[np.int64] | None") -> float | None:
            return None if amounts is None else _ratio(total(amounts, kept), total(amounts, once > 0))

        hits, n_good, n_kept = total(once, kept & self.good), total(once, self.good), total(once, kept)
        return {
            "kept": share(once),
            "precision": _ratio(hits, n_kept),
            "recall": _ratio(hits, n_good),
            "f1": _ratio(2 * hits, n_kept + n_good) if n_good else None,
            "words": share(self.amounts("words")),
            "characters": share(self.amounts("length")),
        }

    def mix(self, column: str) -> "Mix | None":
        """Return the mix of sources or topics; None where no row's is known."""
        import numpy as np

        values = self.predictions.columns[column]
        names = sorted(set(values) - {None})
        number = {name: i for i, name in enumerate(names)}
        numbers = np.array([number.get(value, -1) for value in values], dtype=np.int64)
        return Mix(self, list(map(str, names)), numbers) if names else None


@dataclass
class Mix:
    """The sources, or the topics, of rows; those of which it is not known are left out.

    Attributes:
        rows: n of them.
        names: sorted.
        numbers: index of each row's name, -1 where it is not known, shape (n,).
    """

    rows: WeightedRows
    names: list[str]
    numbers: "NDArray[np.int64]"

    def of(self, kept: "NDArray[np.bool_]") -> "NDArray[np.float64] | None":
        """Return the share of each name among some rows, shape (n_names,); None where none of them has a name."""
        import numpy as np

        kept, n = kept & (self.numbers >= 0), len(self.names)
        counted = [count * np.bincount(self.numbers[of & kept], minlength=n) for of, count in self.rows.parts()]
        sums: NDArray[np.float64] = np.sum(counted, axis=0)
        return sums / sums.sum() if kept.any() else None

    def shift(self, kept: "NDArray[np.bool_]") -> float | None:
        """Return the total variation distance between the mix of all rows and that of some."""
        import numpy as np

        some, every = self.of(kept), self.of(self.numbers >= 0)
        return None if some is None or every is None else round(float(np.abs(some - every).sum() / 2), DECIMALS)

    def named(self, kept: "NDArray[np.bool_]") -> Iterator[tuple[str, float]]:
        """Yield the names, but for the rarest, with their shares among some rows."""
        import numpy as np

        shares = self.of(kept)
        if shares is None:
            return
        rows = np.bincount(self.numbers[self.numbers >= 0], minlength=len(self.names))
        shown = np.sort(np.argsort(-rows, kind="stable")[:MAX_NAMES])
        yield from ((self.names[i], round(float(shares[i]), DECIMALS)) for i in shown)
        if len(shown) < len(shares):
            yield OTHERS, round(float(np.delete(shares, shown).sum()), DECIMALS)


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, DECIMALS) if whole else None
