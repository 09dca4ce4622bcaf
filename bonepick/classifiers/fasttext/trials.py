"""Trying a knob's value: training without some lines, and judging by them, in a process of its own."""

from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np

from bonepick.classifiers.fasttext.lines import HELD_OUT
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.fasttext.probabilities import as_probabilities, label_sums
from bonepick.classifiers.fasttext.train_file import DivergedError, trained
from bonepick.data.fasttext_files import line_blocks
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX
from bonepick.metrics import pooled
from bonepick.metrics.predictions import Predictions


@dataclass(frozen=True)
class Labels:
    """What is known of the labels: the classes, whether they are from worst to best, and whether rows have several."""

    classes: list[str]
    ordered: bool
    several: bool

    @property
    def metric(self) -> str:
        """Name of the metric that says how good a model is."""
        return "auc" if self.ordered and not self.several else "macro_f1"


@dataclass(frozen=True)
class Trial:
    """One training.

    Attributes:
        train: file of the lines that it is trained on.
        held_out: folder of those that it is judged by.
        params: with one value for each knob.
        labels: of the lines.
    """

    train: Path
    held_out: Path
    params: FastTextParams
    labels: Labels


def judged(trial: Trial) -> float:
    """Return how good the model is on what was held out, the higher the better; NaN where training diverges.

    Raises:
        BonepickError: see `trained`.
    """
    try:
        model = trained(str(trial.train), trial.params)
    except DivergedError:
        return nan
    labels = trial.labels
    columns = {FASTTEXT_PREFIX + label: number for number, label in enumerate(labels.classes)}
    gold, parts = list[str](), [np.zeros((0, len(labels.classes)))]
    for block in line_blocks(trial.held_out, HELD_OUT, labels.several, "fail"):
        gold += [" ".join(sorted(item.labels)) for item in block.items]
        parts.append(label_sums(model, [item.text for item in block.items], columns, len(labels.classes)))
    sums = np.concatenate(parts)
    if not np.isfinite(sums).all():
        return nan
    probabilities = as_probabilities(sums, labels.several)
    predictions = Predictions("fasttext", labels.classes, {"gold": gold}, probabilities, labels.several, labels.ordered)
    metric = pooled.auc(predictions) if labels.metric == "auc" else pooled.macro_f1(predictions)
    return metric(np.ones(len(gold))) if metric else nan
