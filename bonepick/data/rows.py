"""The one row loop: lines in, results out, and the policy on rows that cannot be used."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.parallel import Limits, ordered_map
from bonepick.core.params import OnError, Params
from bonepick.core.progress import note, progress
from bonepick.data.expressions import compiled, one_value
from bonepick.data.labels import canonical_label
from bonepick.data.shards import Block, Shard, read_blocks

T = TypeVar("T")
U = TypeVar("U")
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RowParams(Params):
    """How rows are read."""

    text_field: Annotated[str, msgspec.Meta(min_length=1)] = "text"
    """The field that holds the text: a name, or a jq expression that begins with a dot."""
    label_field: Annotated[str, msgspec.Meta(min_length=1)] = "score"
    """The field that holds the label: a name, or a jq expression that begins with a dot."""
    on_error: OnError = "fail"
    """What a row that cannot be used does: stop the run, or be set aside with its reason."""

    def __post_init__(self) -> None:
        """Refuse a wrong expression here, before any row is read: it is no fault of the rows."""
        super().__post_init__()
        for name in (self.text_field, self.label_field):
            if name.startswith("."):
                compiled(name)

    @property
    def limits(self) -> Limits | None:
        """What a block may take: without bounds, unless a field is an expression."""
        return Limits() if self.text_field.startswith(".") or self.label_field.startswith(".") else None

    def text(self, row: Row) -> str:
        """Return the text of a row.

        Raises:
            BonepickError: there is none, it is no string, or it is blank.
        """
        value = field_of(row, self.text_field)
        if not isinstance(value, str):
            raise BonepickError(f"text field {self.text_field!r} is {shortened(value)}, wanted a string")
        if not value.strip():
            raise BonepickError(f"text field {self.text_field!r} is empty")
        return value

    def label(self, row: Row) -> str:
        """Return the canonical label of a row.

        Raises:
            BonepickError: there is none, or it is no label.
        """
        return canonical_label(self.label_value(row))

    def label_value(self, row: Row) -> object:
        """Return what the label field holds, as it is.

        Raises:
            BonepickError: there is nothing.
        """
        value = field_of(row, self.label_field)
        if value is None:
            raise BonepickError(f"label field {self.label_field!r} is missing or null")
        return value


@dataclass(frozen=True)
class BadRow:
    """A row that was set aside: its line number, why, and the line itself."""

    line: int
    reason: str
    raw: bytes


@dataclass
class BlockDone(Generic[T]):
    """What became of one block: an item for each good row, with its line number."""

    shard: Shard
    items: list[T] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    set_aside: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True)
class RowLoop(Generic[T]):
    """Applies `step` to each row of a block; can be pickled where `step` can.

    `step` gets the decoded row and the raw line, and raises `BonepickError` with the reason for a row it cannot use.
    """

    step: Callable[[Row, bytes], T]
    on_error: OnError

    def __call__(self, block: Block) -> BlockDone[T]:
        """Run the step over the block's rows; blank lines are no rows.

        Raises:
            BonepickError: a row cannot be used and the policy is `fail`; the message begins with file:line.
        """
        done: BlockDone[T] = BlockDone(block.shard)
        for line, raw in enumerate(block.data.split(b"\n"), block.first):
            if not raw or raw.isspace():
                continue
            try:
                done.items.append(self.step(decode(raw), raw))
                done.lines.append(line)
            except BonepickError as error:
                done.set_aside.append(refuse(block.shard, line, raw, error, self.on_error))
        return done


class LeftOut:
    """Rows that training or evaluation cannot use: these write no dataset to set them aside in, so they say why."""

    SHOWN = 3

    def __init__(self) -> None:
        self.rows, self._first = 0, list[str]()

    def add(self, done: BlockDone[Any]) -> None:
        """Count the rows that a block set aside."""
        self.rows += len(done.set_aside)
        for row in done.set_aside[: self.SHOWN - len(self._first)]:
            self._first.append(f"{done.shard.path}:{row.line}: {row.reason}")

    def say(self, where: Path | str) -> None:
        """Say how many there were, and the reasons of the first."""
        if self.rows:
            more = " ..." if self.rows > len(self._first) else ""
            note(f"{where}: {self.rows:,} rows cannot be used and were left out: {'; '.join(self._first)}{more}")


def further(done: BlockDone[T], step: Callable[[T], U], on_error: OnError) -> BlockDone[U]:
    """Run one more step over the items of a block, under the same policy.

    Raises:
        BonepickError: an item cannot be used and the policy is `fail`.
    """
    result: BlockDone[U] = BlockDone(done.shard, set_aside=list(done.set_aside))
    for line, item in zip(done.lines, done.items, strict=True):
        try:
            result.items.append(step(item))
            result.lines.append(line)
        except BonepickError as error:
            result.set_aside.append(refuse(done.shard, line, _shown(item), error, on_error))
    return result


def _shown(item: object) -> bytes:
    try:
        return msgspec.json.encode(item)
    except (TypeError, UnicodeEncodeError, RecursionError):
        return repr(item).encode(errors="backslashreplace")


def refuse(shard: Shard, line: int, raw: bytes, error: BonepickError, on_error: OnError) -> BadRow:
    """Apply the policy to a row that cannot be used.

    Raises:
        BonepickError: the policy is `fail`; the message begins with file:line.
    """
    if on_error == "fail":
        raise BonepickError(
            f"{shard.path}:{line}: {error}; mend the row, or set such rows aside with on_error: quarantine "
            "(--on-error quarantine)"
        ) from None
    return BadRow(line, str(error), raw)


def each_block(
    shards: Iterable[Shard],
    step: Callable[[Row, bytes], T],
    on_error: OnError,
    workers: int,
    what: str,
    limits: Limits | None = None,
) -> Iterator[BlockDone[T]]:
    """Run a step over all rows of some shards, in worker processes, and yield its results block by block in order.

    Args:
        shards: input, in order.
        step: see `RowLoop`.
        on_error: policy on bad rows.
        workers: processes.
        what: name of the work, for progress.
        limits: of each block, where the step runs a jq expression.
    """
    blocks = (block for shard in shards for block in read_blocks(shard))
    with progress(what) as advance:
        for done in ordered_map(RowLoop(step, on_error), blocks, workers, limits):
            yield done
            advance(len(done.items) + len(done.set_aside))


def decode(raw: bytes) -> Row:
    """Decode one line.

    Raises:
        BonepickError: it is not one JSON object in valid UTF-8.
    """
    try:
        row = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BonepickError(f"not valid JSON ({error}): {shortened(raw)}") from None
    if not isinstance(row, dict):
        raise BonepickError(f"row is {shortened(row)}, wanted a JSON object")
    return row


def encode(row: Row) -> bytes:
    """Encode a row as one line of JSON, without a line break.

    Raises:
        BonepickError: a value has no form in JSON, or a string is not valid Unicode.
    """
    try:
        return msgspec.json.encode(row)
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        raise BonepickError(f"row cannot be written as JSON ({error}): {shortened(row)}") from None


def field_of(row: Row, name: str) -> object:
    """Return a field by its name, or by a jq expression (begins with a dot); None where it is missing."""
    return one_value(name, row) if name.startswith(".") else row.get(name)
