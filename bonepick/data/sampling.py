"""Sample: a share of the rows, or as many as fit a size; each split keeps its share."""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import groupby, repeat
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.outputs import atomic_directory
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.data.dataset import DatasetTally, common_normalizer
from bonepick.data.label_forms import labels_of
from bonepick.data.rewriting import Line, quarantine, summarize
from bonepick.data.rows import BlockDone, Row, RowParams, each_block
from bonepick.data.shards import LineWriter, Shard, find_shards
from bonepick.data.splitting import stable_hash

_UNITS = {"": 1, "b": 1}
_UNITS |= {f"{letter}b": 1000**power for power, letter in enumerate("kmgt", 1)}
_UNITS |= {f"{letter}ib": 1024**power for power, letter in enumerate("kmgt", 1)}


@dataclass(frozen=True, kw_only=True)
class SampleParams(Params):
    """How many rows stay, by a share or by a size, and which."""

    rate: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Share of the rows to keep, below 1."""
    size: str = ""
    """In place of a rate: bytes of uncompressed lines to keep at most, such as 500MB or 2GiB."""
    seed: Seed = 42
    """Seed of the choice of rows; a sample of a sample wants another one."""

    def __post_init__(self) -> None:
        """Refuse a size that cannot be read."""
        super().__post_init__()
        if self.size:
            bytes_of(self.size)


def bytes_of(size: str) -> int:
    """Read a size: a number with kB, MB, GB, TB (decimal), KiB, MiB, GiB, TiB (binary) or B, in any case.

    Raises:
        UsageError: it is none.

    >>> bytes_of("500MB"), bytes_of("1.5KiB"), bytes_of("70")
    (500000000, 1536, 70)
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)", size.strip().lower())
    if not found or found[2] not in _UNITS:
        raise UsageError(f"size is {shortened(size)}: wanted bytes such as 500MB, 1.5GB or 2GiB")
    return int(Decimal(found[1]) * _UNITS[found[2]])


@dataclass(frozen=True)
class SampleStep:
    """One row as it is, with its label; None where it is left out."""

    rows: RowParams
    seed: int
    rate: float

    def __call__(self, row: Row, raw: bytes) -> Line | None:
        """Choose by hash."""
        return line_of(self.rows, row, raw) if _hash(self.seed, raw) < self.rate * 2**64 else None


def _measure(seed: int, row: Row, raw: bytes) -> tuple[int, int]:
    return _hash(seed, raw), len(raw) + 1


def _hash(seed: int, raw: bytes) -> int:
    # with a word of its own: what balance kept by the same seed would all have low hashes
    return stable_hash(seed, "sample", raw)


def line_of(rows: RowParams, row: Row, raw: bytes) -> Line:
    """Return a row as it is, with its labels for `dataset.json` where they can be used."""
    try:
        return Line(raw, labels_of(rows.label_value(row)))
    except BonepickError:
        return Line(raw)


def sample_dataset(
    input_dirs: Sequence[Path],
    output_dir: Path,
    params: SampleParams,
    rows: RowParams,
    workers: int = 1,
    overwrite: bool = False,
) -> None:
    """Write a sample of the rows of some datasets, or plain trees of shards; rows keep all fields and their order.

    Which rows stay depends on the seed and the rows alone. Equal rows stay or go together, save where a size ends
    among them. A size is filled in the order of the rows' hashes; a row that does not fit is passed over, so that in
    the end none that was left out would fit. With several inputs, each one's shards lie in a folder of its number.

    Raises:
        UsageError: neither rate nor size is given, or both.
        BonepickError: an input is no dataset, comes twice or differs from the others in its normalizer or in having
            splits, a row cannot be read and `on_error` is `fail`, or the output is occupied.
    """
    if bool(params.rate) == bool(params.size):
        raise UsageError("give either a --rate above 0 or a --size, not both")
    normalizer, targets = common_normalizer(input_dirs), _targets(input_dirs)
    tally, seen, size = DatasetTally(), 0, 0
    with atomic_directory(output_dir, "dataset", overwrite, input_dirs) as folder:
        chosen: dict[str, Iterator[int]] = defaultdict(lambda: repeat(1))
        if params.size:
            measured = each_block(targets, partial(_measure, params.seed), rows.on_error, workers, "measure")
            chosen.update({split: iter(mask) for split, mask in _fitting(measured, bytes_of(params.size)).items()})
        step = SampleStep(rows, params.seed, params.rate or 1.0)
        blocks = each_block(targets, step, rows.on_error, workers, "sample", rows.limits)
        for target, group in groupby(blocks, key=lambda done: targets[done.shard]):
            with LineWriter(folder / target) as writer:
                for done in group:
                    split = done.shard.split
                    # the rows come first: zip takes no mark for a row that is not there
                    kept = [line for line, keep in zip(done.items, chosen[split], strict=False) if keep and line]
                    lines = [line.data for line in kept]
                    writer.write(lines)
                    tally.add(split, lines, [label for line in kept for label in line.labels], len(done.set_aside))
                    quarantine(folder, target, done)
                    seen, size = seen + len(done.items), size + sum(map(len, lines)) + len(lines)
        tally.info("sample", params, normalizer).save(folder)
    summarize("sample", output_dir, tally, {"bytes of lines": size, "rows left out": seen - tally.rows})


def _targets(input_dirs: Sequence[Path]) -> dict[Shard, str]:
    inputs = [find_shards(input_dir) for input_dir in input_dirs]
    for number, (input_dir, shards) in enumerate(zip(input_dirs, inputs, strict=True)):
        if input_dir.resolve() in [other.resolve() for other in input_dirs[:number]]:
            raise BonepickError(f"{input_dir} is given twice: name each input once")
        if bool(shards[0].split) != bool(inputs[0][0].split):
            raise BonepickError(
                f"{input_dirs[0]} and {input_dir}: one has splits, the other has none: sample them apart"
            )
    return {
        shard: f"{shard.split}/{f'{number}/' if len(inputs) > 1 else ''}{shard.name}.jsonl.zst".lstrip("/")
        for number, shards in enumerate(inputs)
        for shard in shards
    }


def _fitting(blocks: Iterable[BlockDone[tuple[int, int]]], size: int) -> dict[str, bytearray]:
    """Mark, split by split, the rows that fit: 16 bytes of memory for each row, not the row."""
    import numpy as np

    hashes: dict[str, array[int]] = defaultdict(lambda: array("Q"))
    sizes: dict[str, array[int]] = defaultdict(lambda: array("Q"))
    for done in blocks:
        hashes[done.shard.split].extend(digest for digest, _ in done.items)
        sizes[done.shard.split].extend(length for _, length in done.items)
    totals = {split: sum(lengths) for split, lengths in sizes.items()}
    whole, before, used, chosen = sum(totals.values()), 0, 0, dict[str, bytearray]()
    if whole <= size:
        note(f"sample: all rows are {whole:,} bytes, no more than {size:,}: all are kept")
    # the smallest split first: what its last row leaves of its share goes to a bigger one, which feels it least
    for split in sorted(totals, key=lambda split: (totals[split], split)):
        before += totals[split]
        room = min(size, whole) * before // max(whole, 1) - used
        chosen[split] = bytearray(len(sizes[split]))
        for place in np.argsort(np.asarray(hashes[split]), kind="stable"):
            length = sizes[split][place]
            if length <= room:
                chosen[split][place] = 1
                room, used = room - length, used + length
    return chosen
