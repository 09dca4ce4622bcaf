"""Scoring shards of JSON lines: the same rows with their scores, or scores alone."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.data.expressions import one_value_of_line
from bonepick.data.row_loop import BlockResult, RowLoop
from bonepick.data.rows import RowParams, decode, not_utf8
from bonepick.data.shards import Block, Shard, read_blocks
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.insert import Fields, fields_of, gap
from bonepick.scoring.outputs import ScoresWriter, scores_table, with_ending, writing_lines
from bonepick.scoring.pieces import Piece, PieceWriter
from bonepick.scoring.scorer import ModelFacts, Scored, Scorer, ScorerParams, scorer_of
from bonepick.scoring.texts import ReadyText, TextReader, counts_of, id_as_text, no_id, scored_texts


@dataclass(frozen=True)
class ScoreLines:
    """How shards of JSON lines are scored; see `ShardWork`."""

    params: ScorerParams
    facts: ModelFacts

    def blocks(self, shard: CorpusShard, digest: Any) -> Iterator[Block]:
        """See `ShardWork`."""
        return read_blocks(Shard(shard.file, "", shard.name), digest)

    def work(self, block: Block) -> Piece:
        """See `ShardWork`."""
        scorer = scorer_of(self.params)
        on_error = self.params.score.on_error
        read = _ReadLine(scorer, RowParams(text_field=self.params.score.text_field), TextReader(scorer))
        rows = RowLoop(read, on_error, fields_of)(block)
        scored = scored_texts(scorer, rows, on_error)
        return Piece(self._output(scorer, rows, scored), rows.rejected, counts_of(scorer, rows.items, scored))

    def _output(self, scorer: Scorer, rows: BlockResult[ReadyText], scored: Scored) -> Any:
        kept = [text for text, is_kept in zip(rows.items, scored.kept, strict=True) if is_kept]
        if self._writes_table:
            return scores_table(self.facts, [id_as_text(msgspec.json.decode(text.extra)) for text in kept], scored)
        values = [value for value, is_kept in zip(scorer.values(scored), scored.kept, strict=True) if is_kept]
        if self.params.score.only_scores:
            return [b'{"id":' + text.extra + b"," + value[1:] for text, value in zip(kept, values, strict=True)]
        return [text.extra[0] + value + text.extra[1] for text, value in zip(kept, values, strict=True)]

    @property
    def _writes_table(self) -> bool:
        return self.params.score.only_scores and self.params.score.format == "parquet"

    def writer(self, shard: CorpusShard, path: Path) -> AbstractContextManager[PieceWriter]:
        """See `ShardWork`."""
        return ScoresWriter(path, self.facts) if self._writes_table else writing_lines(path, shard.name)

    def output_name(self, shard: CorpusShard) -> str:
        """See `ShardWork`."""
        return with_ending(shard.name, ".parquet") if self._writes_table else shard.name


@dataclass(frozen=True)
class _ReadLine:
    scorer: Scorer
    rows: RowParams
    reader: TextReader

    def __call__(self, fields: Fields, line: bytes) -> ReadyText:
        params = self.scorer.params.score
        text = _text_of(fields, line, self.rows)
        if params.only_scores:
            return self.reader(text, line, _id_of(fields, line, params.id_field))
        return self.reader(text, line, gap(line, fields, self.scorer.facts.into))


def _text_of(fields: Fields, line: bytes, rows: RowParams) -> str:
    name = rows.text_field
    if name.startswith("."):
        return rows.text(decode(line))
    if name not in fields:
        return rows.text(dict(fields))  # refuses it, and says what is there
    return rows.text({name: _value_of(fields, name, "text")})


def _value_of(fields: Mapping[str, bytes | msgspec.Raw], name: str, what: str) -> Any:
    try:
        return msgspec.json.decode(fields[name])
    except UnicodeDecodeError as error:
        raise not_utf8(error, bytes(fields[name])) from None
    except msgspec.DecodeError as error:
        raise BonepickError(f"{what} field {name!r} is not valid JSON ({error})") from None


def _id_of(fields: Fields, line: bytes, name: str) -> bytes:
    if name.startswith("."):
        value = msgspec.json.encode(one_value_of_line(name, line))
    else:
        value = bytes(fields.get(name, b"null"))
        _value_of({name: value}, name, "id")  # else what is written cannot be read
    if value == b"null":
        raise no_id(name, fields)
    return value
