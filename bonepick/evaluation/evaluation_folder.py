"""An evaluation folder, read: what `evaluate` wrote of one model, each file when it is first asked for."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.evaluation.layout import (
    CALIBRATION_FILE,
    CONFUSION_FILE,
    DISAGREEMENTS_FILE,
    FIGURES_FILE,
    KEEP_FILE,
    MIX_FILE,
    PLOTS,
    PR_FILE,
    PREDICTIONS_FILE,
    ROC_FILE,
    SHORTCUTS_FILE,
    TABLES,
    THRESHOLDS_FILE,
    TOPICS_FILE,
)
from bonepick.evaluation.predictions import Predictions

TEXTS = frozenset(("of", "name", "figure", "gold", "predicted", "predictor"))
"""Columns that hold text; all others hold numbers. (A calibration curve's `predicted` is a number, and is read so.)"""

Rows = list[dict[str, Any]]
"""Of a table: column -> number or text; None where the cell is empty."""


@dataclass(frozen=True)
class FigureRow:
    """One line of `figures.csv`.

    Attributes:
        of: all | valid | dataset | source | label.
        name: of the dataset, source or label.
        rows: that it is a figure of.
        figure: its name.
        value: of the figure.
        low: lower end of its 95% interval; None where it has none.
        high: upper end of it.
    """

    of: str
    name: str
    rows: int
    figure: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation says of a model; files that are not there are empty.

    Attributes:
        name: of the model, for people.
        folder: holds what `layout` names.
    """

    name: str
    folder: Path

    @classmethod
    def load(cls, folder: Path) -> "Evaluation":
        """Return the evaluation in a folder, under the folder's name; its files are read when they are needed."""
        return cls(folder.name, folder)

    @cached_property
    def predictions(self) -> Predictions:
        """Of test and validation rows; see `Predictions.load`."""
        return Predictions.load(self.folder / PREDICTIONS_FILE)

    @cached_property
    def classes(self) -> list[str]:
        """Labels, worst to best; empty where there are no predictions."""
        return self.predictions.classes if (self.folder / PREDICTIONS_FILE).is_file() else []

    @cached_property
    def figures(self) -> list[FigureRow]:
        """The full table."""
        rows = _read_table(self.folder / FIGURES_FILE, texts=TEXTS)
        return [FigureRow(**row | {"rows": int(row["rows"])}) for row in rows]

    def figure(self, name: str, of: str = "all", called: str = "") -> FigureRow | None:
        """Return one figure; None where there is none."""
        return self._by_name.get((of, called, name))

    @cached_property
    def thresholds(self) -> dict[str, Any]:
        """Threshold name -> how it was chosen and what it keeps; see `cutting.thresholds`."""
        path = self.folder / THRESHOLDS_FILE
        found: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.is_file() else {}
        return found

    @cached_property
    def roc(self) -> Rows:
        """Points of the ROC curve."""
        return _read_table(self.folder / PLOTS / ROC_FILE)

    @cached_property
    def pr_curve(self) -> Rows:
        """Points of the precision-recall curve."""
        return _read_table(self.folder / PLOTS / PR_FILE)

    @cached_property
    def calibration(self) -> Rows:
        """Bins of the calibration curve."""
        return _read_table(self.folder / PLOTS / CALIBRATION_FILE)

    @cached_property
    def keep(self) -> Rows:
        """What each keep rate keeps."""
        return _read_table(self.folder / PLOTS / KEEP_FILE)

    @cached_property
    def confusion(self) -> Rows:
        """Gold and predicted label of each test row."""
        return _read_table(self.folder / PLOTS / CONFUSION_FILE, texts=TEXTS)

    @cached_property
    def mix(self) -> Rows:
        """Shares of sources and topics among the kept rows, for each keep rate."""
        return _read_table(self.folder / TABLES / MIX_FILE, texts=TEXTS)

    @cached_property
    def shortcuts(self) -> Rows:
        """What length, source and topic alone tell."""
        return _read_table(self.folder / TABLES / SHORTCUTS_FILE, texts=TEXTS)

    @cached_property
    def topics(self) -> Rows:
        """Figures of each topic."""
        return _read_table(self.folder / TABLES / TOPICS_FILE)

    @cached_property
    def disagreements(self) -> Rows:
        """Wrong rows, the most confident first."""
        path = self.folder / TABLES / DISAGREEMENTS_FILE
        lines = path.read_bytes().split(b"\n") if path.is_file() else []
        return [msgspec.json.decode(line) for line in lines if line]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], FigureRow]:
        return {(figure.of, figure.name, figure.figure): figure for figure in self.figures}


def _read_table(path: Path, texts: frozenset[str] = frozenset()) -> Rows:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(_typed_rows(lines, texts))
    except (ValueError, csv.Error) as error:
        raise BonepickError(f"{path} is damaged ({error}): evaluate again") from None


def _typed_rows(lines: Any, texts: frozenset[str]) -> Iterator[dict[str, Any]]:
    for row in csv.DictReader(lines):
        yield {
            name: cell if name in texts else float(cell) if cell and cell.strip() else None
            for name, cell in row.items()
        }
