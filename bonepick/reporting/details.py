"""What the report's sections on single questions hold; how they look is the template's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bonepick.evaluation.topics import Topic
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.table import AUC, WITHIN
from bonepick.reporting.grids import sizes_of

MAX_SOURCES = 20
MAX_TOPICS = 15
MAX_LABELS = 12
"""How many are shown, before the rest is folded or only counted."""
SHARES = ("kept", "precision", "recall", "f1", "words")


def sources(models: Sequence[Evaluation]) -> tuple[list[dict[str, Any]], int]:
    """Return accuracy and mean score of all models for each of the largest sources, and how many sources there are."""
    sizes = sizes_of(models, "source")
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))
    rows = [
        {
            "name": name,
            "rows": sizes[name],
            **{m: [model.value(Slice("source", name), m) for model in models] for m in ("accuracy", "mean_score")},
        }
        for name in largest[:MAX_SOURCES]
    ]
    return rows, len(largest)


def quality_or_topic(models: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return AUC over all texts, inside topics and of the topic alone, and its spread over topics, of each model."""
    rows = []
    for model in models:
        inside = model.row(ALL, WITHIN)
        if inside is None:
            continue
        whole = model.value(ALL, AUC)
        gap = None if whole is None else inside.value - whole
        spread = {name: model.value(ALL, f"{WITHIN}_{name}") for name in ("p10", "p50", "p90")}
        topic = model.value(ALL, "topic_auc")
        rows.append({"model": model.name, "auc": whole, "within": inside, "gap": gap, "topic": topic, **spread})
    return rows


def threshold_rows(models: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return a row for each model and threshold: what it keeps of validation and test rows, and of each dataset."""
    return [
        {
            "model": model.name,
            "first": number == 0,
            "span": len(model.thresholds),
            "name": name,
            "valid": _shares(described.get("valid")),
            "test": _shares(described.get("test")),
            "datasets": {dataset: _shares(shares) for dataset, shares in described.get("datasets", {}).items()},
            "missed": missed(name, described.get("test") or {}),
            **{key: described.get(key) for key in ("threshold", "chosen")},
        }
        for model in models
        for number, (name, described) in enumerate(model.thresholds.items())
    ]


def _shares(shares: dict[str, Any] | None) -> dict[str, Any]:
    return {name: (shares or {}).get(name) for name in SHARES}


def missed(name: str, shares: dict[str, Any]) -> str:
    """Return which share a threshold's promise is broken in, of rows that it was not chosen on; empty if in none.

    >>> missed("precision_0.9", {"precision": 0.87, "words": 0.5}), missed("words_0.1", {"words": 0.1})
    ('precision', '')
    """
    promised, _, wanted = name.rpartition("_")
    share = shares.get(promised)
    if promised not in ("precision", "words") or share is None:
        return ""
    short = float(wanted) - share
    return promised if (short > 0) == (promised == "precision") and short else ""


def confusion(model: Evaluation) -> dict[str, Any]:
    """Return counts of gold (rows) and predicted label (columns), with their shares of the gold label's rows."""
    counts: Counter[tuple[str, str]] = Counter(model.confusion)
    sizes = Counter[str]()
    for (gold, predicted), n in counts.items():
        sizes[gold] += n
        sizes[predicted] += 0
    order = {label: number for number, label in enumerate(model.predictions.classes)}
    labels = sorted(sizes, key=lambda label: (order.get(label, len(order)), label))
    shown = sorted(sorted(labels, key=lambda label: -sizes[label])[:MAX_LABELS], key=labels.index)
    cells = {pair: (n, n / max(sizes[pair[0]], 1)) for pair, n in counts.items()}
    rows = [(gold, [cells.get((gold, label), (0, 0)) for label in shown]) for gold in shown if sizes[gold]]
    return {"model": model.name, "labels": shown, "rows": rows, "n_labels": len(labels)}


def topic_table(models: Sequence[Evaluation], topics: Iterable[Topic]) -> list[dict[str, Any]]:
    """Return rows, share of good ones and AUC of all models for each topic, the largest first, with its words."""
    known = {topic.topic: topic for topic in topics}
    tables = [{row.topic: row for row in model.topics} for model in models]
    numbers = {number: row for table in reversed(tables) for number, row in table.items()}
    return [
        {
            "topic": number,
            "known": known.get(number),
            "rows": row.rows,
            "good": row.good,
            "aucs": [table[number].auc if number in table else None for table in tables],
        }
        for number, row in sorted(numbers.items(), key=lambda item: (-item[1].rows, item[0]))
    ]


def shortcut_rows(models: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return for each lone predictor its AUC, and how well it explains the label and each model's score."""
    tables = [{row.predictor: row for row in model.shortcuts} for model in models]
    rows = []
    for predictor in dict.fromkeys(name for table in tables for name in table if name != "model"):
        lines = [table.get(predictor) for table in tables]
        first = next(line for line in lines if line)
        scores = [line and line.explains_score for line in lines]
        about = {"name": predictor, "rows": first.rows, "auc": first.auc, "label": first.explains_label}
        rows.append({**about, "scores": scores})
    return rows
