"""Convert: a dataset as fastText's text files, `train.txt`, `valid.txt` and `test.txt`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import BonepickError
from bonepick.core.params import Fault
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.fasttext_lines import fasttext_line
from bonepick.data.label_forms import ONE_LABEL, LabelForm, describe_bins, equal_count_edges, names_in, number_of
from bonepick.data.odd_labels import refuse_scores
from bonepick.data.origins import origin_of
from bonepick.data.row_loop import RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.shards import SPLITS, Shard
from bonepick.data.unchanged import unchanged
from bonepick.data.writer import DatasetWriter, Line, new_dataset
from bonepick.preparation.normalize import refuse_normalized, truncation
from bonepick.preparation.rewrite import Rewrite, rewrite
from bonepick.text.normalizer import Normalizer, NormalizerName, NormalizerParams


@dataclass(frozen=True, kw_only=True)
class ConvertParams(NormalizerParams):
    """Which normalizer, and how labels are read."""

    normalizer: NormalizerName = "whitespace"
    auto: Annotated[int, Meta(ge=0, le=10_000)] = 0
    """Put numeric labels into this many bins of equal count, learned on train/; 0 takes labels as they are."""
    multi_label: bool = False
    """Labels are an object of 0 and 1: a line gets a label for each 1."""

    def faults_together(self) -> Iterator[Fault]:
        """Yield numbers of bins that make no sense: one bin, or bins of an object."""
        if self.auto == 1 or (self.auto and self.multi_label):
            wanted = "2 bins at least" if self.auto == 1 else "either bins or multi_label"
            yield Fault("auto", f"wanted {wanted}", self.auto)


@dataclass(frozen=True)
class ConvertStep:
    """One row as a fastText line."""

    normalizer: Normalizer
    rows: RowParams
    label_form: LabelForm

    def __call__(self, row: Row, raw: bytes) -> Line:
        """Return the line.

        Raises:
            BonepickError: the row has no usable text or label, or its text cannot be normalized.
        """
        text = self.rows.text(row)
        value = self.rows.label_value(row)
        labels = self.label_form.labels(value)
        line = fasttext_line(labels, self.normalizer.nonblank(text)).encode()
        return Line(line, labels, truncation(self.normalizer, text), names_in(value), origin_of(row))


def fasttext_file(shard: Shard) -> str:
    """Return the name of the text file that a shard's rows go to."""
    return f"{shard.split}.txt"


@dataclass(frozen=True)
class Conversion:
    """All that decides which line a row becomes.

    Attributes:
        params: which normalizer.
        rows: how rows are read.
        label_form: how their labels are; see `learned_label_form`.
    """

    params: ConvertParams
    rows: RowParams
    label_form: LabelForm

    def write(
        self, writer: DatasetWriter, dataset: Dataset, workers: int, splits: Sequence[str] = SPLITS
    ) -> DatasetInfo:
        """Write the lines of some splits of a dataset.

        Raises:
            BonepickError: it is normalized already, no such normalizer or tokenizer, a row is rejected and `on_error`
                is `fail`, or labels are scores (see `refuse_scores`).
        """
        refuse_normalized(dataset)
        normalizer = self.params.make()
        step = ConvertStep(normalizer, self.rows, self.label_form)
        provenance = Provenance("convert", self.params, normalizer.identity, self.label_form)
        operation = Rewrite(provenance, step, self.rows.on_error, self.rows.limits, fasttext_file)
        info = rewrite(writer, dataset.split(*splits), operation, workers)
        if self.label_form == ONE_LABEL:
            refuse_scores(writer.labels("train"), f"train/ of {dataset.path}")
        return info


def convert_to_fasttext(
    input_dir: Path, output_dir: Path, params: ConvertParams, rows: RowParams, run: Run = Run()
) -> DatasetInfo:
    """Write a dataset as fastText lines, one line a row in the rows' order, one file a split.

    Where rows have a `source` or a `group`, a file beside says which: see `bonepick.data.origins`.

    Raises:
        BonepickError: the input has no splits or is normalized, labels cannot be put into bins (see
            `learned_label_form`), a row is rejected and `on_error` is `fail`, the input changes meanwhile, or the
            output is occupied.
    """
    dataset = Dataset.open_splits(input_dir, rows.text_field)
    inputs = [input_dir, *local_paths(params.tokenizer)]
    with new_dataset(output_dir, inputs, run) as writer, unchanged(dataset.files):
        label_form = learned_label_form([dataset], params, rows, run.workers)
        return Conversion(params, rows, label_form).write(writer, dataset, run.workers)


@dataclass(frozen=True)
class _NumberStep:
    """One row as its numeric label; rows without a text are no more learned from than converted."""

    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> float:
        self.rows.text(row)
        return number_of(self.rows.label_value(row))


def learned_label_form(datasets: Sequence[Dataset], params: ConvertParams, rows: RowParams, workers: int) -> LabelForm:
    """Return how labels are read; bins are learned on the train rows of all datasets together.

    Raises:
        BonepickError: a row is rejected and `on_error` is `fail`, there are no train rows, or all numbers are equal.
    """
    if not params.auto:
        return LabelForm(params.multi_label)
    train = [shard for dataset in datasets for shard in dataset.split("train")]
    blocks = each_block(train, RowLoop(_NumberStep(rows), rows.on_error), workers, "learn bins", rows.limits)
    counts = Counter(number for block in blocks for number in block.items)
    edges = equal_count_edges(counts, params.auto)
    if not edges:
        came = f"all labels there are {next(iter(counts)):g}" if counts else "there are none with a label"
        where = ", ".join(str(dataset.path) for dataset in datasets)
        raise BonepickError(f"{where}: bins are learned on train/ rows, but {came}: wanted two numbers at least")
    bins = len(edges) + 1
    fewer = f" of the {params.auto} that were asked for, equal labels cannot be parted" if bins < params.auto else ""
    note(f"bins of {rows.label_field!r} on train/: {bins}{fewer}; {describe_bins(edges, counts)}")
    return LabelForm(bin_edges=edges)
