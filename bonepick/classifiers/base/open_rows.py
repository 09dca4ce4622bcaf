"""Opening training rows: which datasets fit a kind, how their labels are read, and what their texts go through."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bonepick.classifiers.base.params import TrainParams
from bonepick.classifiers.base.row_source import RowSource
from bonepick.classifiers.base.sources import EmbeddedSource, LineSource, Source
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.classifiers.base.training_rows import HELD_OUT, TrainingRows, holds_out
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.several_datasets import refuse_repeated, same_label_form
from bonepick.data.unchanged import Unchanged
from bonepick.preparation.convert import learned_label_form
from bonepick.preparation.normalize import refuse_normalized


def open_rows(training_input: TrainingInput, params: TrainParams, scratch: Path, run: Run) -> TrainingRows:
    """Open datasets for training; bins are learned here, other rows are not read yet.

    Args:
        training_input: the datasets, and how they are read.
        params: of the kind that is trained.
        scratch: an empty folder for what training must write.
        run: how.

    Raises:
        UsageError: bins or several labels are asked for that cannot be had, or a dataset is given twice.
        BonepickError: a dataset is not of the form that the kind takes, or they differ in their normalizer or in how
            labels are read.
    """
    datasets = [
        Dataset.open_training_rows(path, training_input.rows.text_field) for path in training_input.dataset_dirs
    ]
    refuse_repeated(datasets)
    unchanged = Unchanged([file for dataset in datasets for file in dataset.files])
    opening = _Opening(training_input, params, run.workers)
    form = opening.form_of([dataset for dataset in datasets if dataset.shards])
    sources = [opening.source(dataset, form) for dataset in datasets]
    label_form = same_label_form([(source.dataset.path, source.label_form) for source in sources])
    for source in sources:
        if holds_out(source, params):
            note(f"{source.dataset.path} has no valid/: {HELD_OUT:.0%} of train/ is held out by hash")
    return TrainingRows(sources, label_form, params, training_input.base_model, scratch, unchanged)


@dataclass(frozen=True)
class _Opening:
    """What decides whether, and how, datasets are opened for training."""

    training_input: TrainingInput
    params: TrainParams
    workers: int

    def form_of(self, row_datasets: Sequence[Dataset]) -> LabelForm:
        """Return how labels of datasets of rows are read."""
        conversion = self.training_input.conversion
        if not isinstance(conversion, OnTheFlyParams) or not (conversion.auto or conversion.multi_label):
            return ONE_LABEL
        if not self.params.takes_several_labels:
            raise UsageError(
                "auto and multi_label are for kinds that take several labels: this one takes one label a row"
            )
        if row_datasets and conversion.normalizer:
            return learned_label_form(row_datasets, conversion, self.training_input.rows, self.workers)
        return LabelForm(conversion.multi_label)

    def source(self, dataset: Dataset, form: LabelForm) -> Source:
        """Open a dataset."""
        if dataset.is_embedded:
            return self.embedded(dataset)
        return self.lines(dataset) if dataset.is_lines else self.rows(dataset, form)

    def embedded(self, dataset: Dataset) -> EmbeddedSource:
        """Open an embedded dataset."""
        if not self.params.takes_base_model:
            raise BonepickError(
                f"{dataset.path} holds features and no texts, which this kind is trained on: wanted rows, as they are "
                "before embed-dataset"
            )
        normalizer = self.training_input.conversion.if_named()
        if normalizer and dataset.normalizer_left(normalizer.identity):
            raise BonepickError(
                f"{dataset.path} was embedded without a normalizer, wanted {normalizer.identity}: embed its rows anew, "
                "through that one (embed-dataset --normalization)"
            )
        return EmbeddedSource(dataset, dataset.label_form)

    def rows(self, dataset: Dataset, form: LabelForm) -> RowSource:
        """Open a dataset of rows."""
        normalizer = self.training_input.conversion.if_named()
        converted = self.params.takes_lines
        if converted and not normalizer:
            raise BonepickError(
                f"{dataset.path} has no train.txt: make it with convert-to-fasttext, or name a normalizer "
                "(--normalization) that its rows go through here"
            )
        if converted:
            refuse_normalized(dataset)
        elif normalizer:
            dataset.say_unknown_normalizer(normalizer.identity)
            normalizer = normalizer if dataset.normalizer_left(normalizer.identity) else None
        return RowSource(dataset, normalizer, form, self.training_input.rows, self.workers, converted)

    def lines(self, dataset: Dataset) -> LineSource:
        """Open a converted dataset."""
        if not self.params.takes_lines:
            raise BonepickError(f"{dataset.path} holds fastText lines: wanted rows, as they are before conversion")
        conversion = self.training_input.conversion
        if normalizer := conversion.if_named():
            dataset.say_unknown_normalizer(normalizer.identity)
            dataset.normalizer_left(normalizer.identity)  # refuses another one
        return LineSource(dataset, self._form_of_lines(dataset), self.training_input.rows.on_error)

    def _form_of_lines(self, dataset: Dataset) -> LabelForm:
        conversion = self.training_input.conversion
        form = dataset.label_form
        if not isinstance(conversion, OnTheFlyParams):
            return form
        if conversion.multi_label and not dataset.info:  # lines made elsewhere do not say it
            return LabelForm(multi_label=True)
        if (conversion.auto and not form.bin_edges) or (conversion.multi_label and not form.multi_label):
            raise UsageError(f"{dataset.path} is converted already: --auto and --multi-label are for datasets of rows")
        return form
