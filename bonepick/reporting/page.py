"""What stands on the report's page, section by section."""

from collections.abc import Sequence
from typing import Any

from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.slices import ALL, VALID
from bonepick.reporting import details, grids
from bonepick.reporting.caveats import caveats
from bonepick.reporting.compare import Comparison
from bonepick.reporting.costs import TITLES, said_of
from bonepick.reporting.difference_tables import grouped, split_differences
from bonepick.reporting.headline import headline
from bonepick.reporting.looks import best_of, looks_of
from bonepick.reporting.naming import NOTHING, long_title_of
from bonepick.reporting.pictures import MAX_STACKED

OPEN_ERRORS = 5
"""Confident errors of the best model that are not folded."""


def page_of(comparison: Comparison) -> dict[str, Any]:
    """Return what the template fills in, but for the charts."""
    models = comparison.models
    verdicts = comparison.differences
    best = best_of(models)
    shown, folded = split_differences(models, verdicts, best.name)
    sources, n_sources = details.sources(models)
    ordered = [best, *(model for model in models if model is not best)]
    return {
        "headline": [*headline(models, verdicts), *caveats(models)],
        "facts": _facts(models),
        "looks": looks_of(models),
        "look_of": {look.name: look for look in looks_of(models)},
        "best": best,
        "multi_label": models[0].predictions.multi_label,
        "ranked": models[0].predictions.ranked,
        "leaderboard": grids.leaderboard(models, long_title_of),
        "cost_titles": TITLES if comparison.costs else (),
        "costs": {name: cost.cells(NOTHING) for name, cost in comparison.costs.items()},
        "costs_said": said_of(comparison.costs.values()),
        "more_metrics": grids.more_metrics(models),
        "differences": grouped(shown),
        "more_differences": grouped(folded),
        "quality": details.quality_or_topic(models),
        "thresholds": details.threshold_rows(models),
        "missed": details.missed,
        "n_datasets": len(grids.sizes_of(models, "dataset")),
        "confusions": [table for table in map(details.confusion, models) if table["rows"]],
        "labels": grids.by_label(models),
        "datasets": grids.by_dataset(models),
        "sources": sources,
        "n_sources": n_sources,
        "topics": details.topic_table(models, comparison.topics),
        "shortcuts": details.shortcut_rows(models),
        "errors": [(model.name, model.confident_errors) for model in ordered if model.confident_errors],
        "n_open": OPEN_ERRORS,
        "max_topics": details.MAX_TOPICS,
        "max_stacked": MAX_STACKED,
    }


def _facts(models: Sequence[Evaluation]) -> list[str]:
    """Return what was evaluated on."""
    test, valid = (grids.sizes_of(models, level).get("", 0) for level in (ALL.level, VALID.level))
    sizes = [f"{name} {rows:,}" for name, rows in grids.sizes_of(models, "dataset").items()]
    parts = f" ({', '.join(sizes)})" if sizes else ""
    facts = [f"{len(models)} model{'s' if len(models) > 1 else ''}"]
    facts += [f"{test:,} test rows{parts}"] if test else []
    facts += [f"{valid:,} validation rows" if valid else "no validation rows"]
    classes = models[0].predictions.classes
    if classes:
        named = classes if len(classes) < 9 else [*classes[:3], "…", classes[-1]]
        order = ", worst to best" if models[0].predictions.ordered else ""
        facts.append(f"{len(classes)} labels{order}: {', '.join(named)}")
    return facts
