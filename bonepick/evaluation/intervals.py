"""Bootstrap: how far figures, and differences between models, would move with other rows of the same kind."""

import math
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bonepick.core.progress import progress
from bonepick.core.threads import one_thread
from bonepick.evaluation.metrics import Figure, prepared_figures
from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.95
"""Share of resamples inside an interval."""

Key = tuple[str, str]
"""Dataset, empty for all rows, and figure: `("unseen", "auc")`."""


@dataclass(frozen=True)
class Replicates:
    """Headline figures of some models on the same resamples of their rows, pooled and for each dataset.

    Attributes:
        keys: of the figures.
        points: the figures themselves, shape (n_models, n_figures); NaN where a model's rows cannot give one.
        values: shape (n_models, n_figures, n_resamples).
        rows: how many each figure is of, shape (n_figures,).
        datasets: that the rows are from.
    """

    keys: list[Key]
    points: "NDArray[np.float64]"
    values: "NDArray[np.float64]"
    rows: list[int]
    datasets: list[str]

    def interval(self, model: int, key: Key) -> tuple[float, float]:
        """Return the interval of one figure of a model."""
        return interval(self.values[model, self.keys.index(key)])

    def shown(self, model: int, key: Key) -> str:
        """Return one figure of a model with its interval, for people; a dash where its rows cannot give it."""
        value = self.points[model, self.keys.index(key)] if key in self.keys else math.nan
        if math.isnan(value):
            return "-"
        low, high = self.interval(model, key)
        return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def interval(values: "NDArray[np.float64]") -> tuple[float, float]:
    """Return the percentile interval of resampled values (Efron 1979); NaN values, which rows gave none, are left out.

    >>> import numpy as np
    >>> [round(end, 3) for end in interval(np.arange(101.0))]
    [2.5, 97.5]
    """
    import numpy as np

    present = values[~np.isnan(values)]
    if not len(present):
        return float("nan"), float("nan")
    low, high = np.quantile(present, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def replicates(
    models: Sequence[Predictions], params: EvalParams, only: Collection[str] | None = None, workers: int = 1
) -> Replicates:
    """Resample the rows of some models, all in the same way, and return their headline figures each time.

    What is drawn, with replacement, are groups and not rows: pieces of one web page, or a text that is there twice,
    are right or wrong together, and to draw them one by one would make intervals too short (Field and Welsh 2007).
    A row without a group is one by its text.

    Args:
        models: predictions for the same rows.
        params: how many resamples, and their seed.
        only: names of the figures that are wanted; all headline figures by default.
        workers: threads that resample; the result does not depend on them.
    """
    import numpy as np

    prepared = [_figures_by_dataset(model, only) for model in models]
    keys = list(dict.fromkeys(key for figures in prepared for key in figures))
    datasets = np.array(models[0].columns["dataset"])
    units = _units(models)
    n_units = int(units.max()) + 1
    values = np.full((len(models), len(keys), params.bootstrap), np.nan)

    def resample(number: int) -> None:
        drawn = np.random.default_rng([params.seed, number]).integers(0, n_units, n_units)
        weights = np.bincount(drawn, minlength=n_units)[units].astype(np.float64)
        values[:, :, number] = _values(prepared, keys, weights)

    # threads, since numpy lets others run while it works, and since to hand the rows to processes would take longer
    with one_thread(), progress("resample", "resamples") as advance, ThreadPoolExecutor(workers) as threads:
        points = _values(prepared, keys, np.ones(len(units)))
        for _ in threads.map(resample, range(params.bootstrap)):
            advance(1)
    rows = [int((datasets == name).sum()) if name else len(units) for name, _ in keys]
    return Replicates(keys, points, values, rows, np.unique(datasets).tolist())


def _figures_by_dataset(model: Predictions, only: Collection[str] | None) -> dict[Key, tuple[Any, Figure]]:
    """Return each figure with the rows that it is of."""
    import numpy as np

    names = np.array(model.columns["dataset"])
    found: dict[Key, tuple[Any, Figure]] = {}
    for name in ("", *np.unique(names).tolist()):
        rows = np.flatnonzero(names == name) if name else slice(None)
        own = model.where(dataset=name) if name else model
        wanted = {figure: prepared for figure, prepared in prepared_figures(own).items() if not only or figure in only}
        found |= {(name, figure): (rows, prepared) for figure, prepared in wanted.items()}
    return found


def _values(
    prepared: Sequence[dict[Key, tuple[Any, Figure]]], keys: Sequence[Key], weights: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    import numpy as np

    found = np.full((len(prepared), len(keys)), np.nan)
    for model, figures in enumerate(prepared):
        for number, key in enumerate(keys):
            if key in figures:
                rows, figure = figures[key]
                found[model, number] = figure(weights[rows])
    return found


def _units(models: Sequence[Predictions]) -> "NDArray[np.int64]":
    """Return the number of each row's group; of several models, one that knows the groups says them."""
    import numpy as np

    columns = min((model.columns for model in models), key=lambda own: own["digest"].count(None))
    rows = zip(*(columns[name] for name in ("group", "digest", "dataset", "row")), strict=True)
    names = [f"group {g}" if g is not None else f"text {d}" if d is not None else f"row {own}" for g, d, *own in rows]
    return np.unique(names, return_inverse=True)[1].reshape(-1)
