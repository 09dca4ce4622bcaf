"""Sample: a share of the rows, or as many as fit a size; each split keeps its share."""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.label_forms import labels_of
from bonepick.data.row_loop import BlockResult, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.several_datasets import common_normalized_field, common_normalizer, joined_shards, refuse_repeated
from bonepick.data.splitting import stable_hash
from bonepick.data.unchanged import unchanged
from bonepick.data.writer import Line, new_dataset

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
    parts = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)", size.strip().lower())
    if not parts or parts[2] not in _UNITS:
        raise UsageError(f"size is {shortened(size)}: wanted bytes such as 500MB, 1.5GB or 2GiB")
    return int(Decimal(parts[1]) * _UNITS[parts[2]])


@dataclass(frozen=True)
class SampleStep:
    """One row as it is, with its label; None where it is not chosen."""

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
    input_dirs: Sequence[Path], output_dir: Path, params: SampleParams, rows: RowParams, run: Run = Run()
) -> DatasetInfo:
    """Write a sample of the rows of some datasets, or plain trees of shards; rows keep all fields and their order.

    Which rows stay depends on the seed and the rows alone. Equal rows stay or go together, save where a size ends
    among them. A size is filled in the order of the rows' hashes; a row that does not fit is passed over, so that in
    the end none that did not stay would fit. With several inputs, each one's shards lie in a folder of its number.

    Raises:
        UsageError: neither rate nor size is given, or both; or an input is given twice.
        BonepickError: an input is no dataset of rows, or differs from the others in its normalizer or in having
            splits, a row is rejected and `on_error` is `fail`, an input changes meanwhile, or the output is occupied.
    """
    if bool(params.rate) == bool(params.size):
        raise UsageError(f"{'both' if params.rate else 'neither'} of --rate (above 0) and --size given: wanted one")
    datasets = [Dataset.open_rows(input_dir) for input_dir in input_dirs]
    refuse_repeated(datasets)
    _refuse_mixed(datasets)
    normalizer = common_normalizer(datasets)
    shards = joined_shards(datasets)
    rows_seen, bytes_kept = 0, 0
    with new_dataset(output_dir, input_dirs, run) as writer, unchanged([shard.path for shard in shards]):
        chosen: dict[str, Iterator[int]] = defaultdict(lambda: repeat(1))
        if params.size:
            measured = each_block(
                shards, RowLoop(partial(_measure, params.seed), rows.on_error), run.workers, "measure"
            )
            chosen.update({split: iter(mask) for split, mask in _fitting(measured, bytes_of(params.size)).items()})
        step = SampleStep(rows, params.seed, params.rate or 1.0)
        for block in each_block(shards, RowLoop(step, rows.on_error), run.workers, "sample", rows.limits):
            # the rows come first: zip takes no mark for a row that is not there
            marked = zip(block.items, chosen[block.shard.split], strict=False)
            kept = [line for line, keep in marked if keep and line]
            writer.write(block.shard.split, block.shard.mirror, kept)
            writer.reject(block)
            rows_seen += len(block.items)
            bytes_kept += sum(len(line.data) + 1 for line in kept)
        info = writer.finish(Provenance("sample", params, normalizer, text_field=common_normalized_field(datasets)))
        writer.remarks.update({"bytes of lines": bytes_kept, "rows left out": rows_seen - info.rows})
    return info


def _refuse_mixed(datasets: Sequence[Dataset]) -> None:
    for dataset in datasets:
        if dataset.has_splits != datasets[0].has_splits:
            raise BonepickError(
                f"{datasets[0].path} and {dataset.path}: one has splits, the other has none: sample them apart"
            )


def _fitting(blocks: Iterable[BlockResult[tuple[int, int]]], size: int) -> dict[str, bytearray]:
    """Mark, split by split, the rows that fit: 16 bytes of memory for each row, not the row."""
    import numpy as np

    hashes: dict[str, array[int]] = defaultdict(lambda: array("Q"))
    sizes: dict[str, array[int]] = defaultdict(lambda: array("Q"))
    for block in blocks:
        hashes[block.shard.split].extend(digest for digest, _ in block.items)
        sizes[block.shard.split].extend(length for _, length in block.items)
    totals = {split: sum(lengths) for split, lengths in sizes.items()}
    whole = sum(totals.values())
    before, used = 0, 0
    chosen: dict[str, bytearray] = {}
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
