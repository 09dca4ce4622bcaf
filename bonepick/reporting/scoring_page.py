"""A scored corpus in one page that opens offline: how its scores lie, where to cut, what was rejected."""

from collections.abc import Mapping

from bonepick.core.cells import LONGEST_LINE, on_one_line
from bonepick.reporting.scoring_charts import score_charts
from bonepick.reporting.templates import rendered
from bonepick.scoring.cuts import keep_table, threshold_table
from bonepick.scoring.summary_text import (
    CUT_HEADER,
    amount_rows,
    cut_rows,
    cut_sentences,
    label_rows,
    reason_rows,
    source_table,
)
from bonepick.scoring.tally import Tally


def scoring_page(title: str, tally: Tally, thresholds: Mapping[str, float] | None = None) -> str:
    """Return the page, which refers to nothing outside itself.

    Args:
        title: what was scored by what.
        tally: of all rows.
        thresholds: of the model, by name.
    """
    cuts, named = keep_table(tally), threshold_table(tally, thresholds or {})
    has_scores = tally.histogram is not None and tally.scored[0] > 0
    values = {
        "title": on_one_line(title, LONGEST_LINE),
        "amounts": amount_rows(tally),
        "charts": score_charts(tally.histogram) if has_scores and tally.histogram is not None else [],
        "cuts": [*CUT_HEADER, *cut_rows(cuts, named)] if has_scores else [],
        "sentences": cut_sentences(cuts, named),
        "reasons": reason_rows(tally),
        "labels": label_rows(tally),
        "sources": source_table(tally),
    }
    return rendered("scoring.html.j2", values)
