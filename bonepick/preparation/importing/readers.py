"""Readers of the files of an account: for each split, a function that reads its rows from the start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.core.progress import progress
from bonepick.data.row_loop import BlockResult, each_block, reject
from bonepick.data.rows import Row, decode
from bonepick.data.shards import Shard
from bonepick.data.unpack import unpacked
from bonepick.preparation.importing.account import Account, DataFile
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.csv_files import read_csv
from bonepick.preparation.importing.formats import Format
from bonepick.preparation.importing.reading import Reading
from bonepick.preparation.importing.split_readers import SplitReaders
from bonepick.preparation.importing.tables import arrow_batches, parquet_batches, read_table

MAX_ARRAY = 1 << 28  # bytes of a JSON array, which has to be in memory as a whole


def account_readers(account: Account, reading: Reading) -> SplitReaders[Row]:
    """Return the readers of the files of each split."""
    return {split: partial(_read_split, split, files, reading) for split, files in account.splits.items()}


def _read_split(split: str, files: Sequence[DataFile], reading: Reading) -> Iterator[BlockResult[Row]]:
    for form, group in groupby(files, lambda file: file.format):
        shards = [file.shard for file in group]
        if form == "JSONL":  # in worker processes
            step = _WithNames(reading.labels)
            yield from each_block(shards, step, reading.on_error, reading.workers, f"read {split}")
            continue
        with progress(f"read {split}") as advance:
            for shard in shards:
                for block in _read_file(form, shard, reading):
                    block.items = list(map(reading.labels.named, block.items))
                    yield block
                    advance(len(block.items) + len(block.rejected))


def _read_file(form: Format, shard: Shard, reading: Reading) -> Iterator[BlockResult[Row]]:
    match form:
        case "Parquet":
            return read_table(shard, parquet_batches, reading)
        case "Arrow":
            return read_table(shard, arrow_batches, reading)
        case "JSON array":
            return _read_array(shard, reading.on_error)
        case _:
            return read_csv(shard, reading.dialects[form], reading)


@dataclass(frozen=True)
class _WithNames:
    """A row as it is, but for the names of its classes."""

    labels: ClassLabels

    def __call__(self, row: Row, raw: bytes) -> Row:
        return self.labels.named(row)


def _read_array(shard: Shard, on_error: OnError) -> Iterator[BlockResult[Row]]:
    """Yield the objects of a JSON array, each with its number."""
    data = bytearray()
    for chunk in unpacked(shard.path):
        data += chunk
        if len(data) > MAX_ARRAY:
            raise BonepickError(
                f"{shard.path} is one JSON array of more than {MAX_ARRAY >> 20} MB: write lines (jq -c '.[]')"
            )
    try:
        values = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        raise BonepickError(f"{shard.path}: not a JSON array ({error}): fetch or write this file again") from None
    result: BlockResult[Row] = BlockResult(shard)
    for number, raw in enumerate(values, 1):
        try:
            result.items.append(decode(bytes(raw)))
            result.lines.append(number)
        except BonepickError as error:
            result.rejected.append(reject(shard, number, bytes(raw), error, on_error))
    yield result
