"""The report's short twin in Markdown, for a pull request."""

import html
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bonepick.evaluation import report_tables
from bonepick.evaluation.differences import Difference
from bonepick.evaluation.evaluation_folder import Evaluation, FigureRow
from bonepick.evaluation.headline import caveats, headline
from bonepick.evaluation.tables import as_markdown

SHARES = ("kept", "precision", "recall", "f1", "words")


def as_report_markdown(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> str:
    """Return headline, leaderboard, differences, figures inside topics and thresholds."""
    said = [*headline(models, verdicts), *caveats(models)]
    parts = ["# Evaluation", f"**{_plain(said[0])}**", "\n".join(f"- {_plain(line)}" for line in said[1:])]
    parts += _section("Leaderboard", _leaderboard(models))
    parts += [
        "AUC, where nothing else is said, with its 95% interval: whether models differ, the differences below say."
    ]
    parts += _section("Differences", _differences(models, verdicts))
    parts += _section("Quality or topic?", _quality(models))
    parts += _section("Where to cut", _cuts(models))
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(title: str, table: list[list[str]]) -> list[str]:
    if len(table) < 2:
        return []
    return [f"## {title}", as_markdown([[_plain(cell) for cell in row] for row in table]).rstrip("\n")]


def _leaderboard(models: Sequence[Evaluation]) -> list[list[str]]:
    grid = report_tables.leaderboard(models)
    return [["model", *grid.columns], *([name, *map(_figure, cells)] for name, cells in grid.rows)]


def _differences(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> list[list[str]]:
    shown, folded = report_tables.split_differences(models, verdicts, models[0].name)
    rows = [
        [report_tables.panel_of(one.of, one.figure), f"{one.second} − {one.first}", one.verdict]
        for one in [*shown, *folded]
    ]
    return [["on", "models", "verdict"], *rows]


def _quality(models: Sequence[Evaluation]) -> list[list[str]]:
    rows = [
        [row["model"], _number(row["auc"]), _figure(row["within"]), _number(row["topic"])]
        for row in report_tables.quality_or_topic(models)
    ]
    return [["model", "AUC", "AUC within topics", "AUC of the topic alone"], *rows]


def _cuts(models: Sequence[Evaluation]) -> list[list[str]]:
    rows = []
    for cut in report_tables.cuts(models):
        threshold = "–" if cut["threshold"] is None else format(Decimal(repr(cut["threshold"])), "f")
        shares = [_number(cut["test"].get(share)) for share in SHARES]
        rows.append([cut["model"], cut["name"], threshold, *shares, _number(cut["valid"].get("precision"))])
    return [["model", "threshold", "score from", *SHARES, "precision on validation rows"], *rows]


def _figure(row: FigureRow | None) -> str:
    if row is None or row.low is None or row.high is None:
        return _number(row and row.value)
    return f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}]"


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return html.escape(" ".join(text.split()), quote=False).replace("*", "\\*").replace("`", "\\`")
