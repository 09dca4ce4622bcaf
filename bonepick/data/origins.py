"""Where fastText's lines are from: `train.origins.jsonl` beside `train.txt`, a line for each of its lines.

It lies there where a row that became a line has a source or a group. Lines made elsewhere do without.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.reading import decoded, is_there
from bonepick.core.regular_files import refuse_irregular
from bonepick.data.line_writer import LineWriter

REMEDY = "convert the rows again, or remove it"
_BLOCK = 1 << 20


class Origin(NamedTuple):
    """Source and group of a row; None where it has none."""

    source: str | None = None
    group: str | None = None


UNKNOWN = Origin()


def origin_of(row: Mapping[str, Any]) -> Origin:
    """Return where a row is from.

    >>> origin_of({"text": "A text.", "source": "news", "group": "a.org"})
    Origin(source='news', group='a.org')
    """
    values = (row.get(name) for name in Origin._fields)
    return Origin(*(None if value is None else str(value) for value in values))


def origins_file(lines: Path) -> Path:
    """Return the file beside a file of lines that says where they are from.

    >>> origins_file(Path("data/train.txt")).name
    'train.origins.jsonl'
    """
    return lines.with_suffix(".origins.jsonl")


class OriginsWriter:
    """Writes where the lines of a file are from, if any of them is known to be from anywhere."""

    def __init__(self, lines: Path) -> None:
        self._path = origins_file(lines)
        self._file: LineWriter | None = None
        self._before = 0

    def write(self, origins: Sequence[Origin]) -> bytes:
        """Append the origin of each line, and return what was written; nothing as long as all are unknown."""
        if self._file is None and all(origin == UNKNOWN for origin in origins):
            self._before += len(origins)
            return b""
        lines = [_line(origin) for origin in origins]
        if self._file is None:
            self._file = LineWriter(self._path)
            lines = [_line(UNKNOWN)] * self._before + lines
        self._file.write(lines)
        return b"".join(line + b"\n" for line in lines)

    def close(self) -> None:
        """Write what is left, and close the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _line(origin: Origin) -> bytes:
    return msgspec.json.encode({name: value for name, value in origin._asdict().items() if value is not None})


def each_origin(lines: Path) -> Iterator[Origin]:
    """Yield where each line of a file is from; where nothing says that, `UNKNOWN` without end.

    Raises:
        BonepickError: what says it does not fit the lines, or cannot be read.
    """
    path = origins_file(lines)
    if not is_there(path):
        yield from repeat(UNKNOWN)
        return
    refuse_irregular(path)
    n_origins, n_lines = _n_lines(path), _n_lines(lines)
    if n_origins != n_lines:
        raise BonepickError(f"{path} has {n_origins:,} lines, wanted {n_lines:,} as {lines.name} has: {REMEDY}")
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            known = decoded(line, dict[str, str | None], f"{path}:{number}", REMEDY)
            yield Origin(known.get("source"), known.get("group"))


def _n_lines(path: Path) -> int:
    count, last = 0, b"\n"
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")
