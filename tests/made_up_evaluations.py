"""Evaluations made up: what reports are tried on, without any training and without files."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from bonepick.evaluation.topics import Topic
from bonepick.metrics.calibration import CalibrationBin
from bonepick.metrics.curves import PrPoint, RocPoint, label_pairs
from bonepick.metrics.evaluation import Evaluation, MetricRow
from bonepick.metrics.keep import RATES, CompositionRow, KeepRow
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.shortcuts import ShortcutRow
from bonepick.metrics.slices import ALL, VALID, Slice
from bonepick.metrics.topic_rows import TopicRow
from bonepick.reporting.compare import Comparison, leaderboard_table
from bonepick.reporting.differences import Difference

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
        no_difference: pairs of models whose differences are not real.
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

    def auc(self, model: str, dataset: str = "") -> float:
        aucs = self.aucs[model]
        return aucs[dataset] if dataset else sum(aucs.values()) / len(aucs)

    def models(self) -> list[Evaluation]:
        """Return the evaluations, the highest AUC first."""
        return [_evaluation(self, model) for model in sorted(self.aucs, key=lambda name: -self.auc(name))]

    def comparison(self) -> Comparison:
        """Return all that a report is made of."""
        return compared(self.models(), self.verdicts(), self.topics())

    def verdicts(self) -> list[Difference]:
        """Return all paired differences, the better one second; real ones but for the pairs in `no_difference`."""
        found = []
        for second, first in combinations(sorted(self.aucs, key=lambda name: -self.auc(name)), 2):
            for dataset in ("", *self.datasets):
                value = self.auc(second, dataset) - self.auc(first, dataset)
                wide = 1.5 * abs(value) + 0.01 if (first, second) in self.no_difference else 0.4 * abs(value)
                rows = ROWS if dataset else ROWS * len(self.datasets)
                part = Slice("dataset", dataset) if dataset else ALL
                for metric in ("auc", "within_topic_auc")[: 2 if self.n_topics else 1]:
                    found.append(Difference(first, second, part, metric, value, value - wide, value + wide, rows))
        return found

    def topics(self) -> list[Topic]:
        return [Topic(n, [f"word{n}", "another"], 10 + n, [self.excerpt]) for n in range(self.n_topics)]


def empty(name: str) -> Evaluation:
    """Return an evaluation that says nothing."""
    return Evaluation(name, Predictions("", [], {"split": [], "source": [], "gold": []}, np.zeros((0, 0))))


def compared(models: list[Evaluation], verdicts: Sequence[Difference] = (), topics: Sequence[Topic] = ()) -> Comparison:
    return Comparison(models, leaderboard_table(models), list(verdicts), list(topics))


def _evaluation(made: MadeUp, model: str) -> Evaluation:
    predictions = _predictions(made, model, random.Random(f"{model} {made.auc(model)}"))
    rates = RATES if made.valid else ()
    steps, power = [i / 500 for i in range(501)], 1 / made.auc(model) - 1
    sizes = [1 / (2 + number) for number in range(len(made.sources))]
    shift = 0.2 if made.n_topics else None
    shortcuts = [ShortcutRow("model", ROWS, made.auc(model), 0.6, None), ShortcutRow("length", ROWS, 0.52, 0.01, 0.02)]
    return Evaluation(
        model,
        predictions,
        metrics=_metrics(made, model),
        thresholds=_thresholds(made) if made.valid else {},
        keep=[KeepRow(r, 1 - r, r, 1 - r / 2, r, r, r, 0.3 * (1 - r), shift) for r in rates],
        composition=[
            CompositionRow(rate, "source", name, size / sum(sizes))
            for rate in (*rates, 1.0)
            for name, size in zip(made.sources, sizes, strict=True)
        ],
        shortcuts=[*shortcuts, *([ShortcutRow("topic", ROWS, 0.7, 0.3, 0.45)] if made.n_topics else [])],
        topics=[TopicRow(n, 60 - n, 0.5, 0.8, None if n == 1 else 0.6 + n / 100, 0.5) for n in range(made.n_topics)],
        confident_errors=_errors(made),
        roc=[RocPoint(round(x, 6), round(x**power, 6), 1 - x if x else None) for x in steps],
        pr_curve=[PrPoint(round(1 - x, 6), round(0.6 + 0.4 * x, 6), x) for x in steps],
        calibration=[CalibrationBin(i / 10, min(1, 0.1 + i / 12), 20 * (1 + abs(i - 5))) for i in range(11)],
        confusion=label_pairs(predictions),
    )


def _metrics(made: MadeUp, model: str) -> list[MetricRow]:
    n, whole = ROWS * len(made.datasets), made.auc(model)

    def with_interval(value: float) -> tuple[float, float, float]:
        return round(value, 6), round(value - 0.01, 6), round(min(1, value + 0.01), 6)

    rows = [MetricRow(ALL, n, "auc", *with_interval(whole)), MetricRow(ALL, n, "accuracy", *with_interval(whole - 0.1))]
    rows.append(MetricRow(ALL, n, "brier", 0.1))
    if made.n_topics:
        rows.append(MetricRow(ALL, n, "within_topic_auc", *with_interval(whole - 0.1)))
        rows += [MetricRow(ALL, n, "topic_auc", 0.7), MetricRow(ALL, n, "within_topic_auc_p50", 0.8)]
    if made.valid:
        rows.append(MetricRow(VALID, 100, "auc", whole))
    for name in made.datasets:
        rows.append(MetricRow(Slice("dataset", name), ROWS, "auc", *with_interval(made.auc(model, name))))
    for number, name in enumerate(made.sources):
        rows.append(MetricRow(Slice("source", name), 1000 - number, "accuracy", 0.9))
        rows.append(MetricRow(Slice("source", name), 1000 - number, "mean_score", 0.5))
    for label in made.labels:
        rows += [MetricRow(Slice("label", label), 50, metric, 0.75) for metric in ("precision", "recall", "f1")]
    return rows


def _predictions(made: MadeUp, model: str, rng: random.Random) -> Predictions:
    rows = [(name, row) for name in made.datasets for row in range(20)]
    n = len(rows)
    gold = [made.labels[row % len(made.labels)] for _, row in rows]
    probabilities = np.array([[rng.random() for _ in made.labels] for _ in rows])
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
    return Predictions(model, list(made.labels), columns, probabilities / probabilities.sum(axis=1, keepdims=True))


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


def _errors(made: MadeUp) -> list[dict[str, Any]]:
    return [
        {
            "dataset": made.datasets[0], "row": row, "gold": made.labels[-1], "predicted": made.labels[0],
            "probability": 0.99, "score": 0.01, "source": made.sources[0], "topic": 0 if made.n_topics else None,
            "length": 31, "excerpt": f"{made.excerpt} Number {row}.",
        }
        for row in range(8)
    ]  # fmt: skip
