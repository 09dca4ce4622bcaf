"""Rows of Parquet and Arrow files: batch by batch, each file by its own schema."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.data.file_kinds import HEAD_BYTES, is_plain_text, kind_of
from bonepick.data.files import File, RemoteFile, reason, unreadable
from bonepick.data.row_loop import BlockResult, reject
from bonepick.data.rows import Row, encode
from bonepick.data.shards import Shard
from bonepick.preparation.importing.arrow_layout import refuse_damaged
from bonepick.preparation.importing.arrow_values import json_values
from bonepick.preparation.importing.class_labels import ClassLabels, media_columns
from bonepick.preparation.importing.reading import Reading

BATCH, BATCH_BYTES = 1_000, 1 << 23  # rows that are in memory at a time: fewer where they are long
BUFFER = 1 << 20  # a column of a row group is read in pieces of this size: it may be larger than memory
Schema = Callable[[pa.Schema], Collection[str]]
Batches = Callable[[IO[bytes], Schema], Iterator[pa.RecordBatch]]


def parquet_batches(file: IO[bytes], unwanted: Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file, without the columns that its schema says are not wanted."""
    with pq.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER) as parquet:
        schema = parquet.schema_arrow
        left_out = unwanted(schema)
        wanted = [name for name in schema.names if name not in left_out] if left_out else None
        groups = [parquet.metadata.row_group(number) for number in range(parquet.num_row_groups)]
        longest = max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0)
        yield from parquet.iter_batches(min(BATCH, max(BATCH_BYTES // (longest + 1), 1)), columns=wanted)


def arrow_batches(file: IO[bytes], unwanted: Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of an Arrow file, of the stream format or of the file format (Feather)."""
    magic = file.read(6)
    file.seek(0)
    with pa.ipc.open_file(file) if magic == b"ARROW1" else pa.ipc.open_stream(file) as reader:
        left_out = list(unwanted(reader.schema))
        in_file = isinstance(reader, pa.ipc.RecordBatchFileReader)
        batches = map(reader.get_batch, range(reader.num_record_batches)) if in_file else reader
        for batch in batches:
            wanted = batch.drop_columns(left_out)
            for column in wanted.columns:
                refuse_damaged(column)
            yield wanted


def rows_in(shards: Sequence[Shard]) -> int | None:
    """Return how many rows Parquet files say that they have; None where servers would have to be asked for them."""
    rows = 0
    for shard in shards:
        if not isinstance(shard.path, Path):
            return None
        with suppress(OSError, pa.ArrowException):  # who reads it says what is wrong
            rows += pq.read_metadata(shard.path).num_rows
    return rows


def read_table(shard: Shard, batches: Batches, reading: Reading) -> Iterator[BlockResult[Row]]:
    """Yield the rows of a file as JSON has them, with their number in the file, from 1.

    Numbers of classes become their names, where the file's schema has them.

    Raises:
        BonepickError: the file is damaged, has a column twice, or a row is rejected and `on_error` is `fail`.
    """
    rows_read = 0

    def unwanted(schema: pa.Schema) -> Collection[str]:
        return _looked_at(shard, schema, reading)

    try:
        with random_access(shard.path) as file:
            refuse_other_kind(shard.path, file)
            for batch in batches(file, unwanted):
                labels = ClassLabels.in_schema(batch.schema.metadata)
                for start in range(0, batch.num_rows, BATCH):
                    block = rows_of_batch(shard, batch.slice(start, BATCH), rows_read + 1, reading.on_error)
                    block.items = list(map(labels.named, block.items))
                    rows_read += len(block.items) + len(block.rejected)
                    yield block
    except BonepickError:
        raise
    except Exception as error:  # Arrow's have several bases, and what serves the file has its own
        if isinstance(shard.path, RemoteFile) and not isinstance(error, (pa.ArrowException, ValueError)):
            raise unreadable(shard.path.root, error, shard.path.url) from None
        raise BonepickError(
            f"{shard.path} cannot be read beyond row {rows_read} ({reason(error)}): fetch or write this file again"
        ) from None


def refuse_other_kind(path: File, file: IO[bytes]) -> None:
    """Refuse what clearly is no table, such as nothing or a pointer to one: Arrow's own message does not tell.

    Raises:
        BonepickError: it is no table; the message names what it is.
    """
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if not head:
        raise BonepickError(f"{path} is empty, not one byte, wanted a table: fetch or write this file again")
    kind = kind_of(head)
    if kind and kind.name not in ("a Parquet file", "an Arrow file", "an Arrow stream"):
        raise BonepickError(f"{path} is {kind.name}, wanted what its name says: {kind.advice or 'unpack it'}")
    if not kind and is_plain_text(head):
        raise BonepickError(f"{path} is plain text, wanted a table, as its name says: give it the ending of what it is")


def _looked_at(shard: Shard, schema: pa.Schema, reading: Reading) -> Collection[str]:
    """Return the columns that are not read, and say them, and which columns hold names of classes."""
    names = schema.names
    if repeated := [name for number, name in enumerate(names) if name in names[:number]]:
        raise ValueError(f"column {repeated[0]!r} is there twice")
    for column, classes in ClassLabels.in_schema(schema.metadata).names.items():
        reading.say_class_names(column, classes)
    media = media_columns(schema.metadata)
    for column, kind in media.items():
        reading.say_once(f"column {column!r} holds data of kind {kind}, and is left out: {shard.path}")
    return media


def rows_of_batch(shard: Shard, batch: pa.RecordBatch, first: int, on_error: OnError) -> BlockResult[Row]:
    """Return the rows of a batch as JSON has them; `first` is the number of its first row in the file.

    Raises:
        BonepickError: a string is no valid UTF-8, and `on_error` is `fail`.
    """
    numbers = list(range(first, first + batch.num_rows))
    try:
        return BlockResult(shard, _rows(batch, json_values), numbers)
    except UnicodeDecodeError:  # Arrow does not look whether a string is one
        return _one_by_one(shard, batch, numbers, on_error)


def _rows(batch: pa.RecordBatch, values_of: Callable[[pa.Array], list[Any]]) -> list[Row]:
    columns = [values_of(column) for column in batch.columns]
    if not columns:
        return [{} for _ in range(batch.num_rows)]
    return [dict(zip(batch.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]


def _one_by_one(shard: Shard, batch: pa.RecordBatch, numbers: list[int], on_error: OnError) -> BlockResult[Row]:
    result: BlockResult[Row] = BlockResult(shard)
    for position, number in enumerate(numbers):
        row = batch.slice(position, 1)
        try:
            result.items += _rows(row, json_values)
            result.lines.append(number)
        except UnicodeDecodeError as error:
            raw = encode(_rows(row, _even_if_damaged)[0])
            fault = BonepickError(f"a string is not valid UTF-8 ({error.reason})")
            result.rejected.append(reject(shard, number, raw, fault, on_error))
    return result


def _even_if_damaged(array: pa.Array) -> list[Any]:
    """Return the values of an array; a string that is none as its bytes, what holds one inside as null."""
    try:
        return json_values(array)
    except UnicodeDecodeError:
        try:
            return json_values(array.cast(pa.binary()))
        except pa.ArrowException:
            return [None] * len(array)


@contextmanager
def random_access(file: File) -> Iterator[IO[bytes]]:
    """Open a file such that any part of it can be read; one that its server gives only as a whole is copied first."""
    with ExitStack() as opened:
        stream: Any = opened.enter_context(file.open_anywhere() if isinstance(file, RemoteFile) else file.open("rb"))
        if not _can_seek(stream):
            copy = opened.enter_context(TemporaryFile())
            copyfileobj(stream, copy)
            stream = copy
        stream.seek(0)
        yield stream


def _can_seek(stream: Any) -> bool:
    try:
        stream.seek(0, 2)
    except (OSError, ValueError):
        return False
    return True
