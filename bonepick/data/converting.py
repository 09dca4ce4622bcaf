"""Convert: a dataset as fastText's text files, `train.txt`, `valid.txt` and `test.txt`."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.params import Params
from bonepick.data.normalizing import normalized, refuse_normalized, truncation
from bonepick.data.rewriting import Line, Rewrite, rewrite
from bonepick.data.rows import Row, RowParams
from bonepick.data.shards import Shard, find_split_shards
from bonepick.text.fasttext_lines import fasttext_line
from bonepick.text.normalizers import Normalizer


@dataclass(frozen=True, kw_only=True)
class ConvertParams(Params):
    """Which normalizer."""

    name: str = "whitespace"
    """The normalizer: whitespace, plsfix, tokenizer, ultrafine, ultrafine-plus or potion."""


@dataclass(frozen=True)
class ConvertStep:
    """One row as a fastText line."""

    normalizer: Normalizer
    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> Line:
        """Return the line.

        Raises:
            BonepickError: the row has no usable text or label, or its text cannot be normalized.
        """
        text, label = self.rows.text(row), self.rows.label(row)
        line = fasttext_line(label, normalized(self.normalizer, text)).encode()
        return Line(line, label, truncation(self.normalizer, text))


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
        BonepickError: the input has no splits, no such normalizer or tokenizer, or see `rewrite`.
    """
    find_split_shards(input_dir)
    refuse_normalized(input_dir)
    normalizer = Normalizer(params.name, tokenizer)
    step = ConvertStep(normalizer, rows)
    operation = Rewrite("convert", params, step, fasttext_file, normalizer.identity, rows.limits)
    rewrite(operation, input_dir, output_dir, rows.on_error, workers, overwrite)
