"""Evaluate: one model on the test and validation rows of some datasets."""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from bonepick.classifiers.manifest import Manifest
from bonepick.classifiers.protocol import Classifier
from bonepick.core.errors import BonepickError
from bonepick.core.outputs import whole_directory
from bonepick.core.progress import note
from bonepick.data.dataset import describe_normalizer
from bonepick.data.rows import RowParams
from bonepick.evaluation.curves import save_curves
from bonepick.evaluation.metrics import METRICS_FILE, VALID, figures
from bonepick.evaluation.predictions import PREDICTIONS_FILE, Predictions
from bonepick.evaluation.printing import classification_report_of, datasets_report_of, fasttext_report_of
from bonepick.evaluation.reading import read_texts
from bonepick.text.normalizers import Normalizer

PER_DATASET = ("auc",)


def evaluate(
    model: Classifier,
    dataset_dirs: Sequence[Path],
    rows: RowParams,
    output_dir: Path | None = None,
    tokenizer: str = "packaged",
    workers: int = 1,
    overwrite: bool = False,
    normalizer: Normalizer | None = None,
) -> str:
    """Evaluate a model and return the report of its pooled test rows.

    Args:
        model: of any kind.
        dataset_dirs: each gets its own figures beside the pooled ones.
        rows: how rows are read.
        output_dir: where metrics, predictions and curves go; None writes nothing.
        tokenizer: of the model's normalizer, where it uses one.
        workers: processes that read and normalize rows.
        overwrite: replace what is there.
        normalizer: of a model that does not say which one its texts go through.

    Raises:
        BonepickError: see `read_texts`; the model says that it has another normalizer; or the output is occupied.
    """
    if normalizer:
        model.manifest = _with_normalizer(model.manifest, normalizer)
    with whole_directory(output_dir, overwrite) if output_dir else nullcontext() as folder:
        predictions = predict(model, dataset_dirs, rows, tokenizer, workers)
        _say_strange_labels(predictions)
        if folder:
            predictions.save(folder / PREDICTIONS_FILE)
            save_curves(predictions.where(split="test"), folder)
            (folder / METRICS_FILE).write_bytes(encoded_metrics(predictions))
    if output_dir:
        note(f"evaluate: {len(predictions.probabilities):,} rows -> {output_dir}")
    test = predictions.where(split="test")
    own = f"\n{fasttext_report_of(test)}" if model.manifest.kind == "fasttext" else ""
    return classification_report_of(test) + own + datasets_report_of(test)


def predict(
    model: Classifier, dataset_dirs: Sequence[Path], rows: RowParams, tokenizer: str, workers: int
) -> Predictions:
    """Return a model's predictions for the test and validation rows of some datasets."""
    read = read_texts(dataset_dirs, model.manifest, rows, tokenizer, workers)
    model.manifest = replace(model.manifest, label_form=read.label_form)  # a foreign model learns it from the data
    probabilities = model.predict_proba(read.texts, normalized=True)
    multi_label = read.label_form.multi_label
    return Predictions(model.manifest.kind, model.manifest.classes, read.columns, probabilities, multi_label)


def _with_normalizer(manifest: Manifest, normalizer: Normalizer) -> Manifest:
    if manifest.normalizer not in (None, normalizer.identity):
        raise BonepickError(
            f"the model was trained with normalizer {describe_normalizer(manifest.normalizer)}, but "
            f"{describe_normalizer(normalizer.identity)} is asked for: leave --normalization and --max-length away"
        )
    return replace(manifest, normalizer=normalizer.identity)


def encoded_metrics(predictions: Predictions) -> bytes:
    """Return `metrics.json`: under the kind's name the pooled figures on test and on valid, and `auc` per dataset.

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


def _say_strange_labels(predictions: Predictions) -> None:
    gold = Counter(label for labels in predictions.gold_sets for label in labels)
    if gold and not set(gold) & set(predictions.classes):
        raise BonepickError(
            f"labels {', '.join(sorted(set(gold))[:5])} are not known to the model, which knows "
            f"{', '.join(predictions.classes)}: evaluate on rows that were labelled as for training"
        )
    for label in sorted(set(gold) - set(predictions.classes)):
        note(f"label {label!r} ({gold[label]:,} rows) is not known to the model: these rows count as wrong")
    if missing := [label for label in predictions.classes if label not in gold]:
        note(f"the model knows labels that no row has: {', '.join(missing)}")
