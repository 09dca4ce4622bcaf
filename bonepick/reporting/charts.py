"""Charts of the report, each as an SVG element."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from bonepick.reporting.svg import (
    COLOURS,
    FAINT,
    INK,
    PARTS,
    WIDTH,
    Rows,
    by_model,
    chart_of,
    dashes,
    header,
    name_width,
    names_axis,
    panels_of,
    svg_of,
)


def interval_chart(rows: Rows, models: Sequence[str], colours: Sequence[str], name: str) -> str:
    """Draw metrics as dots with their 95% intervals, a panel for each slice and metric.

    Args:
        rows: of `panel, model, value, low, high`, the last two perhaps None.
        models: from top to bottom.
        colours: of the models.
        name: of the chart, once in a page.
    """
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    base = chart_of(rows).encode(
        y=alt.Y("model:N", sort=list(models), title=None, axis=names_axis(models)),
        color=by_model(models, colours),
    )
    x = alt.X("value:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=4, format=".3~f"))
    bars = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X("low:Q", title=None, scale=alt.Scale(zero=False)), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=85, opacity=1).encode(x=x)
    return svg_of(
        panels_of(bars + dots, panels, name_width(models), {"step": 22}), name, "AUC and intervals of all models"
    )


def difference_chart(rows: Rows, pairs: Sequence[str], name: str) -> str:
    """Draw differences with their intervals beside zero, those that hold zero hollow.

    Args:
        rows: of `panel, pair, value, low, high, real` (bool).
        pairs: from top to bottom.
        name: of the chart, once in a page.
    """
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    real = alt.Scale(domain=[True, False], range=[COLOURS[2], FAINT])
    y = alt.Y("pair:N", sort=list(pairs), title=None, axis=names_axis(pairs))
    base = alt.Chart().encode(y=y, color=alt.Color("real:N", scale=real, legend=None))
    signed = "datum.value == 0 ? '0' : format(datum.value, '+.3~f')"
    x = alt.X("low:Q", title=None, axis=alt.Axis(tickCount=4 if len(panels) < 4 else 3, labelExpr=signed))
    bars = base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=x, x2="high:Q")
    fill = alt.condition("datum.real", alt.value(COLOURS[2]), alt.value("white"))
    dots = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(x="value:Q", fill=fill)
    zero = alt.Chart().mark_rule(color=INK, strokeWidth=1).encode(x=alt.datum(0))
    layers = alt.layer(zero, bars, dots, data={"values": list(rows)})
    return svg_of(panels_of(layers, panels, name_width(pairs), {"step": 24}), name, "differences and their intervals")


def topic_chart(rows: Rows, models: Sequence[str], colours: Sequence[str], name: str) -> str:
    """Draw the global AUC (dot), the one inside topics (square) and the one of the topic alone (stroke) of each model.

    Args:
        rows: of `model, auc, within, topic, low, high` (of `within`), each perhaps None.
        models: from top to bottom.
        colours: of the models.
        name: of the chart, once in a page.
    """
    x = alt.Scale(zero=False, nice=True)
    y = alt.Y("model:N", sort=list(models), title=None, axis=names_axis(models))
    base = chart_of(rows).encode(y=y, color=by_model(models, colours))
    axis = alt.Axis(format=".3~f", tickCount=8)
    link = base.mark_rule(strokeWidth=1, strokeDash=[3, 3]).encode(
        x=alt.X("within:Q", title="AUC", scale=x, axis=axis), x2="auc:Q"
    )
    spread = base.mark_rule(strokeWidth=3, opacity=0.45).encode(x=alt.X("low:Q", scale=x), x2="high:Q")
    whole = base.mark_point(filled=True, size=100, opacity=1).encode(x="auc:Q")
    inside = base.mark_point(shape="square", size=90, fill="white", opacity=1, strokeWidth=2).encode(x="within:Q")
    alone = chart_of(rows).mark_tick(color=INK, thickness=2, size=24).encode(x="topic:Q", y=y)
    layers = alt.layer(link, spread, whole, inside, alone)
    width = WIDTH - name_width(models)
    return svg_of(
        layers.properties(width=width, height={"step": 30}), name, "AUC of all texts, inside topics, and of the topic"
    )


@dataclass(frozen=True)
class Curve:
    """Where a curve's points are, and how it is drawn.

    Attributes:
        name: the field of an evaluation.
        x, y: fields of its points.
        axes: titles.
        diagonal: draw it; else, the y axis begins below the lowest point.
        points: mark them, where they are few.
        sized: dots are as large as the number of rows of the point.
    """

    name: str
    x: str
    y: str
    axes: tuple[str, str]
    diagonal: bool = False
    points: bool = False
    sized: bool = False


def curve_chart(rows: Rows, curve: Curve, models: Sequence[str], colours: Sequence[str]) -> str:
    """Draw one curve a model.

    Args:
        rows: of `model, x, y`, in the order of drawing, and of `n`, rows of the point, where dots are sized.
        curve: how it is drawn.
        models: those that are drawn last lie on top: the first.
        colours: of the models.
    """
    x_title, y_title = curve.axes
    numbered = [{**row, "order": number} for number, row in enumerate(rows)]
    floor = 0.0 if curve.diagonal else min(0.9, int(min(row["y"] for row in rows) * 10) / 10)
    percent = ".0%" if "share" in x_title else ".1f"
    lines = (
        chart_of(numbered)
        .mark_line(strokeWidth=2.25, point={"size": 28, "filled": True} if curve.points else False, clip=True)
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=percent, tickCount=6)),
            y=alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=[floor, 1]), axis=alt.Axis(tickCount=6)),
            order="order:Q",
            color=by_model(models, colours),
            strokeDash=dashes(models),
        )
    )
    drawn: Any = lines
    if curve.sized:
        size = alt.Size("n:Q", scale=alt.Scale(range=[22, 260]), legend=None)
        dots = chart_of(rows).mark_circle(opacity=0.75).encode(x="x:Q", y="y:Q", size=size)
        drawn = alt.layer(lines, dots.encode(color=by_model(models, colours)))
    if curve.diagonal:
        ends = chart_of([{"x": 0, "y": 0}, {"x": 1, "y": 1}]).encode(x="x:Q", y="y:Q")
        drawn = alt.layer(ends.mark_line(color=FAINT, strokeDash=[4, 4], strokeWidth=1.25), drawn)
    return svg_of(drawn.properties(width=440, height=290), curve.name, f"{y_title} by {x_title}")


def composition_chart(rows: Rows, models: Sequence[str], sources: Sequence[str], rest: bool, name: str) -> str:
    """Draw what kept texts come from as stacked bars over keep rates, a panel a model.

    Args:
        rows: of `model, rate` (text), `source, place` (of the source in `sources`), `share`.
        models: from left to right.
        sources: from bottom to top.
        rest: whether the last source is all others together.
        name: of the chart, once in a page.
    """
    colours = [*PARTS[: len(sources) - rest], *PARTS[-1:]][: len(sources)]
    rates = list(dict.fromkeys(row["rate"] for row in rows))
    columns = min(len(models), 4 if len(models) == 4 else 3)
    bars = (
        chart_of(rows)
        .mark_bar(stroke="white", strokeWidth=0.4)
        .encode(
            x=alt.X("rate:N", sort=rates, title=None, axis=alt.Axis(labelAngle=-90, labelOverlap=False)),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=4), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color(
                "source:N",
                sort=list(sources),
                scale=alt.Scale(domain=list(sources), range=colours),
                legend=alt.Legend(orient="bottom", title=None, columns=5, labelLimit=190, symbolType="square"),
            ),
            order="place:Q",
        )
    )
    width = (WIDTH - 60 * columns) // max(columns, 2)
    facet = alt.Facet("model:N", sort=list(models), title=None, header=header(width))
    return svg_of(
        bars.properties(width=width, height=190).facet(facet, columns=columns), name, "sources of what is kept"
    )
