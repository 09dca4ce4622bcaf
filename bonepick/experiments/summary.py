"""What came out of a grid: a ranking on validation metrics, and how far the seed alone moves each metric."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.tables import as_markdown
from bonepick.experiments.grids import Point

SEED = "train.seed"
SHOWN = ("auc", "accuracy", "macro_f1")


@dataclass(frozen=True)
class Result:
    """A finished experiment.

    Attributes:
        name: the one that DVC knows it under.
        point: its params.
        metrics: kind -> metric -> value, or dataset -> metric -> value.
        intervals: kind -> metric (`auc`, `unseen.auc`) -> ends of its 95% interval over the test rows.
    """

    name: str
    point: Point
    metrics: dict[str, Any]
    intervals: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)

    @property
    def setting(self) -> tuple[tuple[str, str], ...]:
        """Its params without the seed."""
        return tuple((path, str(value)) for path, value in self.point.changes.items() if path != SEED)


def summarize(results: Sequence[Result], metric: str) -> str:
    """Return the tables as Markdown; kinds whose metrics are the same in all results are left out, and named.

    Args:
        results: one at least.
        metric: name of the one that settings and kinds are ranked by.

    Raises:
        BonepickError: a result lacks that metric.
    """
    kinds = sorted({kind for result in results for kind in result.metrics})
    same = [kind for kind in kinds if len(results) > 1 and len({str(r.metrics.get(kind)) for r in results}) == 1]
    groups = _groups(results, [kind for kind in kinds if kind not in same], metric)
    parts = []
    if groups:
        several = any(len(group.runs) > 1 for group in groups)
        means = "in means over the seeds" if several else "one seed each: another seed may well change the order"
        parts.append(f"Ranked on {metric}, {means}:\n\n{as_markdown(_ranking(groups))}")
        if several:
            parts.append(f"How far the seed alone moves them:\n\n{as_markdown(_spread(groups))}")
            parts.append("rows 95%: where a run's metric may lie with other test rows (its interval, in means).\n")
        parts.append(f"The first is {', '.join(groups[0].names)}: `dvc exp apply` puts one into the working tree.\n")
    if same:
        parts.append(f"Not touched by this grid: {', '.join(same)}.\n")
    return "\n".join(parts)


@dataclass(frozen=True)
class _Group:
    """The runs of one kind under one setting, which differ in their seed."""

    setting: dict[str, str]
    kind: str
    names: list[str]
    runs: list[dict[str, float]]
    intervals: list[dict[str, tuple[float, float]]]

    def interval(self, metric: str) -> str:
        """The mean of the runs' intervals."""
        known = [ends[metric] for ends in self.intervals if metric in ends]
        return "[{:.3f}, {:.3f}]".format(*map(mean, zip(*known, strict=True))) if known else "-"

    def values(self, metric: str) -> list[float]:
        return [run[metric] for run in self.runs if metric in run]


def _groups(results: Sequence[Result], kinds: Sequence[str], metric: str) -> list[_Group]:
    """Return the groups, the best first."""
    groups: dict[Any, _Group] = {}
    for result in results:
        for kind in kinds:
            if metric not in (metrics := result.metrics.get(kind, {})):
                raise BonepickError(
                    f"{result.name} has no {kind}.{metric} to be ranked by: "
                    "select.metric names it, and a dataset must have validation rows (valid_split)"
                )
            group = groups.setdefault((result.setting, kind), _Group(dict(result.setting), kind, [], [], []))
            group.names.append(result.name)
            group.runs.append(dict(_shown(metrics, metric)))
            group.intervals.append(result.intervals.get(kind, {}))
    return sorted(groups.values(), key=lambda group: -mean(group.values(metric)))


def _shown(metrics: dict[str, Any], ranked_by: str) -> Iterator[tuple[str, float]]:
    """Yield the metrics that are shown, in the order of their columns."""
    for name in (ranked_by, *SHOWN):
        if name in metrics:
            yield name, metrics[name]
        if name == "auc":
            yield from (
                (f"{key}.auc", dataset_metrics["auc"])
                for key, dataset_metrics in metrics.items()
                if isinstance(dataset_metrics, dict) and dataset_metrics
            )


def _names(groups: Sequence[_Group]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for run in group.runs for name in run))


def _ranking(groups: Sequence[_Group]) -> list[list[str]]:
    names = _names(groups)
    rows = [
        [group.kind, *group.setting.values(), str(len(group.runs))]
        + [f"{mean(values):.3f}" if (values := group.values(name)) else "-" for name in names]
        for group in groups
    ]
    return [["model", *groups[0].setting, "runs", *names], *rows]


def _spread(groups: Sequence[_Group]) -> list[list[str]]:
    rows = [
        [
            *(group.kind, *group.setting.values(), name),
            *(f"{mean(values):.3f}", f"{stdev(values):.4f}", f"{min(values):.3f}", f"{max(values):.3f}"),
            group.interval(name),
        ]
        for group in groups
        for name in _names(groups)
        if len(values := group.values(name)) > 1
    ]
    return [["model", *groups[0].setting, "metric", "mean", "std", "min", "max", "rows 95%"], *rows]
