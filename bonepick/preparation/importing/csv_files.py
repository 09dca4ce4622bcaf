"""Rows of CSV and TSV files: strictly by one dialect, so that every line is a row's, or is named."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.bytes_read import BytesRead
from bonepick.data.file_kinds import BOM, TO_UTF8
from bonepick.data.row_loop import BlockResult, reject
from bonepick.data.rows import Row
from bonepick.data.shards import Shard
from bonepick.data.unpack import unpacked
from bonepick.preparation.importing.dialect import Dialect
from bonepick.preparation.importing.reading import Reading

BATCH = 1_000  # rows
LONGEST_NAME = 100  # characters: what is longer in a first line is a text, most likely
MAX_ROW = 1 << 24  # characters: a quote that nothing closes would take all that follows
# numbers as JSON writes them, short enough that no digit is lost
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_NUMBER = re.compile(r"(?=.{1,16}$)-?(0|[1-9]\d*)(\.\d+)?")


def read_csv(
    shard: Shard, dialect: Dialect, reading: Reading, read: BytesRead | None = None
) -> Iterator[BlockResult[Row]]:
    """Yield the rows of a file, by the names in its first line, each with the number of the line that it begins at.

    A field is a string, whatever it looks like (`NA`, `null`, nothing); outside the text, what JSON would write as a
    number of up to 15 digits is one. `read` counts the bytes of the file.

    Raises:
        BonepickError: there is no first line, it names a field twice, or a row is rejected and `on_error` is `fail`.
    """
    csv.field_size_limit(MAX_ROW)
    lines = _Lines(shard, dialect, read)
    header = lines.next_row()
    if header is None:
        return
    names = _names(f"{shard.path}:{header[1]}", header[0], dialect, reading)
    result: BlockResult[Row] = BlockResult(shard)
    while row := lines.next_row():
        fields, line = row
        if not dialect.quote and not isinstance(fields, csv.Error) and any(map(_QUOTED.fullmatch, fields)):
            reading.say_once(
                f"{shard.path}:{line}: quotes around a field are text here ({dialect}): --quote double reads them"
            )
        try:
            result.items.append(_row(names, fields, reading.text_field, dialect))
            result.lines.append(line)
        except BonepickError as error:
            result.rejected.append(reject(shard, line, lines.raw, error, reading.on_error))
        if len(result.items) + len(result.rejected) >= BATCH:
            yield result
            result = BlockResult(shard)
    yield result


def _names(where: str, names: "list[str] | csv.Error", dialect: Dialect, reading: Reading) -> list[str]:
    """Return what the first line names the fields, and say it where that looks like a row."""
    if isinstance(names, csv.Error):
        raise BonepickError(f"{where}: wanted a name for each field; {_came(names)} ({dialect})")
    _refuse_no_utf8(names, f"{where}: ")
    before = f"put a line of names before it, such as text{dialect.delimiter}score"
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise BonepickError(
            f"{where}: {shortened(repeated[0])} comes {names.count(repeated[0])} times in the first line, wanted a "
            f"name for each field, each once ({dialect}): name them apart, or, where this is a row, {before}"
        )
    if len(names) == 1 and (other := next((mark for mark in ";\t|," if mark in names[0]), "")):
        raise BonepickError(f"{where}: one field, with {other!r} in it ({dialect}): --delimiter {other!r} parts it")
    if unlike := next((name for name in names if _is_unlike_name(name)), ""):
        reading.say_once(
            f"{where}: the first line is taken for the names of the fields, {shortened(unlike, 40)} among them: where "
            f"this is a row, {before}"
        )
    return names


def _refuse_no_utf8(fields: list[str], where: str = "") -> None:
    if any("\udc80" <= character <= "\udcff" for field in fields if not field.isascii() for character in field):
        raise BonepickError(f"{where}not valid UTF-8: {shortened(fields)}: {TO_UTF8}")


def _is_unlike_name(name: str) -> bool:
    return bool(_NUMBER.fullmatch(name)) or len(name) > LONGEST_NAME or "\n" in name


def _row(names: list[str], fields: "list[str] | csv.Error", text_field: str, dialect: Dialect) -> Row:
    if isinstance(fields, csv.Error) or len(fields) != len(names):
        raise BonepickError(f"{_came(fields)}, wanted {len(names)} fields ({dialect}; --delimiter, --quote, --escape)")
    _refuse_no_utf8(fields)
    return {name: field if name == text_field else _value(field) for name, field in zip(names, fields, strict=True)}


def _came(fields: "list[str] | csv.Error") -> str:
    return f"it breaks the dialect ({fields})" if isinstance(fields, csv.Error) else f"{len(fields)} fields came"


def _value(field: str) -> str | int | float:
    number = _NUMBER.fullmatch(field)
    if number is None or field == "-0":
        return field
    return float(field) if number[2] else int(field)


class _Lines:
    """The lines of a file, which go back where a row that begins there breaks the dialect: only its first is lost."""

    def __init__(self, shard: Shard, dialect: Dialect, read: BytesRead | None) -> None:
        self.raw = b""  # of the row that came last
        self._dialect = dialect
        self._source = _lines_of(shard, read)
        self._again = deque[bytes]()
        self._taken: list[bytes] = []
        self._line = 1

    def next_row(self) -> "tuple[list[str] | csv.Error, int] | None":
        """Return the fields of the next row that is not blank, or its fault, and its first line; None at the end."""
        while True:
            self._taken = []
            try:
                fields: list[str] | csv.Error = next(self._dialect.fields(self._feed()))
            except StopIteration:
                return None
            except csv.Error as error:
                fields = error
                self._again.extendleft(reversed(self._taken[1:]))
                del self._taken[1:]
            first = self._line
            self._line += len(self._taken)
            self.raw = b"".join(self._taken)
            if fields:
                return fields, first

    def _feed(self) -> Iterator[str]:
        size = 0
        while line := self._again.popleft() if self._again else next(self._source, b""):
            self._taken.append(line)
            size += len(line)
            if size > MAX_ROW:
                raise csv.Error(f"a row goes on for more than {MAX_ROW:,} characters: is a quote left open?")
            yield line.decode(errors="surrogateescape")


def _lines_of(shard: Shard, read: BytesRead | None) -> Iterator[bytes]:
    rest, first = b"", True
    for chunk in unpacked(shard.path, digest=read):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield (line.removeprefix(BOM) if first else line) + b"\n"
            first = False
        if len(rest) > MAX_ROW:
            raise BonepickError(f"{shard.path}: a line is longer than {MAX_ROW:,} bytes: is this a text file?")
    if rest:
        yield rest.removeprefix(BOM) if first else rest
