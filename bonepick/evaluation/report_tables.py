"""What the report's tables hold: figures of several models put side by side; how they look is the template's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bonepick.evaluation.differences import Difference
from bonepick.evaluation.evaluation_folder import Evaluation, FigureRow
from bonepick.evaluation.headline import AUC, WITHIN, datasets_of
from bonepick.evaluation.topics import Topic

MAX_DATASETS, MAX_SOURCES, MAX_TOPICS, MAX_LABELS, MAX_PAIRS = 4, 20, 15, 12, 6
"""How many are shown, before the rest is folded or only counted."""
MODEL_FIGURES = (
    ("accuracy", "accuracy"), ("macro_f1", "macro F1"), ("auc", "AUC"), ("average_precision", "average precision"),
    ("within_topic_auc", "AUC within topics"),
)  # fmt: skip
LABEL_FIGURES = (
    ("precision", "precision"), ("recall", "recall"), ("f1", "F1"), ("auc", "AUC"),
    ("average_precision", "average precision"),
)  # fmt: skip
OTHER_FIGURES = (
    ("average_precision", "average precision"), ("macro_auc", "macro AUC"), ("macro_precision", "macro precision"),
    ("macro_recall", "macro recall"), ("weighted_f1", "weighted F1"), ("micro_f1", "micro F1"),
    ("spearman", "Spearman"), ("kendall", "Kendall"), ("brier", "Brier score"),
    ("calibration_error", "calibration error"),
)  # fmt: skip
LOWER_IS_BETTER = frozenset(("brier", "calibration_error"))


@dataclass(frozen=True)
class Grid:
    """Figures of models, a row each.

    Attributes:
        columns: titles.
        rows: name of the model, and a figure or None for each column.
        best: index of the column and name of the model whose figure is highest, where there are several.
        named: what the figures are of, where there are several such tables.
        n: rows that the figures are of.
    """

    columns: list[str]
    rows: list[tuple[str, list[FigureRow | None]]]
    best: set[tuple[int, str]] = field(default_factory=set)
    named: str = ""
    n: int = 0


def panel_of(of: str, figure: str) -> str:
    """Return what a figure is of, for people.

    >>> panel_of("", "auc"), panel_of("unseen", "within_topic_auc")
    ('all test rows', 'within topics, unseen')
    """
    if figure == WITHIN:
        return f"within topics, {of}" if of else "within topics"
    return of or "all test rows"


def short_names(names: Sequence[str], length: int = 30) -> dict[str, str]:
    """Return names for narrow places: long ones without their middle, where that leaves them different.

    >>> short_names(["fasttext", "contrastive-200-clusters"], 12)
    {'fasttext': 'fasttext', 'contrastive-200-clusters': 'contra…sters'}
    """
    head, tail = length // 2, (length - 1) // 2
    short = {name: name if len(name) <= length else f"{name[:head]}…{name[-tail:]}" for name in names}
    return short if len(set(short.values())) == len(short) else {name: name for name in names}


def leaderboard(models: Sequence[Evaluation]) -> Grid:
    """Return AUC of all test rows, of each dataset where there are several, and inside topics; and some more."""
    keys = [(panel_of(of, figure), (figure, "dataset" if of else "all", of)) for of, figure in headline_keys(models)]
    keys += [("accuracy", ("accuracy", "all", "")), ("macro F1", ("macro_f1", "all", ""))]
    keys += [("validation rows", ("auc", "valid", ""))]
    return _grid(models, keys)


def headline_keys(models: Sequence[Evaluation]) -> list[tuple[str, str]]:
    """Return dataset and figure of what the leaderboard and its chart show."""
    datasets = shown_datasets(models)
    keys = [("", AUC), *((of, AUC) for of in datasets), ("", WITHIN)]
    return [
        key for key in keys if any(model.figure(key[1], "dataset" if key[0] else "all", key[0]) for model in models)
    ]


def shown_datasets(models: Sequence[Evaluation]) -> list[str]:
    """Return the datasets that get a column: the largest, and none where there is only one, which is all rows."""
    found = datasets_of(models)
    if len(found) < 2:
        return []
    sizes = {row.name: row.rows for model in models for row in model.figures if row.of == "dataset"}
    largest = sorted(found, key=lambda name: -sizes[name])[:MAX_DATASETS]
    return [name for name in found if name in largest]


def more_figures(models: Sequence[Evaluation]) -> Grid:
    """Return the figures of all test rows that the leaderboard leaves out."""
    return _grid(models, [(title, (name, "all", "")) for name, title in OTHER_FIGURES], LOWER_IS_BETTER)


def by_name(models: Sequence[Evaluation], of: str, figures: Sequence[tuple[str, str]]) -> list[Grid]:
    """Return a grid for each dataset, or for each label, in order of appearance."""
    sizes = {row.name: row.rows for model in models for row in model.figures if row.of == of}
    grids = [
        _grid(models, [(title, (figure, of, name)) for figure, title in figures], named=name, n=rows)
        for name, rows in sizes.items()
    ]
    # a column that one label lacks stays, so that all have the same
    wanted = [title for _, title in figures if any(title in grid.columns for grid in grids)]
    return [_with_columns(grid, wanted) for grid in grids]


def sources(models: Sequence[Evaluation]) -> tuple[list[dict[str, Any]], int]:
    """Return accuracy and mean score of all models for each of the largest sources, and how many sources there are."""
    sizes = {row.name: row.rows for model in models for row in model.figures if row.of == "source"}
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))
    figures = ("accuracy", "mean_score")
    return [
        {
            "name": name,
            "rows": sizes[name],
            **{f: [_value(m.figure(f, "source", name)) for m in models] for f in figures},
        }
        for name in largest[:MAX_SOURCES]
    ], len(largest)


def drawn_differences(
    models: Sequence[Evaluation], verdicts: Sequence[Difference], leader: str
) -> tuple[list[Difference], bool]:
    """Return the differences that a chart shows, and whether pairs are so many that these are the leader's alone.

    Those of a dataset that is all test rows, which are the same twice, are left out, and those inside the topics of a
    dataset.
    """
    panels = [panel_of(*key) for key in headline_keys(models)]
    many = len({(one.first, one.second) for one in verdicts}) > MAX_PAIRS
    drawn = [one for one in verdicts if panel_of(one.of, one.figure) in panels]
    drawn = [one for one in drawn if not many or leader in (one.first, one.second)]
    return sorted(drawn, key=lambda one: panels.index(panel_of(one.of, one.figure))), many


def split_differences(
    models: Sequence[Evaluation], verdicts: Sequence[Difference], leader: str
) -> tuple[list[Difference], list[Difference]]:
    """Return the differences that a table shows, and those that are folded: the others, and of many datasets'."""
    drawn, many = drawn_differences(models, verdicts, leader)
    shown = [one for one in drawn if not many or not one.of]
    several = len(datasets_of(models)) != 1
    rest = [one for one in verdicts if one not in shown and (several or not one.of)]
    return shown, sorted(rest, key=lambda one: (one.figure, one.of))


def grouped(differences: Sequence[Difference]) -> list[tuple[str, list[Difference]]]:
    """Return differences by what they are of, in order."""
    return [(panel, list(own)) for panel, own in groupby(differences, key=lambda one: panel_of(one.of, one.figure))]


def quality_or_topic(models: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return AUC over all texts, inside topics and of the topic alone, and its spread over topics, of each model."""
    rows = []
    for model in models:
        inside = model.figure(WITHIN)
        if inside is None:
            continue
        values = {name: _value(model.figure(f"{WITHIN}_{name}")) for name in ("p10", "p50", "p90")}
        whole = _value(model.figure(AUC))
        gap = None if whole is None else inside.value - whole
        alone = _value(model.figure("topic_auc"))
        rows.append({"model": model.name, "auc": whole, "within": inside, "gap": gap, "topic": alone, **values})
    return rows


def cuts(models: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return a row for each model and threshold: what it keeps of validation and test rows, and of each dataset."""
    return [
        {
            "model": model.name,
            "first": number == 0,
            "span": len(model.thresholds),
            "name": name,
            "valid": _shares(cut.get("valid")),
            "test": _shares(cut.get("test")),
            "datasets": {of: _shares(shares) for of, shares in cut.get("datasets", {}).items()},
            "missed": missed(name, cut.get("test") or {}),
            **{key: cut.get(key) for key in ("threshold", "chosen")},
        }
        for model in models
        for number, (name, cut) in enumerate(model.thresholds.items())
    ]


def _shares(found: dict[str, Any] | None) -> dict[str, Any]:
    return {name: (found or {}).get(name) for name in ("kept", "precision", "recall", "f1", "words")}


def missed(name: str, shares: dict[str, Any]) -> str:
    """Return which share a threshold's promise is broken in, of rows that it was not chosen on; empty if in none.

    >>> missed("precision_0.9", {"precision": 0.87, "words": 0.5}), missed("words_0.1", {"words": 0.1})
    ('precision', '')
    """
    of, _, wanted = name.rpartition("_")
    found = shares.get(of)
    if of not in ("precision", "words") or found is None:
        return ""
    short = float(wanted) - found
    return of if (short > 0) == (of == "precision") and short else ""


def confusion(model: Evaluation) -> dict[str, Any]:
    """Return counts of gold (rows) and predicted label (columns), with their shares of the gold label's rows."""
    counts = Counter((row["gold"], row["predicted"]) for row in model.confusion)
    sizes = Counter[str]()
    for (gold, predicted), n in counts.items():
        sizes[gold] += n
        sizes[predicted] += 0
    order = {label: number for number, label in enumerate(model.classes)}
    labels = sorted(sizes, key=lambda label: (order.get(label, len(order)), label))
    shown = sorted(sorted(labels, key=lambda label: -sizes[label])[:MAX_LABELS], key=labels.index)
    rows = [
        (gold, [(counts[gold, predicted], counts[gold, predicted] / max(sizes[gold], 1)) for predicted in shown])
        for gold in shown
        if sizes[gold]
    ]
    return {"model": model.name, "labels": shown, "rows": rows, "n_labels": len(labels)}


def topic_rows(models: Sequence[Evaluation], topics: Iterable[Topic]) -> list[dict[str, Any]]:
    """Return rows, share of good ones and AUC of all models for each topic, the largest first, with its words."""
    known = {topic.topic: topic for topic in topics}
    tables = [{int(row["topic"]): row for row in model.topics} for model in models]
    numbers = {number: row for table in reversed(tables) for number, row in table.items()}
    return [
        {
            "topic": number,
            "known": known.get(number),
            "rows": int(row["rows"]),
            "good": row["good"],
            "aucs": [table.get(number, {}).get("auc") for table in tables],
        }
        for number, row in sorted(numbers.items(), key=lambda item: (-item[1]["rows"], item[0]))
    ]


def shortcut_rows(models: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Return for each lone predictor its AUC, and how well it explains the label and each model's score."""
    tables = [{row["predictor"]: row for row in model.shortcuts} for model in models]
    found = []
    for predictor in dict.fromkeys(name for table in tables for name in table if name != "model"):
        lines = [table.get(predictor, {}) for table in tables]
        first = next(line for line in lines if line)
        label, scores = first["explains_label"], [line.get("explains_score") for line in lines]
        found.append(
            {"name": predictor, "rows": int(first["rows"]), "auc": first["auc"], "label": label, "scores": scores}
        )
    return found


def _grid(
    models: Sequence[Evaluation],
    keys: Sequence[tuple[str, tuple[str, str, str]]],
    lower: frozenset[str] = frozenset(),
    named: str = "",
    n: int = 0,
) -> Grid:
    keys = [(title, key) for title, key in keys if any(model.figure(*key) for model in models)]
    rows = [(model.name, [model.figure(*key) for _, key in keys]) for model in models]
    best = set()
    for column, (_, (figure, _, _)) in enumerate(keys):
        values = [(cell.value, name) for name, own in rows if (cell := own[column])]
        top = (min if figure in lower else max)(value for value, _ in values)
        best |= {(column, name) for value, name in values if value == top and len(models) > 1}
    return Grid([title for title, _ in keys], rows, best, named, n)


def _with_columns(grid: Grid, wanted: list[str]) -> Grid:
    place = {title: number for number, title in enumerate(grid.columns)}
    rows = [(name, [own[place[title]] if title in place else None for title in wanted]) for name, own in grid.rows]
    best = {(wanted.index(grid.columns[column]), name) for column, name in grid.best}
    return Grid(wanted, rows, best, grid.named, grid.n)


def _value(row: FigureRow | None) -> float | None:
    return row.value if row else None
