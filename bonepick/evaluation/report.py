"""The report: everything that is known of some models in one page that opens offline, and the same as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bonepick.evaluation import charts, report_tables
from bonepick.evaluation.differences import Difference
from bonepick.evaluation.evaluation_folder import Evaluation
from bonepick.evaluation.headline import AUC, caveats, datasets_of, headline
from bonepick.evaluation.report_markdown import as_report_markdown
from bonepick.evaluation.report_tables import panel_of, short_names
from bonepick.evaluation.topics import Topic

HTML_FILE, MARKDOWN_FILE = "report.html", "report.md"
TEMPLATE = Path(__file__).with_name("report.html.j2")
MAX_STACKED = 9
"""Sources that the stacked bars tell apart: more colours than that, no eye does."""
OPEN_DISAGREEMENTS = 5
EXCERPT = 420
"""Characters of a text."""


def write_report(
    models: Sequence[Evaluation],
    verdicts: Sequence[Difference],
    folder: Path,
    topics: Sequence[Topic] = (),
    made_by: Mapping[str, str] | None = None,
) -> None:
    """Write the report on some models as one HTML file without any reference to another, and as Markdown.

    Args:
        models: at least one, evaluated on the same rows, in the order that they are shown in.
        verdicts: differences between them.
        folder: which exists.
        topics: what the topics of the test rows are about.
        made_by: title -> text, shown folded at the end.
    """
    (folder / HTML_FILE).write_text(as_html(models, verdicts, topics, made_by or {}), encoding="utf-8")
    (folder / MARKDOWN_FILE).write_text(as_report_markdown(models, verdicts), encoding="utf-8")


def as_html(
    models: Sequence[Evaluation],
    verdicts: Sequence[Difference],
    topics: Sequence[Topic] = (),
    made_by: Mapping[str, str] | None = None,
) -> str:
    """Return the page; see `write_report`. All texts in it are escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(number=_number, percent=_percent, cut=_threshold, clip=_clip, heat=_heat, weak=_weak)
    page = _page(models, verdicts, topics)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(**page, charts=_pictures(models, verdicts), made_by=made_by or {}) + "\n"


@dataclass(frozen=True)
class _Look:
    """How a model is shown: the same colour wherever it stands, and in the next report of the same models."""

    name: str
    short: str
    colour: str


def _looks(models: Sequence[Evaluation]) -> list[_Look]:
    place = {name: number for number, name in enumerate(sorted(model.name for model in models))}
    short = short_names([model.name for model in models], 24)
    return [
        _Look(model.name, short[model.name], charts.COLOURS[place[model.name] % len(charts.COLOURS)])
        for model in models
    ]


def _page(models: Sequence[Evaluation], verdicts: Sequence[Difference], topics: Sequence[Topic]) -> dict[str, Any]:
    best = _best(models)
    shown, folded = report_tables.split_differences(models, verdicts, best.name)
    sources, n_sources = report_tables.sources(models)
    return {
        "headline": [*headline(models, verdicts), *caveats(models)],
        "facts": _facts(models),
        "looks": _looks(models),
        "look_of": {look.name: look for look in _looks(models)},
        "best": best,
        "multi_label": bool(models[0].classes) and models[0].predictions.multi_label,
        "leaderboard": report_tables.leaderboard(models),
        "more_figures": report_tables.more_figures(models),
        "differences": report_tables.grouped(shown),
        "more_differences": report_tables.grouped(folded),
        "quality": report_tables.quality_or_topic(models),
        "cuts": report_tables.cuts(models),
        "missed": report_tables.missed,
        "n_datasets": len(datasets_of(models)),
        "confusions": [table for table in map(report_tables.confusion, models) if table["rows"]],
        "labels": report_tables.by_name(models, "label", report_tables.LABEL_FIGURES),
        "datasets": report_tables.by_name(models, "dataset", report_tables.MODEL_FIGURES),
        "sources": sources,
        "n_sources": n_sources,
        "topics": report_tables.topic_rows(models, topics),
        "shortcuts": report_tables.shortcut_rows(models),
        "disagreements": [(model.name, model.disagreements) for model in _first(models, best) if model.disagreements],
        "n_open": OPEN_DISAGREEMENTS,
        "max_topics": report_tables.MAX_TOPICS,
        "max_stacked": MAX_STACKED,
    }


def _best(models: Sequence[Evaluation]) -> Evaluation:
    return max(models, key=lambda model: row.value if (row := model.figure(AUC)) else -1.0)


def _first(models: Sequence[Evaluation], best: Evaluation) -> list[Evaluation]:
    return [best, *(model for model in models if model is not best)]


def _facts(models: Sequence[Evaluation]) -> list[str]:
    """Return what was evaluated on."""
    figures = [row for model in models for row in model.figures]
    whole = {row.of: row.rows for row in figures if row.of in ("all", "valid")}
    sizes = {row.name: row.rows for row in figures if row.of == "dataset"}
    of = f" ({', '.join(f'{name} {rows:,}' for name, rows in sizes.items())})" if sizes else ""
    facts = [f"{len(models)} model{'s' if len(models) > 1 else ''}"]
    facts += [f"{whole['all']:,} test rows{of}"] if "all" in whole else []
    facts += [f"{whole['valid']:,} validation rows" if "valid" in whole else "no validation rows"]
    classes = models[0].classes
    if classes:
        named = classes if len(classes) < 9 else [*classes[:3], "…", classes[-1]]
        facts.append(f"{len(classes)} labels, worst to best: {', '.join(named)}")
    return facts


def _pictures(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> dict[str, list[str]]:
    """Return SVG elements by section; a section without data has none."""
    short = short_names([model.name for model in models])
    names, colours = list(short.values()), [look.colour for look in _looks(models)]
    drawn: dict[str, list[str]] = {"intervals": [], "differences": [], "topics": [], "curves": [], "mix": []}
    if rows := _interval_rows(models, short):
        drawn["intervals"].append(charts.interval_chart(rows, names, colours, "intervals"))
    if rows := _difference_rows(models, verdicts):
        pairs = list(dict.fromkeys(row["pair"] for row in rows))
        drawn["differences"].append(charts.difference_chart(rows, pairs, "differences"))
    if quality := report_tables.quality_or_topic(models):
        rows = [
            {
                "model": short[row["model"]], "auc": row["auc"], "topic": row["topic"],
                "within": row["within"].value, "low": row["within"].low, "high": row["within"].high,
            }
            for row in quality
        ]  # fmt: skip
        drawn["topics"].append(charts.topic_chart(rows, names, colours, "topics"))
    for curve in _CURVES:
        rows = [
            {
                "model": short[model.name],
                "x": row[curve.x],
                "y": row[curve.y],
                **({"n": row["rows"]} if curve.sized else {}),
            }
            for model in reversed(models)  # the first one lies on top
            for row in charts.thinned(getattr(model, curve.of))
            if row[curve.x] is not None and row[curve.y] is not None
        ]
        look = names, colours, curve.of, curve.diagonal, curve.points
        drawn["curves"].append(charts.curve_chart(rows, curve.axes, *look) if rows else "")
    if mix := _mix(models, short):
        drawn["mix"].append(charts.mix_chart(*mix, name="mix"))
    return drawn


def _interval_rows(models: Sequence[Evaluation], short: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "panel": panel_of(of, figure), "model": short[model.name],
            "value": row.value, "low": row.low, "high": row.high,
        }
        for of, figure in report_tables.headline_keys(models)
        for model in models
        if (row := model.figure(figure, "dataset" if of else "all", of))
    ]  # fmt: skip


def _difference_rows(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> list[dict[str, Any]]:
    drawn, _ = report_tables.drawn_differences(models, verdicts, _best(models).name)
    short = short_names(list(dict.fromkeys(name for one in drawn for name in (one.first, one.second))), 20)
    return [
        {
            "panel": panel_of(one.of, one.figure), "pair": f"{short[one.second]} − {short[one.first]}",
            "value": one.value, "low": one.low, "high": one.high, "real": one.better is not None,
        }
        for one in drawn
    ]  # fmt: skip


@dataclass(frozen=True)
class _Curve:
    """Where a curve's points are, and how it is drawn."""

    of: str
    x: str
    y: str
    axes: tuple[str, str]
    diagonal: bool = False
    points: bool = False
    sized: bool = False


_CURVES = (
    _Curve("roc", "false_positive_rate", "true_positive_rate", ("false positive rate", "true positive rate"), True),
    _Curve("pr_curve", "recall", "precision", ("recall", "precision")),
    _Curve("calibration", "predicted", "observed", ("predicted chance", "observed share"), True, sized=True),
    _Curve("keep", "kept", "precision", ("share of test texts kept", "precision"), points=True),
)


def _mix(
    models: Sequence[Evaluation], short: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str], list[str], bool] | None:
    """Return the rows of the stacked bars, models, sources, and whether the last of these is all others together."""
    tables = {
        short[m.name]: [row for row in m.mix if row["of"] == "source" and row["share"] is not None] for m in models
    }
    tables = {name: rows for name, rows in tables.items() if len({row["rate"] for row in rows}) > 1}
    if not tables:
        return None
    sizes: Counter[str] = Counter()
    for row in next(iter(tables.values())):
        sizes[row["name"]] += row["share"] if row["rate"] == 1 else 0
    named = [name for name, _ in sizes.most_common(MAX_STACKED)]
    rest = len(sizes) > len(named)
    place = {name: number for number, name in enumerate(named)}
    others = f"{len(sizes) - len(named)} others"
    shares: Counter[tuple[str, float, int]] = Counter()
    for model, rows in tables.items():
        for row in rows:
            shares[model, row["rate"], place.get(row["name"], len(named))] += row["share"]
    stacked = [*named, *([others] if rest else [])]
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


def _number(value: Any, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)


def _percent(value: Any) -> str:
    return "–" if value is None else f"{value:.1%}"


def _threshold(value: Any) -> str:
    """Return all digits of a threshold: many scores of a sure model begin with .9999."""
    return "–" if value is None else format(Decimal(repr(value)), "f")


def _clip(text: Any, length: int = EXCERPT) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _heat(share: Any) -> str:
    """Return the background of a cell, darker for a higher share."""
    return "" if share is None else f"background:rgba(11,111,184,{min(1, max(0, share)) * 0.5:.2f})"


def _weak(share: Any) -> str:
    """Return the background of a cell, darker the nearer a figure comes to a coin's throw."""
    return "" if share is None else f"background:rgba(209,82,10,{min(1, max(0, 2 - 2 * share)) * 0.6:.2f})"
