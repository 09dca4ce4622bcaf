"""Bootstrap: how far metrics, and differences between models, would move with other rows of the same kind."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonepick.core.progress import progress
from bonepick.core.threads import one_thread
from bonepick.metrics import table
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions, row_units
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.weighted import Weighted

COVERAGE = 0.95
"""Share of resamples inside an interval."""

Key = tuple[Slice, str]
"""Slice and metric: `(Slice("dataset", "unseen"), "auc")`."""


@dataclass(frozen=True)
class Bootstrap:
    """Metrics of some models on the same resamples of their rows, of all rows and of each dataset's.

    Attributes:
        keys: what is measured, slices in order.
        points: the metrics of the rows themselves, shape (n_models, n_keys); NaN where a model's rows cannot give one.
        values: shape (n_models, n_keys, n_resamples).
        rows: how many each key's slice has, shape (n_keys,).
        datasets: that the rows are from.
    """

    keys: list[Key]
    points: NDArray[np.float64]
    values: NDArray[np.float64]
    rows: list[int]
    datasets: list[str]

    def interval(self, model: int, key: Key) -> tuple[float, float]:
        """Return the interval of one metric of a model."""
        return interval(self.values[model, self.keys.index(key)])


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile interval of resampled values (Efron 1979); NaN values, which rows gave none, are left out.

    >>> import numpy as np
    >>> [round(end, 3) for end in interval(np.arange(101.0))]
    [2.5, 97.5]
    """
    present = values[~np.isnan(values)]
    if not len(present):
        return nan, nan
    low, high = np.quantile(present, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return float(low), float(high)


def bootstrap(
    models: Sequence[Predictions], params: EvalParams, metrics: Sequence[str] | None = None, workers: int = 1
) -> Bootstrap:
    """Resample the rows of some models, all in the same way, and return their metrics each time.

    What is drawn, with replacement, are groups and not rows: pieces of one web page, or a text that is there twice,
    are right or wrong together, and to draw them one by one would make intervals too short (Field and Welsh 2007).
    A row without a group is one by its text.

    Args:
        models: predictions for the same rows.
        params: how many resamples, and their seed.
        metrics: names of those that are wanted; all that are resampled by default.
        workers: threads that resample; the result does not depend on them.
    """
    prepared = [_by_key(model, metrics) for model in models]
    keys = list(dict.fromkeys(key for functions in prepared for key in functions))
    units = _units(models)
    n_units = int(units.max()) + 1
    values = np.full((len(models), len(keys), params.bootstrap), np.nan)

    def resample(number: int) -> None:
        drawn = np.random.default_rng([params.seed, number]).integers(0, n_units, n_units)
        weights = np.bincount(drawn, minlength=n_units)[units].astype(np.float64)
        values[:, :, number] = _values(prepared, keys, weights)

    # threads, since numpy lets others run while it works, and since to hand the rows to processes would take longer
    with (
        one_thread(),
        ThreadPoolExecutor(workers) as threads,
        progress("resample", "resamples", params.bootstrap) as advance,
    ):
        points = _values(prepared, keys, np.ones(len(units)))
        for _ in threads.map(resample, range(params.bootstrap)):
            advance(1)
    datasets = models[0].columns["dataset"]
    rows = [len(units) if part == ALL else datasets.count(part.name) for part, _ in keys]
    return Bootstrap(keys, points, values, rows, models[0].datasets)


def _by_key(model: Predictions, metrics: Sequence[str] | None) -> dict[Key, tuple[Any, Weighted]]:
    """Return each metric, as a function of its rows' weights, with the rows that it is of."""
    datasets = np.array(model.columns["dataset"])
    slices: list[tuple[Slice, Any, Predictions]] = [(ALL, slice(None), model)]
    for name in model.datasets:
        slices.append((Slice("dataset", name), np.flatnonzero(datasets == name), model.where(dataset=name)))
    return {
        (part, metric): (rows, function)
        for part, rows, predictions in slices
        for metric, function in table.prepared(predictions, metrics).items()
    }


def _values(
    prepared: Sequence[dict[Key, tuple[Any, Weighted]]], keys: Sequence[Key], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    values = np.full((len(prepared), len(keys)), np.nan)
    for model, functions in enumerate(prepared):
        for number, key in enumerate(keys):
            if key in functions:
                rows, function = functions[key]
                values[model, number] = function(weights[rows])
    return values


def _units(models: Sequence[Predictions]) -> NDArray[np.int64]:
    """Return the number of each row's group; of several models, one that knows the groups says them."""
    columns = min((model.columns for model in models), key=lambda columns: columns["digest"].count(None))
    # the numbers go by the order of these names, and so does what is drawn
    names = [
        f"row {[rest[0], int(rest[1])]}" if kind == "row" else f"{kind} {rest[0]}" for kind, *rest in row_units(columns)
    ]
    number = {name: index for index, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names], dtype=np.int64)
