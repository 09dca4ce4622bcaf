"""Evaluations as folders: what each file is called and holds, written and read. Nothing is computed here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.json_format import json_bytes
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.reading import damaged, decoded, is_there, read_json, read_text
from bonepick.core.run import Run
from bonepick.core.tables import as_csv, parsed_csv
from bonepick.evaluation.file_names import METRICS_CSV, METRICS_JSON, REMEDY, THRESHOLDS_FILE, VALID_PREFIX
from bonepick.evaluation.predictions_file import load_predictions, save_predictions
from bonepick.metrics import table
from bonepick.metrics.calibration import CalibrationBin
from bonepick.metrics.confident_errors import ConfidentError
from bonepick.metrics.curves import LabelPair, PrPoint, RocPoint
from bonepick.metrics.evaluation import Evaluation, MetricRow
from bonepick.metrics.keep import CompositionRow, KeepRow
from bonepick.metrics.shortcuts import ShortcutRow
from bonepick.metrics.slices import ALL, VALID, Level, Slice
from bonepick.metrics.thresholds import Threshold, ThresholdName
from bonepick.metrics.topic_rows import TopicRow

R = TypeVar("R", bound=NamedTuple)

PREDICTIONS_FILE = "predictions.parquet"
ERRORS_FILE = "tables/confident_errors.jsonl"
TABLES: dict[str, tuple[str, Any]] = {
    "roc": ("plots/roc.csv", RocPoint),
    "pr_curve": ("plots/pr_curve.csv", PrPoint),
    "calibration": ("plots/calibration.csv", CalibrationBin),
    "keep": ("plots/keep.csv", KeepRow),
    "confusion": ("plots/confusion.csv", LabelPair),
    "composition": ("tables/composition.csv", CompositionRow),
    "shortcuts": ("tables/shortcuts.csv", ShortcutRow),
    "topics": ("tables/topics.csv", TopicRow),
}
"""Field of an evaluation -> its file, and what its rows are."""
OLD_METRICS_CSV = "figures.csv"
"""What the full table was called before it had slices."""


class MetricLine(NamedTuple):
    """A line of `metrics.csv`: a `MetricRow`, its slice in two columns."""

    level: Level
    slice: str
    rows: int
    metric: str
    value: float
    low: float | None
    high: float | None


def save_evaluation(evaluation: Evaluation, output_dir: Path, run: Run, inputs: Sequence[Path] = ()) -> None:
    """Write an evaluation as a folder, which appears whole.

    Args:
        evaluation: to be written.
        output_dir: where.
        run: whether an earlier output is replaced.
        inputs: what it was made from, which the output may not replace.

    Raises:
        BonepickError: the output is occupied, or holds an input; or see `metrics_json`.
    """
    with atomic_directory(output_dir, "evaluation", run.overwrite, inputs) as folder:
        save(evaluation, folder)
    note(f"evaluate: {len(evaluation.predictions):,} rows -> {output_dir}")


def save(evaluation: Evaluation, folder: Path) -> None:
    """Write the files of an evaluation into a folder that is there, and empty.

    Raises:
        BonepickError: see `metrics_json`.
    """
    (folder / METRICS_JSON).write_bytes(metrics_json(evaluation))
    (folder / THRESHOLDS_FILE).write_bytes(json_bytes(evaluation.thresholds, order=None))
    save_predictions(evaluation.predictions, folder / PREDICTIONS_FILE)
    lines = ((row.slice.level, row.slice.name, *row[1:]) for row in evaluation.metrics)
    _write(folder / METRICS_CSV, as_csv(MetricLine._fields, lines).encode())
    for name, (file, kind) in TABLES.items():
        _write(folder / file, as_csv(kind._fields, getattr(evaluation, name)).encode())
    _write(folder / ERRORS_FILE, b"".join(msgspec.json.encode(row) + b"\n" for row in evaluation.confident_errors))


def load(folder: Path, name: str = "") -> Evaluation:
    """Return the evaluation in a folder.

    Args:
        folder: that `save` wrote.
        name: of the model, for people; the folder's by default.

    Raises:
        BonepickError: a file is missing or damaged, or was written before metrics were called so.
    """
    if is_there(folder / OLD_METRICS_CSV) and not is_there(folder / METRICS_CSV):
        files = f"{OLD_METRICS_CSV}, and no {METRICS_CSV}"
        raise BonepickError(f"{name or folder} was evaluated by an older version ({files}): evaluate again")
    tables = {field: _rows(folder / file, kind) for field, (file, kind) in TABLES.items()}
    return Evaluation(
        name or folder.name,
        load_predictions(folder / PREDICTIONS_FILE),
        metrics=parsed_metrics(read_text(folder / METRICS_CSV, REMEDY), folder / METRICS_CSV),
        thresholds=read_json(folder / THRESHOLDS_FILE, dict[ThresholdName, Threshold], REMEDY),
        confident_errors=_errors(folder / ERRORS_FILE),
        **tables,
    )


def metrics_json(evaluation: Evaluation) -> bytes:
    """Return `metrics.json`: under the kind's name the metrics of all test rows, of validation rows and of datasets.

    Raises:
        BonepickError: a dataset has the name of a metric.
    """
    resampled = {metric.name: metric for metric in table.resampled()}
    values: dict[str, Any] = {}
    for row in evaluation.metrics:
        if row.metric in resampled and row.slice in (ALL, VALID):
            values[(VALID_PREFIX if row.slice == VALID else "") + row.metric] = row.value
    for name in evaluation.sizes("dataset"):
        if name in values:
            raise BonepickError(f"a dataset is called {name!r}, like a metric: rename its folder")
        values[name] = {}
    for row in evaluation.metrics:
        if row.slice.level == "dataset" and row.metric in resampled and resampled[row.metric].per_dataset:
            values[row.slice.name][row.metric] = row.value
    return json_bytes({evaluation.predictions.kind: values})


def parsed_metrics(text: str, file: object) -> list[MetricRow]:
    """Return the rows of a `metrics.csv`.

    Raises:
        BonepickError: it is damaged; `file` names it.
    """
    return [MetricRow(Slice(line.level, line.slice), *line[2:]) for line in _parsed(text, MetricLine, file)]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def _rows(path: Path, kind: type[R]) -> list[R]:
    return _parsed(read_text(path, REMEDY), kind, path)


def _parsed(text: str, kind: type[R], file: object) -> list[R]:
    try:
        return parsed_csv(text, kind)
    except ValueError as error:
        raise damaged(file, error, REMEDY) from None


def _errors(path: Path) -> list[Any]:
    lines = enumerate(read_text(path, REMEDY).split("\n"), 1)
    return [decoded(line, ConfidentError, f"{path}:{number}", REMEDY) for number, line in lines if line]
