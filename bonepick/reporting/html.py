"""The report: everything that is known of some models in one page that opens offline, all texts in it escaped."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from bonepick.core.cells import LONGEST_LINE, on_one_line
from bonepick.core.tables import all_digits
from bonepick.core.url_secrets import hide_secrets
from bonepick.reporting.compare import Comparison
from bonepick.reporting.naming import NOTHING
from bonepick.reporting.page import page_of
from bonepick.reporting.pictures import pictures

TEMPLATE = Path(__file__).with_name("report.html.j2")
EXCERPT = 420
"""Characters of a text."""


def as_html(comparison: Comparison, made_by: Mapping[str, str] | None = None) -> str:
    """Return the page, which refers to nothing outside itself.

    Args:
        comparison: of one model at least, in the order that they are shown in.
        made_by: title -> text, shown folded at the end; URLs in it lose their secrets.
    """
    environment = Environment(
        autoescape=True, finalize=_shown, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    threshold = partial(all_digits, nothing=NOTHING)
    environment.filters.update(
        number=_number, percent=_percent, threshold=threshold, clip=_clip, heat=_heat, weak=_weak
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    shown = {title: escape(hide_secrets(text)) for title, text in (made_by or {}).items()}
    return template.render(**page_of(comparison), charts=pictures(comparison), made_by=shown) + "\n"


def _shown(value: Any) -> Any:
    """Return what stands on the page for a value: of a text, one line; what is markup already is made here."""
    return on_one_line(value, LONGEST_LINE) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: Any, form: str = ".3f") -> str:
    return NOTHING if value is None else format(value, form)


def _percent(value: Any) -> str:
    return NOTHING if value is None else f"{value:.1%}"


def _clip(text: Any, length: int = EXCERPT) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _heat(share: Any) -> str:
    """Return the background of a cell, darker for a higher share."""
    return "" if share is None else f"background:rgba(11,111,184,{min(1, max(0, share)) * 0.5:.2f})"


def _weak(share: Any) -> str:
    """Return the background of a cell, darker the nearer a metric comes to a coin's throw."""
    return "" if share is None else f"background:rgba(209,82,10,{min(1, max(0, 2 - 2 * share)) * 0.6:.2f})"
