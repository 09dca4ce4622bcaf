"""A comparison as a folder: leaderboard, differences, the curves of all models, and the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bonepick.core.history import HISTORY_FILE
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.core.tables import as_csv, as_markdown
from bonepick.evaluation.store import TABLES
from bonepick.reporting.compare import Comparison
from bonepick.reporting.costs import said_of
from bonepick.reporting.history import HistoryRow
from bonepick.reporting.html import as_html
from bonepick.reporting.markdown import as_plain, as_report_markdown

LEADERBOARD = "leaderboard"
DIFFERENCES_FILE = "differences.csv"
DIFFERENCES_HEADER = ("first", "second", "level", "slice", "metric", "difference", "low", "high", "rows", "verdict")
HTML_FILE = "report.html"
MARKDOWN_FILE = "report.md"
PLOTS = "plots"
"""Folder of the curves of all models, with a column `model`, for `dvc plots`."""


def save_comparison(
    comparison: Comparison,
    output_dir: Path,
    run: Run = Run(),
    made_by: Mapping[str, str] | None = None,
    inputs: Sequence[Path] = (),
) -> None:
    """Write a comparison as a folder, which appears whole.

    Args:
        comparison: to be written.
        output_dir: where.
        run: whether an earlier output is replaced.
        made_by: title -> text, shown folded at the end of the report; what DVC tracks, and nothing else.
        inputs: what it was made from, which the output may not replace.

    Raises:
        BonepickError: the output is occupied.
    """
    files = comparison_files(comparison, made_by or {})
    with atomic_directory(output_dir, "report", run.overwrite, inputs) as folder:
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    note(f"compare: {len(comparison.models):,} models -> {output_dir}")


def comparison_files(comparison: Comparison, made_by: Mapping[str, str]) -> dict[str, str]:
    """Return name -> text of all files; none of them refers to anything outside."""
    header, *rows = comparison.leaderboard
    said = said_of(comparison.costs.values())
    lines = [
        (d.first, d.second, d.slice.level, d.slice.name, d.metric, d.value, d.low, d.high, d.rows, d.verdict)
        for d in comparison.differences
    ]
    return {
        f"{LEADERBOARD}.md": as_markdown(comparison.leaderboard) + (f"\n{as_plain(said)}\n" if said else ""),
        f"{LEADERBOARD}.csv": as_csv(header, rows),
        DIFFERENCES_FILE: as_csv(DIFFERENCES_HEADER, lines),
        **plot_files(comparison),
        HTML_FILE: as_html(comparison, made_by),
        MARKDOWN_FILE: as_report_markdown(comparison),
    }


def plot_files(comparison: Comparison) -> dict[str, str]:
    """Return the tables that each evaluation has in `plots/`, of all models in one, and the training histories."""
    models = sorted(comparison.models, key=lambda model: model.name)
    files = {}
    for field, (file, kind) in TABLES.items():
        if file.startswith(f"{PLOTS}/"):
            rows = ((model.name, *row) for model in models for row in getattr(model, field))
            files[file] = as_csv(("model", *kind._fields), rows)
    return {**files, f"{PLOTS}/{HISTORY_FILE}": as_csv(HistoryRow._fields, comparison.history)}
