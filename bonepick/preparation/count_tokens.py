"""Count tokens: documents, bytes, characters and tokens per dataset and split."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bonepick.core.json_format import json_bytes
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.core.tables import as_text
from bonepick.data.dataset import Dataset
from bonepick.data.row_loop import RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.shards import SPLITS
from bonepick.text.tokenizer import PACKAGED, load_tokenizer

ALL = "all"


@dataclass(frozen=True)
class TokenCount:
    """Counts of one split of a dataset, or of `all` of it. Bytes are those of the texts in UTF-8."""

    dataset: str
    split: str
    documents: int
    bytes: int
    characters: int
    tokens: int
    rejected: int

    @property
    def ratios(self) -> dict[str, float | None]:
        """Return tokens per document and per byte, and bytes per token; None where that would divide by nothing."""
        return {
            "tokens_per_document": _ratio(self.tokens, self.documents, 2),
            "tokens_per_byte": _ratio(self.tokens, self.bytes, 6),
            "bytes_per_token": _ratio(self.bytes, self.tokens, 6),
        }


def _ratio(part: int, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


@dataclass(frozen=True)
class TokenCounts:
    """The counts, dataset by dataset, its splits before all of it; as a string the table that a terminal shows."""

    tokenizer: str
    counts: list[TokenCount]

    def json(self) -> str:
        """Return all of it as JSON; `tokenizer` is the sha256 of its file."""
        counts = [{**asdict(count), **count.ratios} for count in self.counts]
        return json_bytes({"tokenizer": self.tokenizer, "counts": counts}, order=None).decode()

    def __str__(self) -> str:
        table = [["dataset", "split", "documents", "bytes", "characters", "tokens"]]
        table[0] += ["tokens/doc", "tokens/byte", "bytes/token"]
        for count in self.counts:
            whole = [f"{number:,}" for number in (count.documents, count.bytes, count.characters, count.tokens)]
            ratios = [
                "-" if ratio is None else f"{ratio:,.{decimals}f}"
                for ratio, decimals in zip(count.ratios.values(), (1, 3, 3), strict=True)
            ]
            table.append([count.dataset, count.split, *whole, *ratios])
        return as_text(table, left=2)


@dataclass(frozen=True)
class TokenStep:
    """One row as the bytes, characters and tokens of its text."""

    rows: RowParams
    tokenizer: str

    def __call__(self, row: Row, raw: bytes) -> tuple[int, int, int]:
        """Return them; tokens without those that a tokenizer adds at the ends.

        Raises:
            BonepickError: the row has no usable text.
        """
        text = self.rows.text(row)
        encoded = load_tokenizer(self.tokenizer).inner.encode(text, add_special_tokens=False)
        return len(text.encode()), len(text), len(encoded)


def count_tokens(
    input_dirs: Sequence[Path], rows: RowParams, tokenizer: str = PACKAGED, run: Run = Run()
) -> TokenCounts:
    """Count the tokens of some datasets, or plain trees of shards; labels are not looked at.

    Raises:
        BonepickError: an input is no dataset of rows, the tokenizer cannot be had, or a row is rejected and
            `on_error` is `fail`.
    """
    digest = load_tokenizer(tokenizer).digest  # here too: in a step, its faults would be the rows'
    datasets = [Dataset.open_rows(input_dir) for input_dir in input_dirs]
    step = TokenStep(rows, tokenizer)
    counts = [count for dataset in datasets for count in _counts(dataset, step, run.workers)]
    if rejected := sum(count.rejected for count in counts if count.split == ALL):
        note(f"count-tokens: {rejected:,} rows were rejected")
    return TokenCounts(digest, counts)


def _counts(dataset: Dataset, step: TokenStep, workers: int) -> list[TokenCount]:
    splits = {shard.split for shard in dataset.shards}
    names = [name for name in (*SPLITS, ALL) if name in {ALL, *splits}]
    sums = {name: [0] * 5 for name in names}
    loop = RowLoop(step, step.rows.on_error)
    for block in each_block(dataset.shards, loop, workers, "count tokens", step.rows.limits):
        texts = [sum(item[column] for item in block.items) for column in range(3)]
        for name in {block.shard.split, ALL} & set(names):
            more = (len(block.items), *texts, len(block.rejected))
            sums[name] = [before + new for before, new in zip(sums[name], more, strict=True)]
    return [TokenCount(str(dataset.path), name, *sums[name]) for name in names]
