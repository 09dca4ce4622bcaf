"""Measure: all that is said of a model, from its predictions."""

from collections.abc import Iterator, Sequence
from itertools import compress
from math import isnan

from bonepick.metrics import table
from bonepick.metrics.bootstrap import Bootstrap, bootstrap
from bonepick.metrics.calibration import calibration_bins
from bonepick.metrics.confident_errors import confident_errors
from bonepick.metrics.curves import label_pairs, pr_points, roc_points
from bonepick.metrics.evaluation import Evaluation, MetricRow
from bonepick.metrics.keep import composition_rows, keep_rows
from bonepick.metrics.label_metrics import label_metrics
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import DECIMALS, Predictions, rounded
from bonepick.metrics.shortcuts import shortcuts
from bonepick.metrics.slices import ALL, VALID, Slice
from bonepick.metrics.thresholds import thresholds
from bonepick.metrics.topic_rows import topic_rows

SOURCE_METRICS = (table.AUC, "accuracy")
"""Metrics that are given for each source, beside the mean score."""


def measure(predictions: Predictions, excerpts: Sequence[str], params: EvalParams, workers: int = 1) -> Evaluation:
    """Return all that is said of a model.

    Args:
        predictions: for test rows, and for validation rows where there are some.
        excerpts: the beginnings of all these rows' texts.
        params: of intervals and thresholds.
        workers: threads that resample; the result does not depend on them.

    Raises:
        BonepickError: see `thresholds`.
    """
    test, valid = predictions.test, predictions.valid
    test_excerpts = compress(excerpts, (split == "test" for split in predictions.columns["split"]))
    return Evaluation(
        predictions.kind,
        predictions,
        metrics=metric_rows(predictions, bootstrap([test], params, workers=workers)),
        thresholds=thresholds(valid, test, params),
        keep=keep_rows(valid, test, params),
        composition=composition_rows(valid, test, params),
        shortcuts=shortcuts(test),
        topics=topic_rows(test, params.good_from),
        confident_errors=confident_errors(test, list(test_excerpts)),
        roc=roc_points(test),
        pr_curve=pr_points(test),
        calibration=calibration_bins(test),
        confusion=label_pairs(test),
    )


def metric_rows(predictions: Predictions, resampled: Bootstrap) -> list[MetricRow]:
    """Return every metric of every slice, rounded, levels in order; metrics that rows cannot give have no row.

    Args:
        predictions: for test and validation rows.
        resampled: metrics of the test rows with their resamples, which intervals come from.
    """
    test, valid = predictions.test, predictions.valid
    rows = list(_with_intervals(resampled))
    rows += [MetricRow(ALL, len(test), name, value) for name, value in table.computed(test).items()]
    rows += [MetricRow(VALID, len(valid), name, value) for name, value in table.metrics_of(valid).items()]
    rows += _source_rows(test)
    for label, n, metrics in label_metrics(test):
        rows += [MetricRow(Slice("label", label), n, name, round(v, DECIMALS)) for name, v in metrics.items()]
    # names within a level stay in order of appearance: labels worst to best
    return sorted(rows, key=lambda row: Slice(row.slice.level))


def _with_intervals(resampled: Bootstrap) -> Iterator[MetricRow]:
    for number, (part, metric) in enumerate(resampled.keys):
        value = float(resampled.points[0, number])
        if not isnan(value):
            ends = rounded([value, *resampled.interval(0, (part, metric))])
            yield MetricRow(part, resampled.rows[number], metric, *ends)  # type: ignore[arg-type]  # value is a number


def _source_rows(test: Predictions) -> Iterator[MetricRow]:
    for name in sorted({source for source in test.columns["source"] if source}):
        rows = test.where(source=name)
        metrics = table.metrics_of(rows, SOURCE_METRICS)
        if test.ranked:
            metrics["mean_score"] = round(float(rows.score.mean()), DECIMALS)
        yield from (MetricRow(Slice("source", name), len(rows), metric, value) for metric, value in metrics.items())
