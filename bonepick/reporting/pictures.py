"""The report's charts: what they are drawn from, taken from a comparison."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from bonepick.core.cells import SHOWN, on_one_line
from bonepick.metrics.evaluation import Evaluation
from bonepick.reporting import charts
from bonepick.reporting.charts import Curve
from bonepick.reporting.compare import Comparison
from bonepick.reporting.details import quality_or_topic
from bonepick.reporting.difference_tables import drawn_differences
from bonepick.reporting.grids import compared_keys
from bonepick.reporting.looks import best_of, looks_of
from bonepick.reporting.naming import short_names, title_of

T = TypeVar("T")

MAX_POINTS = 200
"""Of a drawn curve."""
MAX_STACKED = 9
"""Sources that the stacked bars tell apart: more colours than that, no eye does."""
CURVES = (
    Curve("roc", "false_positive_rate", "true_positive_rate", ("false positive rate", "true positive rate"), True),
    Curve("pr_curve", "recall", "precision", ("recall", "precision")),
    Curve("calibration", "predicted", "observed", ("predicted probability", "observed share"), True, sized=True),
    Curve("keep", "kept", "precision", ("share of test texts kept", "precision"), points=True),
)


def pictures(comparison: Comparison) -> dict[str, list[str]]:
    """Return SVG elements by section; a section without data has none, a curve without points is empty."""
    models = comparison.models
    short = short_names([model.name for model in models])
    names = list(short.values())
    colours = [look.colour for look in looks_of(models)]
    drawn: dict[str, list[str]] = {"intervals": [], "differences": [], "topics": [], "curves": [], "composition": []}
    if rows := _interval_rows(models, short):
        drawn["intervals"].append(charts.interval_chart(rows, names, colours, "intervals"))
    if rows := _difference_rows(comparison):
        pairs = list(dict.fromkeys(row["pair"] for row in rows))
        drawn["differences"].append(charts.difference_chart(rows, pairs, "differences"))
    if rows := _topic_rows(models, short):
        drawn["topics"].append(charts.topic_chart(rows, names, colours, "topics"))
    for curve in CURVES:
        rows = _curve_rows(models, short, curve)
        drawn["curves"].append(charts.curve_chart(rows, curve, names, colours) if rows else "")
    if composition := _composition(models, short):
        drawn["composition"].append(charts.composition_chart(*composition, name="composition"))
    return drawn


def thinned(rows: Sequence[T], n: int = MAX_POINTS) -> list[T]:
    """Return at most n rows, evenly spaced, the first and the last among them.

    >>> thinned(range(9), 3)
    [0, 4, 8]
    """
    if len(rows) <= n:
        return list(rows)
    return [rows[round(number * (len(rows) - 1) / (n - 1))] for number in range(n)]


def _interval_rows(models: Sequence[Evaluation], short: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "panel": on_one_line(title_of(key)), "model": short[model.name],
            "value": row.value, "low": row.low, "high": row.high,
        }
        for key in compared_keys(models)
        for model in models
        if (row := model.row(*key))
    ]  # fmt: skip


def _difference_rows(comparison: Comparison) -> list[dict[str, Any]]:
    models = comparison.models
    drawn, _ = drawn_differences(models, comparison.differences, best_of(models).name)
    short = short_names(list(dict.fromkeys(name for one in drawn for name in (one.first, one.second))), 20)
    return [
        {
            "panel": on_one_line(title_of((one.slice, one.metric))),
            "pair": f"{short[one.second]} − {short[one.first]}",
            "value": one.value, "low": one.low, "high": one.high, "real": one.better is not None,
        }
        for one in drawn
    ]  # fmt: skip


def _topic_rows(models: Sequence[Evaluation], short: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "model": short[row["model"]], "auc": row["auc"], "topic": row["topic"],
            "within": row["within"].value, "low": row["within"].low, "high": row["within"].high,
        }
        for row in quality_or_topic(models)
    ]  # fmt: skip


def _curve_rows(models: Sequence[Evaluation], short: Mapping[str, str], curve: Curve) -> list[dict[str, Any]]:
    rows = []
    for model in reversed(models):  # the first one lies on top
        for point in thinned(getattr(model, curve.name)):
            x, y = getattr(point, curve.x), getattr(point, curve.y)
            if x is not None and y is not None:
                size = {"n": point.rows} if curve.sized else {}
                rows.append({"model": short[model.name], "x": x, "y": y, **size})
    return rows


def _composition(
    models: Sequence[Evaluation], short: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str], list[str], bool] | None:
    """Return the rows of the stacked bars, models, sources, and whether the last of these is all others together."""
    tables = {short[model.name]: [row for row in model.composition if row.level == "source"] for model in models}
    tables = {name: rows for name, rows in tables.items() if len({row.rate for row in rows}) > 1}
    if not tables:
        return None
    sizes: Counter[str] = Counter()
    for row in next(iter(tables.values())):
        sizes[row.name] += row.share if row.rate == 1 else 0  # type: ignore[assignment]  # shares are counted
    named = [name for name, _ in sizes.most_common(MAX_STACKED)]
    rest = len(sizes) > len(named)
    place = {name: number for number, name in enumerate(named)}
    shares: Counter[tuple[str, float, int]] = Counter()
    for model, rows in tables.items():
        for row in rows:
            shares[model, row.rate, place.get(row.name, len(named))] += row.share  # type: ignore[assignment]  # as above
    shown = short_names(named, SHOWN)
    stacked = [*(shown[name] for name in named), *([f"{len(sizes) - len(named)} others"] if rest else [])]
    drawn = [
        {
            "model": model,
            "rate": f"{rate:.0%}" if rate < 1 else "all",
            "source": stacked[number],
            "place": number,
            "share": share,
        }
        for (model, rate, number), share in sorted(shares.items(), key=lambda item: item[0][1:])
    ]
    return drawn, list(tables), stacked, rest
