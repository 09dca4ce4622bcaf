"""Normalize: every text of a dataset through one normalizer, all other fields as they are."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import Params
from bonepick.data.rewriting import Line, Rewrite, rewrite
from bonepick.data.rows import Row, RowParams, encode
from bonepick.text.normalizers import Normalizer

TRUNCATED = "texts truncated (longer than plsfix takes)"


@dataclass(frozen=True, kw_only=True)
class NormalizeParams(Params):
    """Which normalizer."""

    name: str = "plsfix"
    """The normalizer: whitespace, plsfix, tokenizer, ultrafine, ultrafine-plus or potion."""


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
        text, label = self.rows.text(row), self.rows.label(row)
        row[self.rows.text_field] = normalized(self.normalizer, text)
        return Line(encode(row), label, truncation(self.normalizer, text))


def normalized(normalizer: Normalizer, text: str) -> str:
    """Return a text through a normalizer.

    Raises:
        BonepickError: it cannot be normalized, or nothing is left of it.
    """
    result = normalizer(text)
    if not result.strip():
        raise BonepickError(f"nothing is left of text {shortened(text)} after {normalizer.name}")
    return result


def truncation(normalizer: Normalizer, text: str) -> str | None:
    """Return the remark to count where the normalizer drops the end of a text."""
    return TRUNCATED if normalizer.max_chars is not None and len(text) > normalizer.max_chars else None


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
    normalizer = Normalizer(params.name, tokenizer)
    operation = Rewrite("normalize", params, NormalizeStep(normalizer, rows), normalizer=normalizer.identity)
    rewrite(operation, input_dir, output_dir, rows.on_error, workers, overwrite)
