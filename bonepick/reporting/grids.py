"""Grids: metrics of several models put side by side, a row a model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bonepick.metrics.bootstrap import Key
from bonepick.metrics.evaluation import Evaluation, MetricRow
from bonepick.metrics.slices import ALL, VALID, Level, Slice
from bonepick.metrics.table import AUC, METRICS, compared, placed, resampled
from bonepick.reporting.naming import title_of

MAX_DATASETS = 4
"""Datasets that get a column of their own."""
LABEL_METRICS = (
    ("precision", "precision"), ("recall", "recall"), ("f1", "F1"), ("auc", "AUC"),
    ("average_precision", "average precision"),
)  # fmt: skip
"""Of each label: name and title."""


@dataclass(frozen=True)
class Grid:
    """Metrics of models, a row each.

    Attributes:
        columns: titles.
        rows: name of the model, and a metric or None for each column.
        best: index of the column and name of the model whose metric is best, where there are several.
        slice: what the metrics are of, where there are several such tables.
        n: rows of that slice.
    """

    columns: list[str]
    rows: list[tuple[str, list[MetricRow | None]]]
    best: set[tuple[int, str]] = field(default_factory=set)
    slice: Slice = ALL
    n: int = 0


def leaderboard(models: Sequence[Evaluation], title: Callable[[Key], str] = title_of) -> Grid:
    """Return the metrics that people find on the leaderboard; see `board_keys`."""
    return _grid(models, [(title(key), key) for key in board_keys(models, MAX_DATASETS)])


def board_keys(models: Sequence[Evaluation], most: int | None = None) -> list[Key]:
    """Return the leaderboard's columns: its metrics, AUC for each dataset where there are several, and on validation.

    Args:
        models: columns that none of them has are left out, but for the last one.
        most: datasets at most, the largest.
    """
    keys = []
    for metric in placed("headline", "leaderboard"):
        keys.append((ALL, metric.name))
        if metric.name == AUC:
            keys += [(Slice("dataset", name), AUC) for name in datasets_with_column(models, most)]
    return [*given_keys(models, keys), (VALID, AUC)]


def compared_keys(models: Sequence[Evaluation]) -> list[Key]:
    """Return what charts show: the compared metrics of all test rows, and AUC of each dataset that has a column."""
    keys = [(ALL, metric.name) for metric in compared()]
    keys[1:1] = [(Slice("dataset", name), AUC) for name in datasets_with_column(models, MAX_DATASETS)]
    return given_keys(models, keys)


def given_keys(models: Sequence[Evaluation], keys: Sequence[Key]) -> list[Key]:
    """Return the keys that some model has."""
    return [key for key in keys if any(model.row(*key) for model in models)]


def sizes_of(models: Sequence[Evaluation], level: Level) -> dict[str, int]:
    """Return the names of a level's slices in order of appearance, with their numbers of rows."""
    return {name: rows for model in models for name, rows in model.sizes(level).items()}


def datasets_with_column(models: Sequence[Evaluation], most: int | None) -> list[str]:
    """Return the largest datasets, none where there is only one, which is all rows."""
    sizes = sizes_of(models, "dataset")
    largest = sorted(sizes, key=lambda name: -sizes[name])[:most]
    return [name for name in sizes if name in largest] if len(sizes) > 1 else []


def more_metrics(models: Sequence[Evaluation]) -> Grid:
    """Return the metrics of all test rows that the leaderboard leaves out."""
    return _grid(models, [(metric.title, (ALL, metric.name)) for metric in placed("details")])


def by_dataset(models: Sequence[Evaluation]) -> list[Grid]:
    """Return a grid for each dataset, in order of appearance."""
    return _by_slice(models, "dataset", [(metric.name, metric.title) for metric in resampled()])


def by_label(models: Sequence[Evaluation]) -> list[Grid]:
    """Return a grid for each label, worst to best."""
    return _by_slice(models, "label", LABEL_METRICS)


def _by_slice(models: Sequence[Evaluation], level: Level, metrics: Sequence[tuple[str, str]]) -> list[Grid]:
    slices = {Slice(level, name): rows for name, rows in sizes_of(models, level).items()}
    # a column that one slice lacks stays, so that all have the same
    shown = [each for each in metrics if given_keys(models, [(part, each[0]) for part in slices])]
    return [
        _grid(models, [(title, (part, name)) for name, title in shown], part, rows) for part, rows in slices.items()
    ]


def _grid(models: Sequence[Evaluation], columns: Sequence[tuple[str, Key]], part: Slice = ALL, n: int = 0) -> Grid:
    if part == ALL:
        columns = [column for column in columns if given_keys(models, [column[1]])]
    rows = [(model.name, [model.row(*key) for _, key in columns]) for model in models]
    best = set()
    for number, (_, (_, name)) in enumerate(columns):
        values = [(cell.value, model) for model, cells in rows if (cell := cells[number])]
        lower = any(metric.name == name and not metric.higher_is_better for metric in METRICS)
        top = (min if lower else max)((value for value, _ in values), default=None)
        best |= {(number, model) for value, model in values if value == top and len(models) > 1}
    return Grid([title for title, _ in columns], rows, best, part, n)
