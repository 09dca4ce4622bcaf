"""An evaluation as a value: all that is said of one model, with the rows that it is said of."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from bonepick.metrics.calibration import CalibrationBin
from bonepick.metrics.curves import LabelPair, PrPoint, RocPoint
from bonepick.metrics.keep import CompositionRow, KeepRow
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.shortcuts import ShortcutRow
from bonepick.metrics.slices import Level, Slice
from bonepick.metrics.topic_rows import TopicRow


class MetricRow(NamedTuple):
    """One metric of one slice.

    Attributes:
        slice: what it is of.
        rows: how many that are.
        metric: its name.
        value: of the metric.
        low: lower end of its 95% interval; None where it has none.
        high: upper end of it.
    """

    slice: Slice
    rows: int
    metric: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All that is said of one model; what its rows cannot give is empty.

    Attributes:
        name: of the model, for people.
        predictions: for test and validation rows.
        metrics: slices in order; see `METRICS`.
        thresholds: name -> how it was chosen and what it keeps; see `thresholds`.
        keep: what each keep rate keeps.
        composition: shares of sources and topics among the kept rows, for each keep rate.
        shortcuts: what length, source and topic alone tell.
        topics: metrics of each topic.
        confident_errors: wrong rows, the most confident first.
        roc: points of the ROC curve.
        pr_curve: points of the precision-recall curve.
        calibration: bins of the calibration curve.
        confusion: gold and predicted label of each test row.
    """

    name: str
    predictions: Predictions
    metrics: list[MetricRow] = field(default_factory=list)
    thresholds: dict[str, Any] = field(default_factory=dict)
    keep: list[KeepRow] = field(default_factory=list)
    composition: list[CompositionRow] = field(default_factory=list)
    shortcuts: list[ShortcutRow] = field(default_factory=list)
    topics: list[TopicRow] = field(default_factory=list)
    confident_errors: list[dict[str, Any]] = field(default_factory=list)
    roc: list[RocPoint] = field(default_factory=list)
    pr_curve: list[PrPoint] = field(default_factory=list)
    calibration: list[CalibrationBin] = field(default_factory=list)
    confusion: list[LabelPair] = field(default_factory=list)

    def row(self, part: Slice, metric: str) -> MetricRow | None:
        """Return one metric of a slice; None where it has none."""
        return self._by_key.get((part, metric))

    def value(self, part: Slice, metric: str) -> float | None:
        """Return the value of one metric of a slice; None where it has none."""
        row = self.row(part, metric)
        return row.value if row else None

    def sizes(self, level: Level) -> dict[str, int]:
        """Return the names of the slices of a level, with their numbers of rows, in order of appearance."""
        return {row.slice.name: row.rows for row in self.metrics if row.slice.level == level}

    @cached_property
    def _by_key(self) -> dict[tuple[Slice, str], MetricRow]:
        return {(row.slice, row.metric): row for row in self.metrics}
