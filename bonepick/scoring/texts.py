"""What scoring reads of a row, and what it counts: shared by all formats of shards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import numpy as np

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.data.expressions import one_value_of_line
from bonepick.data.row_loop import BlockResult, reject
from bonepick.data.rows import missing
from bonepick.scoring.pieces import Counts
from bonepick.scoring.scorer import Scored, Scorer


class ReadyText(NamedTuple):
    """A text as the model takes it, and what is told of it.

    Attributes:
        ready: normalized.
        words: of the text as it was.
        size: its bytes in UTF-8.
        source: of the row; empty where there is none, or none is asked for.
        line: the row, as far as it is kept for what is written, or said of it.
        extra: whatever else the format needs.
    """

    ready: str
    words: int
    size: int
    source: str
    line: bytes
    extra: Any = None


@dataclass(frozen=True)
class TextReader:
    """Makes a text ready for a scorer."""

    scorer: Scorer

    def __call__(self, text: str, line: bytes, extra: Any = None) -> ReadyText:
        """Return it.

        Raises:
            BonepickError: the text cannot be normalized, or the expression of the source fails on the row.
        """
        expression = self.scorer.params.score.source_expression
        source = _source_of(line, expression) if expression else ""
        ready = self.scorer.ready(text)
        return ReadyText(ready, self.scorer.words(text, ready), len(text.encode()), source, line, extra)


def _source_of(line: bytes, expression: str) -> str:
    value = one_value_of_line(expression, line, exact=False)
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def no_id(name: str, row: Mapping[str, Any]) -> BonepickError:
    """Return the fault that a row without an id is."""
    return BonepickError(missing("id", name, dict(row)) or f"id field {name!r} is null")


def id_as_text(value: object) -> str:
    """Return an id as a table of scores has it: a string as it is, anything else as its JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def scored_texts(scorer: Scorer, rows: BlockResult[ReadyText], on_error: OnError) -> Scored:
    """Score some texts; where the model fails on one, that row is rejected, and taken out of `rows`.

    Raises:
        BonepickError: a row is rejected and the policy is `fail`.
    """
    try:
        return scorer([text.ready for text in rows.items])
    except BonepickError:
        reject_where(rows, lambda number: scorer([rows.items[number].ready]), on_error)
        return scorer([text.ready for text in rows.items])


def reject_where(rows: BlockResult[ReadyText], attempt: Any, on_error: OnError) -> None:
    """Reject the rows on which an attempt fails; it gets their places."""
    good = []
    for number, text in enumerate(rows.items):
        try:
            attempt(number)
            good.append(number)
        except BonepickError as error:
            rows.rejected.append(reject(rows.shard, rows.lines[number], text.line, error, on_error))
    rows.items = [rows.items[number] for number in good]
    rows.lines = [rows.lines[number] for number in good]


def counts_of(scorer: Scorer, texts: Sequence[ReadyText], scored: Scored) -> Counts:
    """Return what is counted of scored texts."""
    return Counts(
        scored.scores,
        np.array([text.words for text in texts], dtype=np.int64),
        np.array([text.size for text in texts], dtype=np.int64),
        scored.kept,
        [text.source for text in texts] if scorer.params.score.source_field else None,
        scored.probabilities if scored.scores is None else None,
    )
