"""What came out of a grid: a ranking on validation figures, and how far the seed alone moves each figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.evaluation.tables import as_markdown
from bonepick.experiments.grids import Point

SEED = "train.seed"
FIGURES = ("auc", "accuracy", "macro_f1")


@dataclass(frozen=True)
class Result:
    """A finished experiment.

    Attributes:
        name: the one that DVC knows it under.
        point: its params.
        metrics: kind -> figure -> value, or dataset -> figure -> value.
        intervals: kind -> figure (`auc`, `unseen.auc`) -> ends of its 95% interval over the test rows.
    """

    name: str
    point: Point
    metrics: dict[str, Any]
    intervals: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)

    @property
    def setting(self) -> tuple[tuple[str, str], ...]:
        """Its params without the seed."""
        return tuple((path, str(value)) for path, value in self.point.changes.items() if path != SEED)


def summarize(results: Sequence[Result], figure: str) -> str:
    """Return the tables as Markdown; kinds whose figures are the same in all results are left out, and named.

    Args:
        results: one at least.
        figure: name of the one that settings and kinds are ranked by.

    Raises:
        BonepickError: a result lacks that figure.
    """
    kinds = sorted({kind for result in results for kind in result.metrics})
    same = [kind for kind in kinds if len(results) > 1 and len({str(r.metrics.get(kind)) for r in results}) == 1]
    groups = _groups(results, [kind for kind in kinds if kind not in same], figure)
    parts = []
    if groups:
        several = any(len(group.runs) > 1 for group in groups)
        means = "in means over the seeds" if several else "one seed each: another seed may well change the order"
        parts.append(f"Ranked on {figure}, {means}:\n\n{as_markdown(_ranking(groups))}")
        if several:
            parts.append(f"How far the seed alone moves them:\n\n{as_markdown(_spread(groups))}")
            parts.append("rows 95%: where a run's figure may lie with other test rows (its interval, in means).\n")
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

    def interval(self, figure: str) -> str:
        """The mean of the runs' intervals."""
        known = [own[figure] for own in self.intervals if figure in own]
        return "[{:.3f}, {:.3f}]".format(*map(mean, zip(*known, strict=True))) if known else "-"

    def values(self, figure: str) -> list[float]:
        return [run[figure] for run in self.runs if figure in run]


def _groups(results: Sequence[Result], kinds: Sequence[str], figure: str) -> list[_Group]:
    """Return the groups, the best first."""
    found: dict[Any, _Group] = {}
    for result in results:
        for kind in kinds:
            if figure not in (figures := result.metrics.get(kind, {})):
                raise BonepickError(
                    f"{result.name} has no {kind}.{figure} to be ranked by: "
                    "select.figure names it, and a dataset must have validation rows (valid_split)"
                )
            group = found.setdefault((result.setting, kind), _Group(dict(result.setting), kind, [], [], []))
            group.names.append(result.name)
            group.runs.append(dict(_shown(figures, figure)))
            group.intervals.append(result.intervals.get(kind, {}))
    return sorted(found.values(), key=lambda group: -mean(group.values(figure)))


def _shown(figures: dict[str, Any], ranked_by: str) -> Iterator[tuple[str, float]]:
    """Yield the figures that are shown, in the order of their columns."""
    for name in (ranked_by, *FIGURES):
        if name in figures:
            yield name, figures[name]
        if name == "auc":
            yield from ((f"{key}.auc", own["auc"]) for key, own in figures.items() if isinstance(own, dict) and own)


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
    return [["model", *groups[0].setting, "figure", "mean", "std", "min", "max", "rows 95%"], *rows]
