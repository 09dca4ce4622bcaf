"""All metrics of a model, one row each: a row here stands in every file, table and report that its fields name.

What computes them imports scipy and scikit-learn itself: every stage reads the names here as it starts.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import isnan
from typing import Literal

import numpy as np

from bonepick.metrics import pooled, rank_metrics
from bonepick.metrics.label_metrics import label_average
from bonepick.metrics.predictions import DECIMALS, Predictions
from bonepick.metrics.weighted import Weighted

Place = Literal["headline", "leaderboard", "details", "section"]
"""Where people find a metric: on the terminal and the leaderboard, on the leaderboard, among the report's details, or
in a section of the report that is about what it says."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        name: in files.
        title: for people.
        place: where they find it.
        prepare: predictions -> function of the rows' weights, or None; it gets an interval, stands in `metrics.json`,
            and is given for each dataset and for validation rows.
        compute: predictions -> value, or None: of all test rows alone, in place of `prepare`.
        per_dataset: whether `metrics.json` has it for each dataset too.
        compared: whether models are compared by it.
        higher_is_better: or lower.
    """

    name: str
    title: str
    place: Place
    prepare: Callable[[Predictions], Weighted | None] | None = None
    compute: Callable[[Predictions], float | None] | None = None
    per_dataset: bool = False
    compared: bool = False
    higher_is_better: bool = True


AUC = "auc"
"""What models are ranked by."""
WITHIN = "within_topic_auc"

METRICS = (
    Metric(name=AUC, title="AUC", place="headline", prepare=pooled.auc, per_dataset=True, compared=True),
    Metric(
        name=WITHIN, title="within topics", place="headline", prepare=pooled.within_topic_auc, per_dataset=True,
        compared=True,
    ),
    Metric(name="accuracy", title="accuracy", place="headline", prepare=pooled.accuracy),
    Metric(name="macro_f1", title="macro F1", place="leaderboard", prepare=pooled.macro_f1),
    Metric(name="average_precision", title="average precision", place="details", prepare=pooled.average_precision),
    Metric(name="macro_auc", title="macro AUC", place="details", compute=rank_metrics.macro_auc),
    Metric(name="macro_precision", title="macro precision", place="details", compute=label_average(0)),
    Metric(name="macro_recall", title="macro recall", place="details", compute=label_average(1)),
    Metric(name="weighted_f1", title="weighted F1", place="details", compute=label_average(2, weighted=True)),
    Metric(name="micro_f1", title="micro F1", place="details", prepare=pooled.micro_f1),
    Metric(name="spearman", title="Spearman", place="details", compute=rank_metrics.spearman),
    Metric(name="kendall", title="Kendall", place="details", compute=rank_metrics.kendall),
    Metric(name="brier", title="Brier score", place="details", compute=rank_metrics.brier, higher_is_better=False),
    Metric(
        name="calibration_error", title="calibration error", place="details",
        compute=rank_metrics.expected_calibration_error, higher_is_better=False,
    ),
    Metric(name="topic_auc", title="AUC of the topic alone", place="section", compute=rank_metrics.topic_auc),
    *(
        Metric(
            name=f"{WITHIN}_p{percent}", title=f"AUC that {percent}% of topics are below", place="section",
            compute=rank_metrics.topic_percentile(percent),
        )
        for percent in (10, 50, 90)
    ),
)  # fmt: skip
"""In the order that they are shown in."""


def placed(*places: Place) -> list[Metric]:
    """Return the metrics of these places."""
    return [metric for metric in METRICS if metric.place in places]


def compared() -> list[Metric]:
    """Return the metrics that models are compared by."""
    return [metric for metric in METRICS if metric.compared]


def resampled() -> list[Metric]:
    """Return the metrics that have an interval."""
    return [metric for metric in METRICS if metric.prepare]


def metric(name: str) -> Metric:
    """Return the metric of a name, which is in the table."""
    return next(metric for metric in METRICS if metric.name == name)


def prepared(predictions: Predictions, names: Collection[str] | None = None) -> dict[str, Weighted]:
    """Return metric -> function of the rows' weights, for the resampled metrics that the rows can give.

    Args:
        predictions: for the rows.
        names: of the metrics that are wanted; all by default.
    """
    if not len(predictions):
        return {}
    wanted = [metric for metric in resampled() if names is None or metric.name in names]
    functions = {metric.name: metric.prepare(predictions) for metric in wanted if metric.prepare}
    return {name: function for name, function in functions.items() if function}


def metrics_of(predictions: Predictions, names: Collection[str] | None = None) -> dict[str, float]:
    """Return metric -> value, rounded, of the resampled metrics; those that the rows cannot give are left out.

    Args:
        predictions: for the rows.
        names: of the metrics that are wanted; all by default.
    """
    once = np.ones(len(predictions))
    values = {name: function(once) for name, function in prepared(predictions, names).items()}
    return {name: round(value, DECIMALS) for name, value in values.items() if not isnan(value)}


def computed(predictions: Predictions) -> dict[str, float]:
    """Return metric -> value, rounded, of the metrics without an interval; see `metrics_of`."""
    if not len(predictions):
        return {}
    values = {metric.name: metric.compute(predictions) for metric in METRICS if metric.compute}
    return {name: round(value, DECIMALS) for name, value in values.items() if value is not None}
