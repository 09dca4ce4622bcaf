"""Normalize: every text of a dataset through one normalizer, all other fields as they are."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.label_forms import labels_of
from bonepick.data.rows import Row, RowParams, encode
from bonepick.data.writer import Line, new_dataset
from bonepick.preparation.rewrite import Rewrite, rewrite
from bonepick.text.normalizer import Normalizer, NormalizerName, NormalizerParams


@dataclass(frozen=True, kw_only=True)
class NormalizeParams(NormalizerParams):
    """Which normalizer."""

    normalizer: NormalizerName = "plsfix"


@dataclass(frozen=True)
class NormalizeStep:
    """One row with its text normalized."""

    normalizer: Normalizer
    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> Line:
        """Return the row with the normalized text in place of its text.

        Raises:
            BonepickError: the row has no usable text or label, or its text cannot be normalized.
        """
        text = self.rows.text(row)
        labels = labels_of(self.rows.label_value(row))
        row[self.rows.text_field] = self.normalizer.nonblank(text)
        return Line(encode(row), labels, truncation(self.normalizer, text))


def refuse_normalized(dataset: Dataset) -> None:
    """Refuse a dataset that went through a normalizer: a model would be trained on what evaluation never sees.

    Raises:
        BonepickError: it did.
    """
    if dataset.normalizer:
        raise BonepickError(
            f"{dataset.path} is normalized already with {dataset.normalizer}: take the rows before normalization"
        )


def truncation(normalizer: Normalizer, text: str) -> str:
    """Return the remark to count where the normalizer drops the end of a text, else nothing."""
    longest = normalizer.max_chars
    return f"texts cut (longer than {longest:,} characters)" if longest is not None and len(text) > longest else ""


def normalize_dataset(
    input_dir: Path, output_dir: Path, params: NormalizeParams, rows: RowParams, run: Run = Run()
) -> DatasetInfo:
    """Write a dataset, or a plain tree of shards, with normalized texts; shards keep their names and order.

    Raises:
        UsageError: the text field is an expression: the normalized text goes back into a field.
        BonepickError: no such normalizer or tokenizer, a row is rejected and `on_error` is `fail`, the input is no
            dataset of rows or is normalized already, or the output is occupied.
    """
    if rows.text_field.startswith("."):
        raise UsageError(f"--text-field {rows.text_field}: normalize writes the text back, so it takes a field's name")
    dataset = Dataset.open_rows(input_dir, rows.text_field)
    refuse_normalized(dataset)
    normalizer = params.make()
    provenance = Provenance("normalize", params, normalizer.identity, text_field=rows.text_field)
    if dataset.info and dataset.info.normalizer:
        note(f"{input_dir}: of its field {dataset.normalized_field!r} it is said no longer that it is normalized")
    operation = Rewrite(provenance, NormalizeStep(normalizer, rows), rows.on_error, rows.limits)
    with new_dataset(output_dir, [input_dir, *local_paths(params.tokenizer)], run) as writer:
        return rewrite(writer, dataset.shards, operation, run.workers)
