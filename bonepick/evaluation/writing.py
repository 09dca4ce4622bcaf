"""What is written of an evaluation: figures, thresholds, tables and curves; `layout` names the files."""

from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.evaluation.curves import save_curves
from bonepick.evaluation.cutting import MIX_HEADER, keep_table, mix_table
from bonepick.evaluation.disagreements import disagreements, encoded_disagreements
from bonepick.evaluation.full_table import FIGURES_HEADER, TOPICS_HEADER, full_table, topic_table
from bonepick.evaluation.intervals import Replicates
from bonepick.evaluation.layout import (
    DISAGREEMENTS_FILE,
    FIGURES_FILE,
    METRICS_FILE,
    MIX_FILE,
    PLOTS,
    PREDICTIONS_FILE,
    SHORTCUTS_FILE,
    TABLES,
    THRESHOLDS_FILE,
    TOPICS_FILE,
    VALID,
)
from bonepick.evaluation.metrics import figures
from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.shortcuts import SHORTCUTS_HEADER, shortcuts
from bonepick.evaluation.tables import write_csv

PER_DATASET = ("auc", "within_topic_auc")
"""Figures that `metrics.json` has for each dataset."""


def save_evaluation(
    predictions: Predictions,
    excerpts: Sequence[str],
    found: Replicates,
    cuts: Mapping[str, Any],
    params: EvalParams,
    folder: Path,
) -> None:
    """Write an evaluation's files.

    Args:
        predictions: for test and validation rows.
        excerpts: the beginnings of these rows' texts.
        found: resampled figures of the test rows.
        cuts: what `thresholds` gives.
        params: of the cuts.
        folder: is there, and empty.

    Raises:
        BonepickError: see `encoded_metrics`.
    """
    test, valid = predictions.where(split="test"), predictions.where(split="valid")
    plots, tables = folder / PLOTS, folder / TABLES
    plots.mkdir()
    tables.mkdir()
    predictions.save(folder / PREDICTIONS_FILE)
    (folder / METRICS_FILE).write_bytes(encoded_metrics(predictions))
    (folder / THRESHOLDS_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(cuts), indent=2) + b"\n")
    write_csv(folder / FIGURES_FILE, FIGURES_HEADER, full_table(predictions, found))
    save_curves(test, keep_table(valid, test, params), plots)
    write_csv(tables / MIX_FILE, MIX_HEADER, mix_table(valid, test, params))
    write_csv(tables / SHORTCUTS_FILE, SHORTCUTS_HEADER, shortcuts(test))
    write_csv(tables / TOPICS_FILE, TOPICS_HEADER, topic_table(test, params.good_from))
    of_test = compress(excerpts, (split == "test" for split in predictions.columns["split"]))
    (tables / DISAGREEMENTS_FILE).write_bytes(encoded_disagreements(disagreements(test, list(of_test))))


def encoded_metrics(predictions: Predictions) -> bytes:
    """Return `metrics.json`: under the kind's name the pooled figures on test and on valid, and `PER_DATASET`.

    Raises:
        BonepickError: a dataset has the name of a figure.
    """
    test = predictions.where(split="test")
    found: dict[str, Any] = dict(figures(test))
    found |= {VALID + name: value for name, value in figures(predictions.where(split="valid")).items()}
    for name in sorted(set(test.columns["dataset"])):
        if name in found:
            raise BonepickError(f"a dataset is called {name!r}, like a figure: rename its folder")
        own = figures(test.where(dataset=name))
        found[name] = {figure: own[figure] for figure in PER_DATASET if figure in own}
    raw = msgspec.json.encode({predictions.kind: found}, order="sorted")
    return msgspec.json.format(raw, indent=2) + b"\n"
