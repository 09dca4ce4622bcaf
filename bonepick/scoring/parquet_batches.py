"""Parquet files read in batches of rows that know where row groups end, and written with the same row groups."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from bonepick.core.errors import BonepickError
from bonepick.data.files import File, RemoteFile, reason, unreadable
from bonepick.preparation.importing.tables import BATCH, BATCH_BYTES, BUFFER, random_access, refuse_other_kind
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.pieces import Piece


@dataclass(frozen=True)
class Batch:
    """Some rows of a Parquet file.

    Attributes:
        shard: that they are of.
        first: number of the first row in the file, from 1.
        rows: a `pyarrow.RecordBatch`.
        last: whether its row group ends here.
    """

    shard: CorpusShard
    first: int
    rows: pa.RecordBatch
    last: bool


def read_batches(shard: CorpusShard, digest: Any) -> Iterator[Batch]:
    """Read a Parquet file, row group by row group; at least one batch a group, so that an empty one is seen too.

    The digest gets the bytes of a local file alone, as its rows come: parts of a remote one are read in any order.

    Raises:
        BonepickError: it is damaged or out of reach.
    """
    first = 1
    try:
        with _digested(shard.file, digest) as digest_part, _opened(shard) as parquet:
            for number in range(parquet.num_row_groups):
                group = parquet.metadata.row_group(number)
                per_row = group.total_byte_size // max(group.num_rows, 1)
                size = min(BATCH, max(BATCH_BYTES // (per_row + 1), 1))
                end = first + group.num_rows
                for batch in parquet.iter_batches(size, row_groups=[number]):
                    digest_part((first - 1 + batch.num_rows) / max(parquet.metadata.num_rows, 1))
                    yield Batch(shard, first, batch, first + batch.num_rows == end)
                    first += batch.num_rows
    except Exception as error:  # Arrow's have several bases, and what serves the file has its own
        raise _fault(shard.file, error, f" beyond row {first - 1}") from None


@contextmanager
def _digested(file: File, digest: Any) -> Iterator[Callable[[float], None]]:
    """Yield the function that a digest gets a file with, up to a share of it; at the end it gets the rest."""
    if not isinstance(file, Path):
        yield lambda share: None
        return
    size = file.stat().st_size
    with file.open("rb") as stream:

        def digest_part(share: float) -> None:
            while (left := int(size * share) - stream.tell()) > 0 and (piece := stream.read(min(left, BUFFER))):
                digest.update(piece)

        yield digest_part
        for piece in iter(lambda: stream.read(BUFFER), b""):
            digest.update(piece)


@contextmanager
def _opened(shard: CorpusShard) -> Iterator[pq.ParquetFile]:
    with random_access(shard.file) as stream:
        refuse_other_kind(shard.file, stream)
        with pq.ParquetFile(stream, pre_buffer=False, buffer_size=BUFFER) as parquet:
            yield parquet


def _fault(file: File, error: Exception, where: str = "") -> BonepickError:
    if isinstance(error, BonepickError):
        return error
    if isinstance(file, RemoteFile) and not isinstance(error, (pa.ArrowException, ValueError)):
        return unreadable(file.root, error, file.url)
    return BonepickError(f"{file} cannot be read{where} ({reason(error)}): fetch or write this file again")


def rows_at(table: pa.Table, places: list[int]) -> pa.Table:
    """Return the rows at these places, counted from 0, of a table with columns of any type."""
    try:
        return table.take(pa.array(places, pa.int64()))
    except pa.ArrowNotImplementedError:  # of views of strings; a slice is one of anything
        return pa.concat_tables([table.slice(0, 0), *(table.slice(place, 1) for place in places)])


@dataclass(frozen=True)
class Form:
    """How a Parquet file is laid out: what its output has in common with it."""

    schema: pa.Schema
    compression: str

    @classmethod
    def of(cls, shard: CorpusShard) -> "Form":
        """Read it.

        Raises:
            BonepickError: it is damaged or out of reach.
        """
        try:
            with _opened(shard) as parquet:
                groups = parquet.metadata.num_row_groups and parquet.metadata.num_columns
                codec = parquet.metadata.row_group(0).column(0).compression if groups else "SNAPPY"
                return cls(parquet.schema_arrow, "NONE" if codec == "UNCOMPRESSED" else codec)
        except Exception as error:  # see `read_batches`
            raise _fault(shard.file, error) from None


class TableWriter:
    """Writes tables as row groups: pieces up to one that is the last of its group are one; a context manager.

    Args:
        path: of the file.
        form: of what is written.
        group_rows: rows of a group, where pieces do not tell; 0 where they do.
    """

    def __init__(self, path: Path, form: Form, group_rows: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = form.schema
        self._writer = pq.ParquetWriter(path, form.schema, compression=form.compression)
        self._tables: list[pa.Table] = []
        self._group_rows = group_rows
        self._rows = 0

    def write(self, piece: Piece) -> None:
        """See `PieceWriter`."""
        self._tables.append(piece.output)
        self._rows += len(piece.output)
        while self._group_rows and self._rows >= self._group_rows:
            self._write_group(self._group_rows)
        if piece.last:
            self._write_group(self._rows)

    def _write_group(self, n_rows: int) -> None:
        if n_rows:
            table = pa.concat_tables(self._tables)
            try:
                self._writer.write_table(table.slice(0, n_rows), row_group_size=n_rows)
            except pa.ArrowNotImplementedError as error:
                raise BonepickError(f"a table of its types cannot be written ({reason(error)}): cast them") from None
            self._tables = [table.slice(n_rows)]
            self._rows -= n_rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if kind is None:
            self._write_group(self._rows)
        self._writer.close()
