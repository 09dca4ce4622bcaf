"""The report: everything that is known of some models in one page that opens offline, all texts in it escaped."""

from collections.abc import Mapping

from markupsafe import escape

from bonepick.core.url_secrets import hide_secrets
from bonepick.reporting.compare import Comparison
from bonepick.reporting.page import page_of
from bonepick.reporting.pictures import pictures
from bonepick.reporting.templates import rendered


def as_html(comparison: Comparison, made_by: Mapping[str, str] | None = None) -> str:
    """Return the page, which refers to nothing outside itself.

    Args:
        comparison: of one model at least, in the order that they are shown in.
        made_by: title -> text, shown folded at the end; URLs in it lose their secrets.
    """
    shown = {title: escape(hide_secrets(text)) for title, text in (made_by or {}).items()}
    return rendered("report.html.j2", {**page_of(comparison), "charts": pictures(comparison), "made_by": shown})
