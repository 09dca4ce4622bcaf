"""Scoring Parquet files: two columns more, schema and row groups as they were; or scores alone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bonepick.core.errors import BonepickError
from bonepick.data.row_loop import then
from bonepick.data.rows import Row, RowParams, encode, field_of, missing
from bonepick.data.shards import Shard
from bonepick.preparation.importing.tables import rows_of_batch
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.outputs import (
    column_fields,
    score_columns,
    scores_schema,
    scores_table,
    with_ending,
    writing_lines,
)
from bonepick.scoring.parquet_batches import Batch, Form, TableWriter, read_batches, rows_at
from bonepick.scoring.pieces import Piece, PieceWriter
from bonepick.scoring.scorer import ModelFacts, Scored, Scorer, ScorerParams, scorer_of
from bonepick.scoring.texts import ReadyText, TextReader, counts_of, id_as_text, no_id, scored_texts


@dataclass(frozen=True)
class ScoreTables:
    """How Parquet files are scored; see `ShardWork`."""

    params: ScorerParams
    facts: ModelFacts

    def blocks(self, shard: CorpusShard, digest: Any) -> Iterator[Batch]:
        """See `ShardWork`."""
        return read_batches(shard, digest)

    def work(self, block: Batch) -> Piece:
        """See `ShardWork`."""
        scorer = scorer_of(self.params)
        on_error = self.params.score.on_error
        columns = self._columns(block)
        rows = rows_of_batch(
            Shard(block.shard.file, "", block.shard.name), block.rows.select(columns), block.first, on_error
        )
        read = _ReadRow(scorer, RowParams(text_field=self.params.score.text_field), TextReader(scorer))
        texts = then(rows, read, on_error)
        scored = scored_texts(scorer, texts, on_error)
        places = [line - block.first for line, kept in zip(texts.lines, scored.kept, strict=True) if kept]
        ids = [text.extra for text, kept in zip(texts.items, scored.kept, strict=True) if kept]
        output = self._output(scorer, block.rows, places, ids, scored)
        return Piece(output, texts.rejected, counts_of(scorer, texts.items, scored), block.last)

    def _columns(self, block: Batch) -> list[str]:
        """Return the columns that are looked at: all where an expression is."""
        params = self.params.score
        there = block.rows.schema.names
        names = {"text": params.text_field, **({"id": params.id_field} if params.only_scores else {})}
        for what, name in names.items():
            if not name.startswith(".") and name not in there:
                raise BonepickError(f"{block.shard.file}: {missing(what, name, dict.fromkeys(there))}")
        expressions = params.source_field or any(name.startswith(".") for name in names.values())
        return there if expressions else list(dict.fromkeys(names.values()))

    def _output(self, scorer: Scorer, rows: pa.RecordBatch, places: list[int], ids: list[Any], scored: Scored) -> Any:
        if not self.params.score.only_scores:
            table = rows_at(pa.Table.from_batches([rows]), places)
            for field, column in zip(column_fields(self.facts), score_columns(self.facts, scored), strict=True):
                table = table.append_column(field, column)
            return table
        if self._writes_lines:
            values = [value for value, kept in zip(scorer.values(scored), scored.kept, strict=True) if kept]
            return [encode({"id": i})[:-1] + b"," + value[1:] for i, value in zip(ids, values, strict=True)]
        return scores_table(self.facts, list(map(id_as_text, ids)), scored)

    @property
    def _writes_lines(self) -> bool:
        return self.params.score.only_scores and self.params.score.format == "jsonl"

    def writer(self, shard: CorpusShard, path: Path) -> AbstractContextManager[PieceWriter]:
        """See `ShardWork`."""
        if self._writes_lines:
            return writing_lines(path, self.output_name(shard))
        form = Form.of(shard)
        if self.params.score.only_scores:
            return TableWriter(path, Form(scores_schema(self.facts), form.compression))
        schema = form.schema
        for field in column_fields(self.facts):
            if field.name in schema.names:
                raise BonepickError(
                    f"{shard.file} has a column {field.name!r}, where scores would go: name another (--name or --into)"
                )
            schema = schema.append(field)
        return TableWriter(path, Form(schema, form.compression))

    def output_name(self, shard: CorpusShard) -> str:
        """See `ShardWork`."""
        return with_ending(shard.name, ".jsonl.zst") if self._writes_lines else shard.name


@dataclass(frozen=True)
class _ReadRow:
    scorer: Scorer
    rows: RowParams
    reader: TextReader

    def __call__(self, row: Row) -> ReadyText:
        params = self.scorer.params.score
        text = self.rows.text(row)
        row_id = field_of(row, params.id_field) if params.only_scores else ""
        if row_id is None:
            raise no_id(params.id_field, row)
        return self.reader(text, encode(row), row_id)
