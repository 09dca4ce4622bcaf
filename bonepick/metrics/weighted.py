"""Metrics prepared once, so that they are cheap under any weights of the rows, as a bootstrap asks for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Weighted: TypeAlias = Callable[[NDArray[np.float64]], float]
"""Weights of the rows, shape (n,) -> value; NaN where rows of these weights cannot give it."""


@dataclass
class Mean:
    """The mean of one value a row.

    >>> import numpy as np
    >>> Mean(np.array([0.0, 1.0]))(np.array([1.0, 3.0]))
    0.75
    """

    values: NDArray[np.float64]

    def __call__(self, weights: NDArray[np.float64]) -> float:
        """Return the value when a row counts `weights` times, shape (n,)."""
        whole = float(weights.sum())
        return float(weights @ self.values) / whole if whole else nan


@dataclass
class Average:
    """The mean of metrics, of those that the rows can give."""

    metrics: Sequence[Weighted]

    def __call__(self, weights: NDArray[np.float64]) -> float:
        """Return the value when a row counts `weights` times, shape (n,)."""
        values = [value for metric in self.metrics if not isnan(value := metric(weights))]
        return sum(values) / len(values) if values else nan


class MacroF1:
    """The mean of the labels' F1, each from which rows have it and which are predicted to; labels of no row count 0."""

    def __init__(self, labels: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> None:
        self.hits = np.array([gold & predicted for gold, predicted in labels], dtype=np.float64)
        self.either = np.array([gold.astype(int) + predicted for gold, predicted in labels], dtype=np.float64)

    def __call__(self, weights: NDArray[np.float64]) -> float:
        """Return the value when a row counts `weights` times, shape (n,)."""
        hits = self.hits @ weights
        either = self.either @ weights
        return float(np.mean(np.divide(2 * hits, either, out=np.zeros_like(hits), where=either > 0)))


class MicroF1:
    """F1 over all pairs of a row and a label."""

    def __init__(self, gold: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> None:
        self.hits = (gold & predicted).sum(axis=1)
        self.either = (gold.astype(int) + predicted).sum(axis=1)

    def __call__(self, weights: NDArray[np.float64]) -> float:
        """Return the value when a row counts `weights` times, shape (n,)."""
        either = float(weights @ self.either)
        return 2 * float(weights @ self.hits) / either if either else 0.0


def among(rows: NDArray[np.bool_], metric: Weighted) -> Weighted:
    """Return a metric of some of the rows as one of all rows' weights."""
    if rows.all():
        return metric
    numbers = np.flatnonzero(rows)  # to choose by numbers takes a fraction of the time that a mask does
    return lambda weights: metric(weights[numbers])
