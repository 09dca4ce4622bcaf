"""Charts of the report as SVG, to be put into a page: no script, no font and no address in them."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

Rows = Sequence[Mapping[str, Any]]

COLOURS = ("#0b6fb8", "#d1520a", "#0a8a68", "#b2558f", "#a67c00", "#5b5bb5", "#4a4a4a", "#8c564b")
"""Of models: told apart by colour-blind people and on a projector (after Okabe and Ito); two apart in lightness."""
PARTS = (
    "#4e79a7", "#f28e2b", "#76b7b2", "#e15759", "#59a14f", "#edc948", "#b07aa1", "#9c755f", "#ff9da7", "#bab0ac",
)  # fmt: skip
"""Of sources, in a stack; the last one is for all others."""
INK, SOFT, GRID = "#1d2733", "#5c6875", "#e4e8ec"
MAX_POINTS = 200
"""Of a drawn curve."""
WIDTH = 1_080
"""Pixels that a chart over the page's width has."""
FONT = "Liberation Sans"
"""What text is measured in, which the renderer brings along; the page shows it in its own."""


def interval_chart(rows: Rows, models: Sequence[str], colours: Sequence[str], name: str) -> str:
    """Draw figures as dots with their 95% intervals, a panel for each of what they are figures of.

    Args:
        rows: of `panel, model, value, low, high`, the last two perhaps None.
        models: from top to bottom.
        colours: of the models.
        name: of the chart, once in a page.
    """
    import altair as alt

    panels = list(dict.fromkeys(row["panel"] for row in rows))
    base = _chart(rows).encode(
        y=alt.Y("model:N", sort=list(models), title=None, axis=_names(models)),
        color=_by_model(models, colours),
    )
    x = alt.X("value:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=4, format=".3~f"))
    bars = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X("low:Q", title=None, scale=alt.Scale(zero=False)), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=85, opacity=1).encode(x=x)
    return _svg(
        _panels(bars + dots, panels, _name_width(models), {"step": 22}), name, "AUC and intervals of all models"
    )


def difference_chart(rows: Rows, pairs: Sequence[str], name: str) -> str:
    """Draw differences with their intervals beside zero, those that hold zero hollow.

    Args:
        rows: of `panel, pair, value, low, high, real` (bool).
        pairs: from top to bottom.
        name: of the chart, once in a page.
    """
    import altair as alt

    panels = list(dict.fromkeys(row["panel"] for row in rows))
    real = alt.Scale(domain=[True, False], range=[COLOURS[2], "#8b95a1"])
    y = alt.Y("pair:N", sort=list(pairs), title=None, axis=_names(pairs))
    base = alt.Chart().encode(y=y, color=alt.Color("real:N", scale=real, legend=None))
    signed = "datum.value == 0 ? '0' : format(datum.value, '+.3~f')"
    x = alt.X("low:Q", title=None, axis=alt.Axis(tickCount=4 if len(panels) < 4 else 3, labelExpr=signed))
    bars = base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=x, x2="high:Q")
    fill = alt.condition("datum.real", alt.value(COLOURS[2]), alt.value("white"))
    dots = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(x="value:Q", fill=fill)
    zero = alt.Chart().mark_rule(color=INK, strokeWidth=1).encode(x=alt.datum(0))
    layers = alt.layer(zero, bars, dots, data={"values": list(rows)})
    return _svg(_panels(layers, panels, _name_width(pairs), {"step": 24}), name, "differences and their intervals")


def topic_chart(rows: Rows, models: Sequence[str], colours: Sequence[str], name: str) -> str:
    """Draw the global AUC (dot), the one inside topics (square) and the one of the topic alone (stroke) of each model.

    Args:
        rows: of `model, auc, within, topic, low, high` (of `within`), each perhaps None.
        models: from top to bottom.
        colours: of the models.
        name: of the chart, once in a page.
    """
    import altair as alt

    x = alt.Scale(zero=False, nice=True)
    y = alt.Y("model:N", sort=list(models), title=None, axis=_names(models))
    base = _chart(rows).encode(y=y, color=_by_model(models, colours))
    axis = alt.Axis(format=".3~f", tickCount=8)
    link = base.mark_rule(strokeWidth=1, strokeDash=[3, 3]).encode(
        x=alt.X("within:Q", title="AUC", scale=x, axis=axis), x2="auc:Q"
    )
    spread = base.mark_rule(strokeWidth=3, opacity=0.45).encode(x=alt.X("low:Q", scale=x), x2="high:Q")
    whole = base.mark_point(filled=True, size=100, opacity=1).encode(x="auc:Q")
    inside = base.mark_point(shape="square", size=90, fill="white", opacity=1, strokeWidth=2).encode(x="within:Q")
    alone = _chart(rows).mark_tick(color=INK, thickness=2, size=24).encode(x="topic:Q", y=y)
    layers = alt.layer(link, spread, whole, inside, alone)
    width = WIDTH - _name_width(models)
    return _svg(
        layers.properties(width=width, height={"step": 30}), name, "AUC of all texts, inside topics, and of the topic"
    )


def curve_chart(
    rows: Rows,
    axes: tuple[str, str],
    models: Sequence[str],
    colours: Sequence[str],
    name: str,
    diagonal: bool = False,
    points: bool = False,
) -> str:
    """Draw one curve a model.

    Args:
        rows: of `model, x, y`, in the order of drawing; with `n`, rows of the point, its dot is as large as that.
        axes: titles.
        models: those that are drawn last lie on top: the first.
        colours: of the models.
        name: of the chart, once in a page.
        diagonal: draw it; else, the y axis begins below the lowest point.
        points: mark them, where they are few.
    """
    import altair as alt

    numbered = [{**row, "order": number} for number, row in enumerate(rows)]
    floor = 0.0 if diagonal else min(0.9, int(min(row["y"] for row in rows) * 10) / 10)
    percent = ".0%" if "share" in axes[0] else ".1f"
    lines = (
        _chart(numbered)
        .mark_line(strokeWidth=2.25, point={"size": 28, "filled": True} if points else False, clip=True)
        .encode(
            x=alt.X("x:Q", title=axes[0], scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=percent, tickCount=6)),
            y=alt.Y("y:Q", title=axes[1], scale=alt.Scale(domain=[floor, 1]), axis=alt.Axis(tickCount=6)),
            order="order:Q",
            color=_by_model(models, colours),
            strokeDash=_dashes(models),
        )
    )
    drawn: Any = lines
    if "n" in rows[0]:
        size = alt.Size("n:Q", scale=alt.Scale(range=[22, 260]), legend=None)
        dots = _chart(rows).mark_circle(opacity=0.75).encode(x="x:Q", y="y:Q", size=size)
        drawn = alt.layer(lines, dots.encode(color=_by_model(models, colours)))
    if diagonal:
        ends = _chart([{"x": 0, "y": 0}, {"x": 1, "y": 1}]).encode(x="x:Q", y="y:Q")
        drawn = alt.layer(ends.mark_line(color="#9aa4ae", strokeDash=[4, 4], strokeWidth=1.25), drawn)
    return _svg(drawn.properties(width=440, height=290), name, f"{axes[1]} by {axes[0]}")


def mix_chart(rows: Rows, models: Sequence[str], sources: Sequence[str], rest: bool, name: str) -> str:
    """Draw what kept texts come from as stacked bars over keep rates, a panel a model.

    Args:
        rows: of `model, rate` (text), `source, place` (of the source in `sources`), `share`.
        models: from left to right.
        sources: from bottom to top.
        rest: whether the last source is all others together.
        name: of the chart, once in a page.
    """
    import altair as alt

    colours = [*PARTS[: len(sources) - rest], *PARTS[-1:]][: len(sources)]
    rates = list(dict.fromkeys(row["rate"] for row in rows))
    columns = min(len(models), 4 if len(models) == 4 else 3)
    bars = (
        _chart(rows)
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
    facet = alt.Facet("model:N", sort=list(models), title=None, header=_header(width))
    return _svg(bars.properties(width=width, height=190).facet(facet, columns=columns), name, "sources of what is kept")


def thinned(rows: Rows, n: int = MAX_POINTS) -> list[Mapping[str, Any]]:
    """Return at most n rows, evenly spaced, the first and the last among them.

    >>> thinned([{"x": i} for i in range(9)], 3)
    [{'x': 0}, {'x': 4}, {'x': 8}]
    """
    if len(rows) <= n:
        return list(rows)
    return [rows[round(number * (len(rows) - 1) / (n - 1))] for number in range(n)]


def _chart(rows: Rows) -> "alt.Chart":
    import altair as alt

    return alt.Chart({"values": list(rows)})


def _by_model(models: Sequence[str], colours: Sequence[str]) -> "alt.Color":
    import altair as alt

    return alt.Color("model:N", scale=alt.Scale(domain=list(models), range=list(colours)), legend=None)


def _dashes(models: Sequence[str]) -> "alt.StrokeDash":
    """Tell lines apart without colours too, as on paper."""
    import altair as alt

    kinds = [[1, 0], [7, 2], [3, 2], [9, 2, 2, 2], [1, 0], [7, 2], [3, 2], [9, 2, 2, 2]]
    scale = alt.Scale(domain=list(models), range=[kinds[i % len(kinds)] for i in range(len(models))])
    return alt.StrokeDash("model:N", scale=scale, legend=None)


def _names(names: Sequence[str]) -> "alt.Axis":
    import altair as alt

    return alt.Axis(labelLimit=_name_width(names), domain=False, ticks=False, labelPadding=8)


def _name_width(names: Sequence[str]) -> int:
    return min(300, 24 + 7 * max(map(len, names), default=0))


def _panels(drawn: Any, panels: Sequence[str], left: int, height: Any) -> Any:
    import altair as alt

    columns = len(panels) if len(panels) < 5 else 3  # the axes of an empty place in a row are drawn too
    width = (WIDTH - left) // columns - 24
    facet = alt.Facet("panel:N", sort=list(panels), title=None, header=_header(width))
    return drawn.properties(width=width, height=height).facet(facet, columns=columns, spacing=24)


def _header(width: int) -> "alt.Header":
    import altair as alt

    return alt.Header(labelFontSize=12, labelFontWeight=600, labelColor=INK, labelLimit=width, labelPadding=6)


def _svg(chart: Any, name: str, described: str) -> str:
    """Return a chart as an SVG element; `name` makes its ids its own, among the others in a page."""
    import altair as alt
    import vl_convert

    axis = {
        "domainColor": "#aab3bc", "tickColor": "#aab3bc", "gridColor": GRID, "labelColor": SOFT, "titleColor": SOFT,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    }  # fmt: skip
    look = {
        "axis": axis, "axisY": {"titlePadding": 8}, "view": {"stroke": None}, "font": FONT, "background": None,
        "aria": False, "legend": {"labelColor": INK, "labelFontSize": 12}, "padding": 4,
    }  # fmt: skip
    spec = {**chart.to_dict(), "config": look}
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    svg = vl_convert.vegalite_to_svg(spec, vl_version=version)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"| font-family="[^"]*"| class="[^"]*"', "", svg)
    # vega goes on counting from one chart to the next: numbered anew, a chart's ids are its own, and always the same
    found = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))
    for number, own in enumerate(found):
        svg = re.sub(rf'(\bid="|url\(#|href="#){re.escape(own)}(?=["\)])', rf"\g<1>{name}-{number}", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{described}" ', 1)
