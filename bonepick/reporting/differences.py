"""Is one model better than another: differences of their metrics on the same resamples of the same rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

from bonepick.core.tables import with_interval
from bonepick.metrics.bootstrap import Bootstrap, interval
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.table import metric


@dataclass(frozen=True)
class Difference:
    """One metric of two models, on all test rows or on a dataset's.

    Attributes:
        first: name of a model.
        second: name of the other.
        slice: the rows.
        metric: its name.
        value: the second's less the first's.
        low: lower end of its 95% interval.
        high: upper end of it.
        rows: how many the slice has.
    """

    first: str
    second: str
    slice: Slice
    metric: str
    value: float
    low: float
    high: float
    rows: int

    @property
    def better(self) -> str | None:
        """The model that is better for sure; None where the interval holds zero."""
        if self.low <= 0 <= self.high:
            return None
        return self.second if (self.low > 0) == metric(self.metric).higher_is_better else self.first

    @property
    def verdict(self) -> str:
        """The difference in plain words.

        >>> Difference("a", "b", Slice(), "auc", 0.012, 0.004, 0.020, 1594).verdict
        'b is better: +0.012 [0.004, 0.020]'
        >>> Difference("a", "b", Slice(), "auc", -0.012, -0.020, -0.004, 1594).verdict
        'a is better: +0.012 [0.004, 0.020]'
        >>> Difference("a", "b", Slice(), "auc", 0.001, -0.002, 0.004, 1594).verdict
        'no difference that 1,594 test rows can show: b +0.001 [-0.002, 0.004]'
        >>> Difference("a", "b", Slice(), "brier", 0.012, 0.004, 0.020, 1594).verdict
        'a is better: -0.012 [-0.020, -0.004]'
        """
        if self.better == self.first:
            return f"{self.first} is better: {_signed(-self.value, -self.high, -self.low)}"
        signed = _signed(self.value, self.low, self.high)
        if self.better:
            return f"{self.second} is better: {signed}"
        return f"no difference that {self.rows:,} test rows can show: {self.second} {signed}"


def differences(names: Sequence[str], pairs: Iterable[tuple[int, int]], resampled: Bootstrap) -> list[Difference]:
    """Return the paired differences of some models, pooled first, then for each dataset.

    Both models of a pair are measured on the same resample each time, so that what makes rows hard for both cancels.

    Args:
        names: of the models.
        pairs: numbers of the first and the second model of each.
        resampled: metrics of the models on the same resamples.
    """
    # what is said of all rows is not said again of the only dataset
    keys = [key for key in sorted(resampled.keys) if key[0] == ALL or len(resampled.datasets) > 1]
    return [
        Difference(names[first], names[second], *key, *ends, rows=resampled.rows[number])
        for first, second in pairs
        for key in keys
        if (ends := _difference(resampled, number := resampled.keys.index(key), first, second))
    ]


def _difference(resampled: Bootstrap, number: int, first: int, second: int) -> tuple[float, float, float] | None:
    """Return the difference in one key with its interval; None where a model cannot give the metric."""
    value = float(resampled.points[second, number] - resampled.points[first, number])
    if isnan(value):
        return None
    return value, *interval(resampled.values[second, number] - resampled.values[first, number])


def _signed(value: float, low: float, high: float) -> str:
    return ("+" if value >= 0 else "") + with_interval(value, low, high)
