"""How charts look, and charts as SVG to be put into a page: no script, no font and no address in them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import vl_convert

Rows = Sequence[Mapping[str, Any]]

COLOURS = ("#0b6fb8", "#d1520a", "#0a8a68", "#b2558f", "#a67c00", "#5b5bb5", "#4a4a4a", "#8c564b")
"""Of models: told apart by colour-blind people and on a projector (after Okabe and Ito); two apart in lightness."""
PARTS = (
    "#4e79a7", "#f28e2b", "#76b7b2", "#e15759", "#59a14f", "#edc948", "#b07aa1", "#9c755f", "#ff9da7", "#bab0ac",
)  # fmt: skip
"""Of sources, in a stack; the last one is for all others."""
INK, SOFT, FAINT, AXIS, GRID = "#1d2733", "#5c6875", "#8b95a1", "#aab3bc", "#e4e8ec"
WIDTH = 1_080
"""Pixels that a chart over the page's width has."""
FONT = "Liberation Sans"
"""What text is measured in, which the renderer brings along; the page shows it in its own."""

_TAG = re.compile("<[^<>]*>")
_ID = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
_NEEDLESS = re.compile(r' xmlns(:xlink)?="[^"]*"| font-family="[^"]*"| class="[^"]*"')


def chart_of(rows: Rows) -> alt.Chart:
    """Return a chart of some rows."""
    return alt.Chart({"values": list(rows)})


def by_model(models: Sequence[str], colours: Sequence[str]) -> alt.Color:
    """Return the encoding that gives each model its colour."""
    return alt.Color("model:N", scale=alt.Scale(domain=list(models), range=list(colours)), legend=None)


def dashes(models: Sequence[str]) -> alt.StrokeDash:
    """Tell lines apart without colours too, as on paper."""
    kinds = [[1, 0], [7, 2], [3, 2], [9, 2, 2, 2], [1, 0], [7, 2], [3, 2], [9, 2, 2, 2]]
    scale = alt.Scale(domain=list(models), range=[kinds[i % len(kinds)] for i in range(len(models))])
    return alt.StrokeDash("model:N", scale=scale, legend=None)


def names_axis(names: Sequence[str]) -> alt.Axis:
    """Return the axis of names at the left."""
    return alt.Axis(labelLimit=name_width(names), domain=False, ticks=False, labelPadding=8)


def name_width(names: Sequence[str]) -> int:
    """Return the pixels that names take."""
    return min(300, 24 + 7 * max(map(len, names), default=0))


def panels_of(drawn: Any, panels: Sequence[str], left: int, height: Any) -> Any:
    """Return a drawing as panels side by side."""
    columns = len(panels) if len(panels) < 5 else 3  # the axes of an empty place in a row are drawn too
    width = (WIDTH - left) // columns - 24
    facet = alt.Facet("panel:N", sort=list(panels), title=None, header=header(width))
    return drawn.properties(width=width, height=height).facet(facet, columns=columns, spacing=24)


def header(width: int) -> alt.Header:
    """Return how the titles of panels look."""
    return alt.Header(labelFontSize=12, labelFontWeight=600, labelColor=INK, labelLimit=width, labelPadding=6)


def svg_of(chart: Any, name: str, described: str) -> str:
    """Return a chart as an SVG element; `name` makes its ids its own, among the others in a page."""
    axis = {
        "domainColor": AXIS, "tickColor": AXIS, "gridColor": GRID, "labelColor": SOFT, "titleColor": SOFT,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    }  # fmt: skip
    look = {
        "axis": axis, "axisY": {"titlePadding": 8}, "view": {"stroke": None}, "font": FONT, "background": None,
        "aria": False, "legend": {"labelColor": INK, "labelFontSize": 12}, "padding": 4,
    }  # fmt: skip
    spec = {**chart.to_dict(), "config": look}
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    svg = vl_convert.vegalite_to_svg(spec, vl_version=version)
    svg = _TAG.sub(lambda tag: _NEEDLESS.sub("", tag[0]), svg)  # a name can look like an attribute
    # vega goes on counting from one chart to the next: numbered anew, a chart's ids are its own, and always the same
    given = dict.fromkeys(found for tag in _TAG.findall(svg) for found in re.findall(r'\bid="([^"]+)"', tag))
    ids = {each: f"{name}-{number}" for number, each in enumerate(given)}
    svg = _TAG.sub(lambda tag: _ID.sub(lambda used: used[1] + ids.get(used[2], used[2]), tag[0]), svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{described}" ', 1)
