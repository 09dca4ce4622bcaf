"""Pages out of templates: each a text in itself, every value in it escaped."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bonepick.core.cells import LONGEST_LINE, on_one_line
from bonepick.core.tables import all_digits
from bonepick.reporting.naming import NOTHING

FOLDER = Path(__file__).parent
STYLE = "page.css"
EXCERPT = 420
"""Characters of a text."""


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """Return a page, which refers to nothing outside itself; texts are escaped, and shown on one line.

    Args:
        template: name of a file in this folder.
        values: by name, what it fills in; `style` is there.
    """
    environment = Environment(
        autoescape=True, finalize=_shown, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    threshold = partial(all_digits, nothing=NOTHING)
    environment.filters.update(
        number=_number, percent=_percent, threshold=threshold, clip=_clip, heat=_heat, weak=_weak
    )
    source, style = ((FOLDER / name).read_text(encoding="utf-8") for name in (template, STYLE))
    return environment.from_string(source).render(**values, style=style) + "\n"


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
