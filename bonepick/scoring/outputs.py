"""What scoring writes: lines, and scores as columns of a table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from bonepick.data.line_writer import LineWriter
from bonepick.preparation.importing.formats import without_ending
from bonepick.scoring.parquet_batches import Form, TableWriter
from bonepick.scoring.pieces import Piece, PieceWriter
from bonepick.scoring.scorer import ModelFacts, Scored

GROUP_ROWS = 100_000
"""Rows of a row group where scores of JSON lines are written as a table."""


class _LinesOfPieces:
    def __init__(self, lines: LineWriter) -> None:
        self._lines = lines

    def write(self, piece: Piece) -> None:
        self._lines.write(piece.output)


@contextmanager
def writing_lines(path: Path, name: str) -> Iterator[PieceWriter]:
    """Write the lines of pieces to a file that is packed as `name` ends."""
    with LineWriter(path, name) as lines:
        yield _LinesOfPieces(lines)


def with_ending(name: str, ending: str) -> str:
    """Return the name of a shard with another ending.

    >>> with_ending("en/a.jsonl.zst", ".parquet")
    'en/a.parquet'
    """
    return without_ending(name) + ending


def column_fields(facts: ModelFacts) -> list[pa.Field]:
    """Return the columns that a table gets: `NAME_score` (unless there is none) and `NAME_probabilities`."""
    stem = table_stem(facts.into)
    labels = pa.struct([pa.field(label, pa.float64()) for label in facts.classes])
    score = [pa.field(f"{stem}_score", pa.float64())] if facts.has_score else []
    return [*score, pa.field(f"{stem}_probabilities", labels)]


def table_stem(into: Sequence[str]) -> str:
    """Return what the names of columns begin with where a row of JSON has its scores at these fields.

    >>> table_stem(["metadata", "fasttext"]), table_stem(["quality"])
    ('fasttext', 'quality')
    """
    return into[-1] if into[0] == "metadata" else ".".join(into)


def score_columns(facts: ModelFacts, scored: Scored) -> list[Any]:
    """Return the values of `column_fields` for the rows that are kept."""
    probabilities = scored.probabilities[scored.kept]
    classes = facts.classes
    columns = [pa.array(probabilities[:, number]) for number in range(len(classes))]
    struct = pa.StructArray.from_arrays(columns, names=list(classes))
    return [struct] if scored.scores is None else [pa.array(scored.scores[scored.kept]), struct]


def scores_schema(facts: ModelFacts) -> pa.Schema:
    """Return the schema of scores alone: `id`, a string, `score` and `probabilities`."""
    fields = column_fields(facts)
    names = ["score", "probabilities"][-len(fields) :]
    return pa.schema([pa.field("id", pa.string()), *(pa.field(n, f.type) for n, f in zip(names, fields, strict=True))])


def scores_table(facts: ModelFacts, ids: Sequence[str], scored: Scored) -> pa.Table:
    """Return scores alone of the rows that are kept; `ids` are theirs."""
    return pa.table([pa.array(ids, pa.string()), *score_columns(facts, scored)], schema=scores_schema(facts))


class ScoresWriter(TableWriter):
    """Writes scores of JSON lines as a table: row groups of `GROUP_ROWS` rows."""

    def __init__(self, path: Path, facts: ModelFacts) -> None:
        super().__init__(path, Form(scores_schema(facts), "ZSTD"), GROUP_ROWS)
