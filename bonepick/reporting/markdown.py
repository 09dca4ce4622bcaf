"""The report's short twin in Markdown, for a pull request."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bonepick.core.cells import LONGEST_LINE, as_markdown_text, on_one_line
from bonepick.core.tables import all_digits, as_markdown, with_interval
from bonepick.metrics.evaluation import Evaluation, MetricRow
from bonepick.reporting import details, grids
from bonepick.reporting.caveats import caveats
from bonepick.reporting.compare import Comparison
from bonepick.reporting.costs import TITLES, Cost, said_of
from bonepick.reporting.difference_tables import split_differences
from bonepick.reporting.differences import Difference
from bonepick.reporting.headline import headline
from bonepick.reporting.naming import NOTHING, title_of


def as_report_markdown(comparison: Comparison) -> str:
    """Return headline, leaderboard, differences, metrics inside topics and thresholds."""
    models = comparison.models
    verdicts = comparison.differences
    said = [*headline(models, verdicts), *caveats(models)]
    parts = ["# Evaluation", f"**{as_plain(said[0])}**", "\n".join(f"- {as_plain(line)}" for line in said[1:])]
    parts += _section("Leaderboard", _leaderboard(models, comparison.costs))
    parts += [
        "AUC, where nothing else is said, with its 95% interval: whether models differ, the differences below say.",
        as_plain(said_of(comparison.costs.values())),
    ]
    parts += _section("Differences", _differences(models, verdicts))
    parts += _section("Quality or topic?", _quality(models))
    parts += _section("Thresholds", _thresholds(models))
    return "\n\n".join(part for part in parts if part) + "\n"


def as_plain(text: str) -> str:
    """Return a sentence that Markdown shows as it is, also at the beginning of a list's line."""
    line = as_markdown_text(on_one_line(" ".join(text.split()), LONGEST_LINE))
    return re.sub(r"^([#+=-]|\d+(?=[.)] ))", r"\\\1", line)


def _section(title: str, table: list[list[str]]) -> list[str]:
    if len(table) < 2:
        return []
    return [f"## {title}", as_markdown(table).rstrip("\n")]


def _leaderboard(models: Sequence[Evaluation], costs: Mapping[str, Cost]) -> list[list[str]]:
    grid = grids.leaderboard(models)
    known = {name: cost.cells(NOTHING) for name, cost in costs.items()}
    rows = [[name, *map(_metric, cells), *known.get(name, [])] for name, cells in grid.rows]
    return [["model", *grid.columns, *(TITLES if known else [])], *rows]


def _differences(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> list[list[str]]:
    shown, folded = split_differences(models, verdicts, models[0].name)
    rows = [
        [title_of((one.slice, one.metric)), f"{one.second} − {one.first}", one.verdict] for one in [*shown, *folded]
    ]
    return [["on", "models", "verdict"], *rows]


def _quality(models: Sequence[Evaluation]) -> list[list[str]]:
    rows = [
        [row["model"], _number(row["auc"]), _metric(row["within"]), _number(row["topic"])]
        for row in details.quality_or_topic(models)
    ]
    return [["model", "AUC", "AUC within topics", "AUC of the topic alone"], *rows]


def _thresholds(models: Sequence[Evaluation]) -> list[list[str]]:
    rows = []
    for row in details.threshold_rows(models):
        threshold = all_digits(row["threshold"], NOTHING)
        shares = [_number(row["test"].get(share)) for share in details.SHARES]
        rows.append([row["model"], row["name"], threshold, *shares, _number(row["valid"].get("precision"))])
    return [["model", "threshold", "score from", *details.SHARES, "precision on validation rows"], *rows]


def _metric(row: MetricRow | None) -> str:
    return with_interval(row.value, row.low, row.high, NOTHING) if row else NOTHING


def _number(value: Any) -> str:
    return with_interval(value, nothing=NOTHING)
