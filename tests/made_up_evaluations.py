"""Evaluation folders as `evaluate` writes them, made up: what the report is tried on, without any training."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from bonepick.evaluation import layout
from bonepick.evaluation.cutting import KEEP_HEADER, MIX_HEADER, RATES
from bonepick.evaluation.differences import Difference
from bonepick.evaluation.evaluation_folder import Evaluation
from bonepick.evaluation.full_table import FIGURES_HEADER, TOPICS_HEADER
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.shortcuts import SHORTCUTS_HEADER
from bonepick.evaluation.tables import write_csv
from bonepick.evaluation.topics import Topic

ROWS = 400


@dataclass(frozen=True)
class MadeUp:
    """What the evaluations are of.

    Attributes:
        aucs: model -> dataset -> AUC; the pooled one is their mean.
        labels: worst to best.
        sources: each has rows of its own.
        n_topics: 0 where topics are not known.
        valid: whether there are validation rows.
        excerpt: of the texts.
    """

    aucs: Mapping[str, Mapping[str, float]]
    labels: Sequence[str] = ("neg", "pos")
    sources: Sequence[str] = ("web", "news")
    n_topics: int = 3
    valid: bool = True
    excerpt: str = "A text that is about something."
    no_difference: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def datasets(self) -> list[str]:
        return list(next(iter(self.aucs.values())))

    def auc(self, model: str, of: str = "") -> float:
        own = self.aucs[model]
        return own[of] if of else sum(own.values()) / len(own)

    def write(self, folder: Path) -> list[Evaluation]:
        """Return the evaluations, the highest AUC first."""
        for model in self.aucs:
            _write(self, model, folder / model)
        return [Evaluation.load(folder / model) for model in sorted(self.aucs, key=lambda name: -self.auc(name))]

    def verdicts(self) -> list[Difference]:
        """Return all paired differences, the better one second; real ones but for the pairs in `no_difference`."""
        found = []
        for second, first in combinations(sorted(self.aucs, key=lambda name: -self.auc(name)), 2):
            for of in ("", *self.datasets):
                value = self.auc(second, of) - self.auc(first, of)
                wide = 1.5 * abs(value) + 0.01 if (first, second) in self.no_difference else 0.4 * abs(value)
                rows = ROWS if of else ROWS * len(self.datasets)
                for figure in ("auc", "within_topic_auc")[: 2 if self.n_topics else 1]:
                    found.append(Difference(first, second, of, figure, value, value - wide, value + wide, rows))
        return found

    def topics(self) -> list[Topic]:
        return [Topic(n, [f"word{n}", "another"], 10 + n, [self.excerpt]) for n in range(self.n_topics)]


def _write(made: MadeUp, model: str, folder: Path) -> None:
    rng = random.Random(f"{model} {made.auc(model)}")
    (folder / layout.PLOTS).mkdir(parents=True)
    (folder / layout.TABLES).mkdir()
    write_csv(folder / layout.FIGURES_FILE, FIGURES_HEADER, _figures(made, model))
    predictions = _predictions(made, model, rng)
    predictions.save(folder / layout.PREDICTIONS_FILE)
    cuts = _thresholds(made) if made.valid else {}
    (folder / layout.THRESHOLDS_FILE).write_text(json.dumps(cuts), encoding="utf-8")
    _write_plots(made, model, predictions, folder / layout.PLOTS)
    _write_tables(made, model, folder / layout.TABLES)


def _figures(made: MadeUp, model: str) -> list[tuple[object, ...]]:
    n, whole = ROWS * len(made.datasets), made.auc(model)

    def with_interval(value: float) -> tuple[float, float, float]:
        return round(value, 6), round(value - 0.01, 6), round(min(1, value + 0.01), 6)

    lines: list[tuple[object, ...]] = [("all", "", n, "auc", *with_interval(whole))]
    lines += [("all", "", n, "accuracy", *with_interval(whole - 0.1)), ("all", "", n, "brier", 0.1, "", "")]
    if made.n_topics:
        lines += [("all", "", n, "within_topic_auc", *with_interval(whole - 0.1))]
        lines += [("all", "", n, "topic_auc", 0.7, "", ""), ("all", "", n, "within_topic_auc_p50", 0.8, "", "")]
    if made.valid:
        lines += [("valid", "", 100, "auc", whole, "", "")]
    lines += [("dataset", name, ROWS, "auc", *with_interval(made.auc(model, name))) for name in made.datasets]
    for number, name in enumerate(made.sources):
        lines += [("source", name, 1000 - number, "accuracy", 0.9, "", "")]
        lines += [("source", name, 1000 - number, "mean_score", 0.5, "", "")]
    for label in made.labels:
        lines += [("label", label, 50, figure, 0.75, "", "") for figure in ("precision", "recall", "f1")]
    return lines


def _predictions(made: MadeUp, model: str, rng: random.Random) -> Predictions:
    rows = [(name, row) for name in made.datasets for row in range(20)]
    n = len(rows)
    gold = [made.labels[row % len(made.labels)] for _, row in rows]
    chances = np.array([[rng.random() for _ in made.labels] for _ in rows])
    columns: dict[str, list[Any]] = {
        "dataset": [name for name, _ in rows],
        "split": ["test"] * n,
        "row": [row for _, row in rows],
        "digest": [f"{i:064x}" for i in range(n)],
        "length": [100] * n,
        "words": [20] * n,
        "source": [made.sources[i % len(made.sources)] for i in range(n)],
        "group": [None] * n,
        "topic": [i % made.n_topics if made.n_topics else None for i in range(n)],
        "gold": gold,
    }
    return Predictions(model, list(made.labels), columns, chances / chances.sum(axis=1, keepdims=True))


def _thresholds(made: MadeUp) -> dict[str, Any]:
    kept = {"kept": 0.4, "precision": 0.9125, "recall": 0.7, "f1": 0.79, "words": 0.45, "characters": 0.44}
    test = {**kept, "precision": 0.8625}
    both = {"valid": kept, "test": test, "datasets": dict.fromkeys(made.datasets, test)}
    none = {"threshold": None, "chosen": "no threshold reaches it", "valid": None, "test": None, "datasets": {}}
    return {
        "best_f1": {"threshold": 0.615, "chosen": "the highest F1 on validation rows", **both},
        "precision_0.9": {"threshold": 0.99998914, "chosen": "the most texts with precision 0.9", **both},
        "words_0.1": none,
    }


def _write_plots(made: MadeUp, model: str, predictions: Predictions, folder: Path) -> None:
    steps, power = [i / 500 for i in range(501)], 1 / made.auc(model) - 1
    roc = [(round(x, 6), round(x**power, 6), "" if not x else 1 - x) for x in steps]
    write_csv(folder / layout.ROC_FILE, ("false_positive_rate", "true_positive_rate", "threshold"), roc)
    curve = [(round(1 - x, 6), round(0.6 + 0.4 * x, 6), x) for x in steps]
    write_csv(folder / layout.PR_FILE, ("recall", "precision", "threshold"), curve)
    bins = [(i / 10, min(1, 0.1 + i / 12), 20 * (1 + abs(i - 5))) for i in range(11)]
    write_csv(folder / layout.CALIBRATION_FILE, ("predicted", "observed", "rows"), bins)
    predicted = [made.labels[i] for i in predictions.probabilities.argmax(axis=1)]
    write_csv(
        folder / layout.CONFUSION_FILE, ("gold", "predicted"), zip(predictions.columns["gold"], predicted, strict=True)
    )
    rates = RATES if made.valid else ()
    keep = [(r, 1 - r, r, 1 - r / 2, r, r, r, 0.3 * (1 - r), 0.2 if made.n_topics else "") for r in rates]
    write_csv(folder / layout.KEEP_FILE, KEEP_HEADER, keep)


def _write_tables(made: MadeUp, model: str, folder: Path) -> None:
    sizes = [1 / (2 + number) for number in range(len(made.sources))]
    mix = [
        (rate, "source", name, size / sum(sizes))
        for rate in (*(RATES if made.valid else ()), 1)
        for name, size in zip(made.sources, sizes, strict=True)
    ]
    write_csv(folder / layout.MIX_FILE, MIX_HEADER, mix)
    alone = [("model", ROWS, made.auc(model), 0.6, ""), ("length", ROWS, 0.52, 0.01, 0.02)]
    alone += [("topic", ROWS, 0.7, 0.3, 0.45)] if made.n_topics else []
    write_csv(folder / layout.SHORTCUTS_FILE, SHORTCUTS_HEADER, alone)
    topics = [(n, 60 - n, 0.5, 0.8, "" if n == 1 else 0.6 + n / 100, 0.5) for n in range(made.n_topics)]
    write_csv(folder / layout.TOPICS_FILE, TOPICS_HEADER, topics)
    reading = [
        {
            "dataset": made.datasets[0], "row": row, "gold": made.labels[-1], "predicted": made.labels[0],
            "probability": 0.99, "score": 0.01, "source": made.sources[0], "topic": 0 if made.n_topics else None,
            "length": 31, "excerpt": f"{made.excerpt} Number {row}.",
        }
        for row in range(8)
    ]  # fmt: skip
    lines = "".join(json.dumps(row) + "\n" for row in reading)
    (folder / layout.DISAGREEMENTS_FILE).write_text(lines, encoding="utf-8")
