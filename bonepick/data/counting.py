"""Count tokens: documents, bytes, characters and tokens per dataset and split."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from bonepick.core.progress import note
from bonepick.data.rows import Row, RowParams, each_block
from bonepick.data.shards import SPLITS, find_shards
from bonepick.text.tokenizer import load_tokenizer

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
    set_aside: int

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
        raw = msgspec.json.encode({"tokenizer": self.tokenizer, "counts": counts})
        return msgspec.json.format(raw, indent=2).decode() + "\n"

    def __str__(self) -> str:
        columns = ("documents", "bytes", "characters", "tokens", "tokens/doc", "tokens/byte", "bytes/token")
        width = max(len(name) for name in ["dataset", *(count.dataset for count in self.counts)])
        lines = [f"{'dataset':<{width}}  split" + "".join(f" {name:>{max(len(name), 15)}}" for name in columns)]
        for count in self.counts:
            whole = (count.documents, count.bytes, count.characters, count.tokens)
            cells = [f"{number:,}" for number in whole]
            cells += [
                "-" if ratio is None else f"{ratio:,.{d}f}"
                for ratio, d in zip(count.ratios.values(), (1, 3, 3), strict=True)
            ]
            lines.append(f"{count.dataset:<{width}}  {count.split:<5}" + "".join(f" {cell:>15}" for cell in cells))
        return "\n".join(lines) + "\n"


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
    input_dirs: Sequence[Path], rows: RowParams, tokenizer: str = "packaged", workers: int = 1
) -> TokenCounts:
    """Count the tokens of some datasets, or plain trees of shards; labels are not looked at.

    Raises:
        BonepickError: an input is no dataset, the tokenizer cannot be had, or a row has no usable text and `on_error`
            is `fail`.
    """
    digest = load_tokenizer(tokenizer).digest  # here too: in a step, its faults would be the rows'
    inputs, counts, step = (
        [find_shards(folder) for folder in input_dirs],
        list[TokenCount](),
        TokenStep(rows, tokenizer),
    )
    for input_dir, shards in zip(input_dirs, inputs, strict=True):
        names = [name for name in (*SPLITS, ALL) if name in {ALL, *(shard.split for shard in shards)}]
        sums = {name: [0] * 5 for name in names}
        for done in each_block(shards, step, rows.on_error, workers, "count tokens", rows.limits):
            texts = [sum(item[column] for item in done.items) for column in range(3)]
            for name in {done.shard.split, ALL} & set(names):
                more = (len(done.items), *texts, len(done.set_aside))
                sums[name] = [before + new for before, new in zip(sums[name], more, strict=True)]
        counts += [TokenCount(str(input_dir), name, *sums[name]) for name in names]
    if left_out := sum(count.set_aside for count in counts if count.split == ALL):
        note(f"count-tokens: {left_out:,} rows cannot be used and were left out")
    return TokenCounts(digest, counts)
