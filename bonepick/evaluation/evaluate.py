"""Evaluate: one model on the test and validation rows of some datasets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.manifest import Manifest
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.data.label_forms import LabelForm
from bonepick.data.labels import listed
from bonepick.data.rows import RowParams
from bonepick.evaluation.read_texts import read_texts
from bonepick.evaluation.topics import assigned_topics
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.text.normalizer import Normalizer
from bonepick.text.tokenizer import PACKAGED


@dataclass(frozen=True)
class EvaluationInput:
    """What a model is evaluated on.

    Attributes:
        dataset_dirs: each gets metrics of its own beside the pooled ones.
        rows: how rows are read.
        normalizer: of a model that does not say which one its texts go through.
        topics: what `find_topics` wrote of these datasets; without it, metrics inside topics are left out.
        tokenizer: of the model's normalizer, where it uses one.
        multi_label: rows have several labels, and the model does not say it.
    """

    dataset_dirs: Sequence[Path]
    rows: RowParams
    normalizer: Normalizer | None = None
    topics: Path | None = None
    tokenizer: str = PACKAGED
    multi_label: bool = False


def evaluate(model: Classifier, evaluated: EvaluationInput, params: EvalParams, run: Run = Run()) -> Evaluation:
    """Return all that is said of a model, which stays as it is.

    Args:
        model: of any kind.
        evaluated: the rows.
        params: of intervals and thresholds.
        run: processes that read and normalize rows, threads that resample.

    Raises:
        BonepickError: see `predict`, or `measure`.
    """
    predictions, excerpts = predict(model, evaluated, run)
    _say_unknown_labels(predictions)
    if not predictions.ordered:
        note(
            f"which of the labels {listed(predictions.classes)} is better is not known: there is no AUC, score or "
            "threshold, nor what goes by them (--labels, or `labels:` in training, names them from worst to best)"
        )
    evaluation = measure(predictions, excerpts, params, run.workers)
    if not evaluation.thresholds and predictions.ordered:
        note("no thresholds: they take validation rows with one label each, good ones and others (valid/, --good-from)")
    return evaluation


def predict(model: Classifier, evaluated: EvaluationInput, run: Run = Run()) -> tuple[Predictions, list[str]]:
    """Return a model's predictions for the test and validation rows of some datasets, and the texts' beginnings.

    Raises:
        UsageError: several labels a row are asked for, and the model was trained on one.
        BonepickError: see `read_texts` and `assigned_topics`; or the model says that it has another normalizer.
    """
    manifest = _with_normalizer(model.manifest, evaluated.normalizer) if evaluated.normalizer else model.manifest
    manifest = _with_several_labels(manifest) if evaluated.multi_label else manifest
    texts = read_texts(evaluated.dataset_dirs, manifest, evaluated.rows, evaluated.tokenizer, run.workers)
    if evaluated.topics:
        texts.columns["topic"] = list(assigned_topics(evaluated.topics, texts.columns))
    # a foreign model learns from the data how labels are read; the caller's stays as it is
    judged = model.with_manifest(replace(manifest, label_form=texts.label_form))
    several = texts.label_form.multi_label
    probabilities = judged.predict_proba(texts.texts, normalized=True)
    ordered = several or judged.ordered
    return Predictions(manifest.kind, judged.classes, texts.columns, probabilities, several, ordered), texts.excerpts


def _with_normalizer(manifest: Manifest, normalizer: Normalizer) -> Manifest:
    if manifest.normalizer not in (None, normalizer.identity):
        raise BonepickError(
            f"the model was trained with normalizer {manifest.normalizer}, but "
            f"{normalizer.identity} is asked for: leave --normalization and --max-length away"
        )
    return replace(manifest, normalizer=normalizer.identity)


def _with_several_labels(manifest: Manifest) -> Manifest:
    several = LabelForm(multi_label=True)
    if manifest.label_form not in (None, several):
        raise UsageError("the model was trained on one label a row: leave --multi-label away")
    return replace(manifest, label_form=several)


def _say_unknown_labels(predictions: Predictions) -> None:
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
    tested = {label for labels in predictions.test.gold_sets for label in labels}
    if untested := [label for label in predictions.classes if label in gold and label not in tested]:
        note(f"no test row, but validation rows have: {', '.join(untested)}: the test metrics say nothing of it")
