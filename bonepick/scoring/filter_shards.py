"""Filtering shards by scores that were written before: rows keep their bytes, tables their schema and row groups."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bonepick.core.errors import BonepickError
from bonepick.data.expressions import one_value_of_line
from bonepick.data.rows import encode
from bonepick.data.shards import Block, Shard, read_blocks
from bonepick.preparation.importing.tables import rows_of_batch
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.insert import fields_of
from bonepick.scoring.outputs import writing_lines
from bonepick.scoring.parquet_batches import Batch, Form, TableWriter, read_batches, rows_at
from bonepick.scoring.pieces import Counts, Piece, PieceWriter
from bonepick.scoring.read_scores import Scores


class ScoredLines(NamedTuple):
    """Lines of a shard that were scored, and their scores, shape (n_lines,)."""

    shard: CorpusShard
    lines: list[bytes]
    scores: NDArray[np.float64]


class ScoredBatch(NamedTuple):
    """A batch of a table, places in it of rows that were scored, and their scores, shape (n_places,)."""

    batch: Batch
    places: list[int]
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class FilterLines:
    """How shards of JSON lines are filtered; see `ShardWork`."""

    scores: Scores
    threshold: float

    def blocks(self, shard: CorpusShard, digest: Any) -> Iterator[ScoredLines]:
        """See `ShardWork`."""
        scores = self.scores.of(shard)
        for block in read_blocks(Shard(shard.file, "", shard.name), digest):
            lines = [line for number, line in _numbered(block) if number not in scores.rejected]
            yield ScoredLines(shard, lines, scores.take(len(lines)))
        scores.refuse_rest()
        refuse_other(self.scores, shard, digest)

    def work(self, block: ScoredLines) -> Piece:
        """See `ShardWork`."""
        kept = block.scores >= self.threshold
        with _refusing_other(block.shard):
            texts = [_text_of(line, self.scores.text_field) for line in block.lines]
        output = [line for line, is_kept in zip(block.lines, kept, strict=True) if is_kept]
        return Piece(output, counts=_counts(texts, block.scores, kept))

    def writer(self, shard: CorpusShard, path: Path) -> AbstractContextManager[PieceWriter]:
        """See `ShardWork`."""
        return writing_lines(path, shard.name)

    def output_name(self, shard: CorpusShard) -> str:
        """See `ShardWork`."""
        return shard.name


def _numbered(block: Block) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a block that are rows, with their numbers."""
    if block.row_bytes:
        yield block.first, block.data
        return
    for number, line in enumerate(block.data.split(b"\n"), block.first):
        if line and not line.isspace():
            yield number, line


def _text_of(line: bytes, name: str) -> str:
    if name.startswith("."):
        return str(one_value_of_line(name, line))
    return str(msgspec.json.decode(fields_of(line)[name]))


@dataclass(frozen=True)
class FilterTables:
    """How Parquet files are filtered; see `ShardWork`."""

    scores: Scores
    threshold: float

    def blocks(self, shard: CorpusShard, digest: Any) -> Iterator[ScoredBatch]:
        """See `ShardWork`."""
        scores = self.scores.of(shard)
        for batch in read_batches(shard, digest):
            places = [n for n in range(batch.rows.num_rows) if batch.first + n not in scores.rejected]
            yield ScoredBatch(batch, places, scores.take(len(places)))
        scores.refuse_rest()
        refuse_other(self.scores, shard, digest)

    def work(self, block: ScoredBatch) -> Piece:
        """See `ShardWork`."""
        kept = block.scores >= self.threshold
        table = pa.Table.from_batches([block.batch.rows])
        with _refusing_other(block.batch.shard):
            texts = _texts_of(block, table, self.scores.text_field)
        places = [place for place, is_kept in zip(block.places, kept, strict=True) if is_kept]
        output = rows_at(table, places)
        return Piece(output, counts=_counts(texts, block.scores, kept), last=block.batch.last)

    def writer(self, shard: CorpusShard, path: Path) -> AbstractContextManager[PieceWriter]:
        """See `ShardWork`."""
        return TableWriter(path, Form.of(shard))

    def output_name(self, shard: CorpusShard) -> str:
        """See `ShardWork`."""
        return shard.name


def _texts_of(block: ScoredBatch, table: pa.Table, name: str) -> list[str]:
    columns = table.schema.names if name.startswith(".") else [name]
    chosen = rows_at(table.select(columns), block.places)
    shard = Shard(block.batch.shard.file, "", block.batch.shard.name)
    batches = chosen.to_batches()
    rows = [row for batch in batches for row in rows_of_batch(shard, batch, block.batch.first, "fail").items]
    return [str(row[name] if name in row else one_value_of_line(name, encode(row))) for row in rows]


def _counts(texts: list[str], scores: NDArray[np.float64], kept: NDArray[np.bool_]) -> Counts:
    words = np.array([len(text.split()) for text in texts], dtype=np.int64)
    sizes = np.array([len(text.encode()) for text in texts], dtype=np.int64)
    return Counts(scores, words, sizes, kept)


def refuse_other(scores: Scores, shard: CorpusShard, digest: Any) -> None:
    """Refuse a shard that has other bytes than the one that was scored, once it was read whole.

    Raises:
        BonepickError: it has.
    """
    was = scores.record(shard).input.sha256
    if was and digest.hexdigest() != was:
        raise _other(shard)


@contextmanager
def _refusing_other(shard: CorpusShard) -> Iterator[None]:
    """Refuse a shard whose rows have no text, as all have that were scored."""
    try:
        yield
    except (BonepickError, KeyError, ValueError, msgspec.MsgspecError):
        raise _other(shard) from None


def _other(shard: CorpusShard) -> BonepickError:
    return BonepickError(f"{shard.file} is not the shard that was scored: score it again, or bring that back")
