"""Normalize: every text of a dataset through one normalizer, all other fields as they are."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.dataset import DatasetInfo, describe_normalizer
from bonepick.data.label_forms import labels_of
from bonepick.data.rewriting import Line, Rewrite, mirrored, rewrite
from bonepick.data.rows import Row, RowParams, encode
from bonepick.text.normalizers import Normalizer, NormalizerParams


@dataclass(frozen=True, kw_only=True)
class NormalizeParams(NormalizerParams):
    """Which normalizer."""

    name: str = "plsfix"


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
        text, labels = self.rows.text(row), labels_of(self.rows.label_value(row))
        row[self.rows.text_field] = self.normalizer.nonblank(text)
        return Line(encode(row), labels, truncation(self.normalizer, text))


def refuse_normalized(input_dir: Path) -> None:
    """Refuse a dataset that went through a normalizer: a model would be trained on what evaluation never sees.

    Raises:
        BonepickError: it did.
    """
    info = DatasetInfo.load(input_dir)
    if info and info.normalizer:
        done = describe_normalizer(info.normalizer)
        raise BonepickError(f"{input_dir} is normalized already with {done}: take the rows before normalization")


def truncation(normalizer: Normalizer, text: str) -> str | None:
    """Return the remark to count where the normalizer drops the end of a text."""
    cut = normalizer.max_chars
    return f"texts cut (longer than {cut:,} characters)" if cut is not None and len(text) > cut else None


def normalize_dataset(
    input_dir: Path,
    output_dir: Path,
    params: NormalizeParams,
    rows: RowParams,
    tokenizer: str = "packaged",
    workers: int = 1,
    overwrite: bool = False,
) -> None:
    """Write a dataset, or a plain tree of shards, with normalized texts; shards keep their names and order.

    Raises:
        UsageError: the text field is an expression: the normalized text goes back into a field.
        BonepickError: no such normalizer or tokenizer, or see `rewrite`.
    """
    if rows.text_field.startswith("."):
        raise UsageError(f"--text-field {rows.text_field}: normalize writes the text back, so it takes a field's name")
    refuse_normalized(input_dir)
    normalizer = params.normalizer(tokenizer)
    step = NormalizeStep(normalizer, rows)
    operation = Rewrite("normalize", params, step, mirrored, normalizer.identity, limits=rows.limits)
    rewrite(operation, input_dir, output_dir, rows.on_error, workers, overwrite)
