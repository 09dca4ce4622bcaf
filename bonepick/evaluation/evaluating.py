"""Evaluate: one model on the test and validation rows of some datasets."""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from bonepick.classifiers.manifest import Manifest
from bonepick.classifiers.protocol import Classifier
from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.data.dataset import describe_normalizer
from bonepick.data.rows import RowParams
from bonepick.evaluation.cutting import thresholds
from bonepick.evaluation.intervals import replicates
from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.printing import (
    classification_report_of,
    fasttext_report_of,
    headline_report_of,
    thresholds_report_of,
)
from bonepick.evaluation.reading import read_texts
from bonepick.evaluation.topics import topics_of
from bonepick.evaluation.writing import save_evaluation
from bonepick.text.normalizers import Normalizer
from bonepick.text.tokenizer import PACKAGED


@dataclass(frozen=True)
class Source:
    """Where evaluated rows come from.

    Attributes:
        dataset_dirs: each gets its own figures beside the pooled ones.
        rows: how rows are read.
        tokenizer: of the model's normalizer, where it uses one.
        workers: processes that read and normalize rows, and threads that resample figures.
        normalizer: of a model that does not say which one its texts go through.
        topics: what `find_topics` wrote of these datasets; without it, figures inside topics are left out.
    """

    dataset_dirs: Sequence[Path]
    rows: RowParams
    tokenizer: str = PACKAGED
    workers: int = 1
    normalizer: Normalizer | None = None
    topics: Path | None = None


def evaluate(
    model: Classifier, source: Source, params: EvalParams, output_dir: Path | None = None, overwrite: bool = False
) -> str:
    """Evaluate a model and return the report of its pooled test rows.

    Args:
        model: of any kind.
        source: the rows.
        params: of intervals and thresholds.
        output_dir: where metrics, predictions, tables and curves go; None writes nothing.
        overwrite: replace an earlier output of that kind.

    Raises:
        BonepickError: see `predict`; or the output is occupied.
    """
    read = (model.directory, source.topics, *source.dataset_dirs, *local_paths(source.tokenizer))
    inputs = [path for path in read if path]
    with atomic_directory(output_dir, "evaluation", overwrite, inputs) if output_dir else nullcontext() as folder:
        predictions, excerpts = predict(model, source)
        _say_strange_labels(predictions)
        test = predictions.where(split="test")
        found = replicates([test], params, workers=source.workers)
        cuts = thresholds(predictions.where(split="valid"), test, params)
        if folder:
            save_evaluation(predictions, excerpts, found, cuts, params, folder)
    if not cuts:
        note("no thresholds: they take validation rows with one label each, good ones and others (valid/, --good-from)")
    if output_dir:
        note(f"evaluate: {len(predictions.probabilities):,} rows -> {output_dir}")
    own = f"\n{fasttext_report_of(test)}" if model.manifest.kind == "fasttext" else ""
    return classification_report_of(test) + own + headline_report_of(found) + thresholds_report_of(cuts)


def predict(model: Classifier, source: Source) -> tuple[Predictions, list[str]]:
    """Return a model's predictions for the test and validation rows of some datasets, and the texts' beginnings.

    Raises:
        BonepickError: see `read_texts` and `topics_of`; or the model says that it has another normalizer.
    """
    manifest = _with_normalizer(model.manifest, source.normalizer) if source.normalizer else model.manifest
    read = read_texts(source.dataset_dirs, manifest, source.rows, source.tokenizer, source.workers)
    if source.topics:
        read.columns["topic"] = list(topics_of(source.topics, read.columns))
    judged = copy(model)  # a foreign model learns from the data how labels are read; the caller's stays as it is
    judged.manifest = replace(manifest, label_form=read.label_form)
    probabilities = judged.predict_proba(read.texts, normalized=True)
    multi_label = read.label_form.multi_label
    found = Predictions(manifest.kind, manifest.classes, read.columns, probabilities, multi_label)
    return found, read.excerpts


def _with_normalizer(manifest: Manifest, normalizer: Normalizer) -> Manifest:
    if manifest.normalizer not in (None, normalizer.identity):
        raise BonepickError(
            f"the model was trained with normalizer {describe_normalizer(manifest.normalizer)}, but "
            f"{describe_normalizer(normalizer.identity)} is asked for: leave --normalization and --max-length away"
        )
    return replace(manifest, normalizer=normalizer.identity)


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
    tested = {label for labels in predictions.where(split="test").gold_sets for label in labels}
    if untested := [label for label in predictions.classes if label in gold and label not in tested]:
        note(f"no test row, but validation rows have: {', '.join(untested)}: the test figures say nothing of it")
