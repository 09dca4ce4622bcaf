"""Charts of a scored corpus, each as an SVG element: how its scores lie, and what each threshold keeps."""

from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from bonepick.reporting.svg import COLOURS, GRID, INK, WIDTH, Rows, chart_of, svg_of
from bonepick.scoring.bins import N_BINS, PER_LOGIT, logit_of
from bonepick.scoring.tally import UNITS

DRAWN = PER_LOGIT // 4
"""Bins that are one in a chart: a quarter of a logit."""
ENDS = 12
"""Logit from which on scores are drawn as one: .999994 and more, and 1 minus that and less."""
TICKS = (0.00001, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 0.9999, 0.99999)


def score_charts(histogram: NDArray[np.int64]) -> list[str]:
    """Return two charts over the logit of the score: shares of rows, words and bytes there, and from there on.

    Args:
        histogram: of a tally, shape (3, N_BINS), of one row at least.
    """
    starts, counts = drawn_bins(histogram)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # in floats, all of it can be 1.0000000000000002
    kept = np.minimum(shares[:, ::-1].cumsum(axis=1)[:, ::-1], 1.0)
    ends = [*starts, starts[-1] + DRAWN / PER_LOGIT]
    there = _lines(ends, [[*row, row[-1]] for row in shares.tolist()])
    from_there = _lines(ends, [[*row, 0.0] for row in kept.tolist()])
    root = alt.Scale(type="sqrt", domainMin=0)
    drawn = [(there, "share of the corpus there", root, "step-after"), (from_there, "share kept", _UNIT, "linear")]
    titles = ("score", "score from which on texts are kept")
    return [
        svg_of(_chart(rows, title, y_title, scale, line), name, f"{y_title} by {title}")
        for (rows, y_title, scale, line), title, name in zip(drawn, titles, ("scores", "keep"), strict=True)
    ]


_UNIT = alt.Scale(domain=[0, 1])


def drawn_bins(histogram: NDArray[np.int64]) -> tuple[list[float], NDArray[np.int64]]:
    """Return where drawn bins begin, as logits, and their counts, shape (3, n), first to last with rows."""
    middle = N_BINS // 2
    first = middle - ENDS * PER_LOGIT
    inner = histogram[:, first : middle + ENDS * PER_LOGIT].reshape(len(UNITS), -1, DRAWN).sum(axis=2)
    low = histogram[:, :first].sum(axis=1, keepdims=True)
    high = histogram[:, middle + ENDS * PER_LOGIT :].sum(axis=1, keepdims=True)
    counts = np.concatenate([low, inner, high], axis=1)
    used = np.flatnonzero(counts[0])
    shown = range(int(used[0]), int(used[-1]) + 1)
    return [logit_of(first + (number - 1) * DRAWN) for number in shown], counts[:, shown.start : shown.stop]


def _lines(logits: list[float], rows: list[list[float]]) -> list[dict[str, Any]]:
    return [
        {"unit": unit, "x": x, "y": y}
        for unit, values in zip(UNITS, rows, strict=True)
        for x, y in zip(logits, values, strict=True)
    ]


def _chart(rows: Rows, title: str, y_title: str, scale: alt.Scale, line: Any) -> alt.Chart:
    low, high = min(row["x"] for row in rows), max(row["x"] for row in rows)
    ticks = [float(np.log(score / (1 - score))) for score in TICKS]
    x_axis = alt.Axis(
        values=[tick for tick in ticks if low <= tick <= high],
        labelExpr="format(1 / (1 + exp(-datum.value)), '.5~r')",
        labelAngle=0,
        gridColor=GRID,
    )
    colour = alt.Scale(domain=list(UNITS), range=list(COLOURS[: len(UNITS)]))
    dash = alt.Scale(domain=list(UNITS), range=[[1, 0], [7, 2], [3, 2]])
    legend = alt.Legend(orient="top", title=None, labelColor=INK)
    lines: alt.Chart = (
        chart_of(rows)
        .mark_line(strokeWidth=2, interpolate=line)
        .encode(
            x=alt.X("x:Q", title=title, axis=x_axis, scale=alt.Scale(domain=[low, high], nice=False)),
            y=alt.Y("y:Q", title=y_title, axis=alt.Axis(format="~%", tickCount=6), scale=scale),
            color=alt.Color("unit:N", scale=colour, legend=legend),
            strokeDash=alt.StrokeDash("unit:N", scale=dash, legend=legend),
        )
        .properties(width=WIDTH - 70, height=260)
    )
    return lines
