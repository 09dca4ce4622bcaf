"""Convert: a dataset as fastText's text files, `train.txt`, `valid.txt` and `test.txt`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.data.dataset import DatasetTally
from bonepick.data.label_forms import LabelForm, describe_bins, equal_count_edges, names_in, number_of
from bonepick.data.normalizing import refuse_normalized, truncation
from bonepick.data.rewriting import Line, Rewrite, rewrite_into, summarize
from bonepick.data.rows import Row, RowParams, each_block
from bonepick.data.shards import SPLITS, Shard, find_split_shards
from bonepick.text.fasttext_lines import fasttext_line
from bonepick.text.normalizers import Normalizer, NormalizerParams


@dataclass(frozen=True, kw_only=True)
class ConvertParams(NormalizerParams):
    """Which normalizer, and how labels are read."""

    name: str = "whitespace"
    auto: Annotated[int, Meta(ge=0)] = 0
    """Put numeric labels into this many bins of equal count, learned on train/; 0 takes labels as they are."""
    multi_label: bool = False
    """Labels are an object of 0 and 1: a line gets a label for each 1."""

    def __post_init__(self) -> None:
        """Refuse numbers of bins that make no sense.

        Raises:
            UsageError: one bin, or bins of an object.
        """
        super().__post_init__()
        if self.auto == 1 or (self.auto and self.multi_label):
            wanted = "2 bins at least" if self.auto == 1 else "either bins or multi_label"
            raise UsageError(f"auto is {self.auto}: wanted {wanted}")


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
        text, value = self.rows.text(row), self.rows.label_value(row)
        labels = self.label_form.labels(value)
        line = fasttext_line(labels, self.normalizer.nonblank(text)).encode()
        return Line(line, labels, truncation(self.normalizer, text), names_in(value))


def fasttext_file(shard: Shard) -> str:
    """Return the name of the text file that a shard's rows go to."""
    return f"{shard.split}.txt"


def convert_to_fasttext(
    input_dir: Path,
    output_dir: Path,
    params: ConvertParams,
    rows: RowParams,
    tokenizer: str = "packaged",
    workers: int = 1,
    overwrite: bool = False,
) -> None:
    """Write a dataset as fastText lines, one line a row in the rows' order, one file a split.

    Raises:
        BonepickError: see `convert_into`, or the output is occupied.
    """
    with atomic_directory(output_dir, "dataset", overwrite, [input_dir, *local_paths(tokenizer)]) as folder:
        label_form = learned_form([input_dir], params, rows, workers)
        tally, remarks = convert_into(folder, input_dir, params, label_form, rows, tokenizer, workers)
    summarize("convert", output_dir, tally, remarks)


def convert_into(
    folder: Path,
    input_dir: Path,
    params: ConvertParams,
    label_form: LabelForm,
    rows: RowParams,
    tokenizer: str,
    workers: int,
    splits: Sequence[str] = SPLITS,
) -> tuple[DatasetTally, Counter[str]]:
    """Write the lines of some splits into an empty folder; return what was written, and how often each remark was made.

    Raises:
        BonepickError: the input has no splits or is normalized, no such normalizer or tokenizer, a row cannot be
            used and `on_error` is `fail`.
    """
    shards = [shard for shard in find_split_shards(input_dir) if shard.split in splits]
    refuse_normalized(input_dir)
    normalizer = params.normalizer(tokenizer)
    step = ConvertStep(normalizer, rows, label_form)
    operation = Rewrite("convert", params, step, fasttext_file, normalizer.identity, label_form, rows.limits)
    return rewrite_into(folder, operation, shards, rows.on_error, workers)


@dataclass(frozen=True)
class _NumberStep:
    """One row as its numeric label; rows without a text are no more learned from than converted."""

    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> float:
        self.rows.text(row)
        return number_of(self.rows.label_value(row))


def learned_form(input_dirs: Sequence[Path], params: ConvertParams, rows: RowParams, workers: int) -> LabelForm:
    """Return how labels are read; bins are learned on the train rows of all datasets together.

    Raises:
        BonepickError: an input has no splits, a row cannot be used and `on_error` is `fail`, or all numbers are equal.
    """
    if not params.auto:
        return LabelForm(params.multi_label)
    train = [shard for folder in input_dirs for shard in find_split_shards(folder) if shard.split == "train"]
    blocks = each_block(train, _NumberStep(rows), rows.on_error, workers, "learn bins", rows.limits)
    counts = Counter(number for done in blocks for number in done.items)
    edges = equal_count_edges(counts, params.auto)
    if not edges:
        found = f"all labels there are {next(iter(counts)):g}" if counts else "there are none with a label"
        where = ", ".join(map(str, input_dirs))
        raise BonepickError(f"{where}: bins are learned on train/ rows, but {found}: wanted two numbers at least")
    made = len(edges) + 1
    fewer = f" of the {params.auto} that were asked for, equal labels cannot be parted" if made < params.auto else ""
    note(f"bins of {rows.label_field!r} on train/: {made}{fewer}; {describe_bins(edges, counts)}")
    return LabelForm(bin_edges=edges)
