"""Scoring lines that come through a pipe: rows in, rows out, in their order."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.parallel import ordered_map
from bonepick.core.progress import note
from bonepick.data.file_kinds import BOM, HEAD_BYTES, kind_of
from bonepick.data.row_limits import MAX_ROW_BYTES, too_long
from bonepick.data.row_loop import BlockResult, Rejections
from bonepick.data.shards import BLOCK_BYTES, Block, Shard
from bonepick.scoring.score_lines import ScoreLines
from bonepick.scoring.scorer import ScorerParams, scorer_of
from bonepick.scoring.tally import Tally

STANDARD_INPUT = Shard(Path("standard input"), "", "standard input")


def score_stream(source: BinaryIO, target: BinaryIO, params: ScorerParams, workers: int) -> Tally:
    """Score JSON lines of a stream, write them to another, and return what they came to; rejected rows are said.

    Raises:
        UsageError: params do not fit the model, or ask for a table.
        BonepickError: the model cannot be loaded, a row is rejected and `on_error` is `fail`, or the disk is full.
        BrokenPipeError: nobody reads what is written any more.
    """
    if params.score.format == "parquet":
        raise UsageError("format is parquet: standard output takes JSON lines alone; score a file or folder")
    facts = scorer_of(params).facts
    facts.say()
    tally = Tally.empty(facts.has_score)
    rejections = Rejections()
    with closing(ordered_map(ScoreLines(params, facts).work, _blocks(source), workers)) as pieces:
        for piece in pieces:
            _write(target, piece.output)
            piece.count_in(tally, facts.classes)
            rejections.add(BlockResult(STANDARD_INPUT, rejected=piece.rejected))
    rejections.say("standard input")
    note(f"score: {int(tally.scored[0]):,} rows read, {int(tally.kept[0]):,} written, {rejections.rows:,} rejected")
    return tally


def _write(target: BinaryIO, lines: Sequence[bytes]) -> None:
    try:
        target.write(b"".join(line + b"\n" for line in lines))
        target.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BonepickError(f"standard output cannot be written: {error.strerror}") from None


def _blocks(source: BinaryIO) -> Iterator[Block]:
    """Read whole lines: as many as have come, so that who writes slowly is answered at once (by one worker).

    Raises:
        BonepickError: a line is too long.
    """
    first, parts, size = 1, list[bytes](), 0
    read = getattr(source, "read1", source.read)
    while data := read(BLOCK_BYTES):
        cut = data.rfind(b"\n") + 1
        if cut:
            whole = b"".join([*parts, data[:cut]])
            yield _block(first, whole)
            first += whole.count(b"\n")
            parts, size, data = [], 0, data[cut:]
        parts.append(data)
        size += len(data)
        if size > MAX_ROW_BYTES:
            raise BonepickError(f"standard input:{first}: {too_long(size)}")
    if size:
        yield _block(first, b"".join(parts))


def _block(first: int, data: bytes) -> Block:
    if first == 1 and (kind := kind_of(data[:HEAD_BYTES])):
        raise BonepickError(
            f"standard input is {kind.name}, wanted JSON lines: unpack it on the way, or score the file"
        )
    return Block(STANDARD_INPUT, first, data.removeprefix(BOM) if first == 1 else data)
