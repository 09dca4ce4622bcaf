"""Is one model better than another: differences of their figures on the same resamples of the same rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bonepick.evaluation.intervals import Replicates, interval

FIGURES = ("auc", "within_topic_auc")
"""What models are compared by: how well they rank all texts, and texts about the same things."""


@dataclass(frozen=True)
class Difference:
    """Two models' figures, on all test rows or on a dataset's.

    Attributes:
        first: name of a model.
        second: name of the other.
        of: the dataset; empty for all test rows.
        figure: `auc` or `within_topic_auc`.
        value: the second's figure less the first's.
        low: lower end of its 95% interval.
        high: upper end of it.
        rows: how many the figures are of.
    """

    first: str
    second: str
    of: str
    figure: str
    value: float
    low: float
    high: float
    rows: int

    @property
    def better(self) -> str | None:
        """The model that is better for sure; None where the interval holds zero."""
        return self.second if self.low > 0 else self.first if self.high < 0 else None

    @property
    def verdict(self) -> str:
        """The difference in plain words.

        >>> Difference("a", "b", "", "auc", 0.012, 0.004, 0.020, 1594).verdict
        'b is better: +0.012 [0.004, 0.020]'
        >>> Difference("a", "b", "", "auc", -0.012, -0.020, -0.004, 1594).verdict
        'a is better: +0.012 [0.004, 0.020]'
        >>> Difference("a", "b", "", "auc", 0.001, -0.002, 0.004, 1594).verdict
        'no difference that 1,594 test rows can show: b +0.001 [-0.002, 0.004]'
        """
        if self.better == self.first:
            return f"{self.first} is better: {-self.value:+.3f} [{-self.high:.3f}, {-self.low:.3f}]"
        found = f"{self.value:+.3f} [{self.low:.3f}, {self.high:.3f}]"
        if self.better:
            return f"{self.second} is better: {found}"
        return f"no difference that {self.rows:,} test rows can show: {self.second} {found}"


def differences(names: Sequence[str], pairs: Iterable[tuple[int, int]], found: Replicates) -> list[Difference]:
    """Return the paired differences of some models, pooled first, then for each dataset.

    Both models of a pair are measured on the same resample each time, so that what makes rows hard for both cancels.

    Args:
        names: of the models.
        pairs: numbers of the first and the second model of each.
        found: figures of the models on the same resamples.
    """
    made = []
    for first, second in pairs:
        for number, (of, figure) in sorted(enumerate(found.keys), key=lambda each: (each[1][0], each[1][1])):
            value = float(found.points[second, number] - found.points[first, number])
            alone = of and len(found.datasets) == 1  # what is said of all rows is not said again
            if (
                figure in FIGURES and not alone and value == value
            ):  # NaN, where a model cannot give the figure, differs from itself
                low, high = interval(found.values[second, number] - found.values[first, number])
                made.append(Difference(names[first], names[second], of, figure, value, low, high, found.rows[number]))
    return made
