"""Tables: as Markdown and as plain text for people, as CSV for programs."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from bonepick.core.cells import as_markdown_text, csv_cell, csv_text, on_one_line

R = TypeVar("R", bound=NamedTuple)


def as_markdown(table: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a table as Markdown, with its first columns aligned to the left and the others to the right.

    >>> print(as_markdown([["model", "auc"], ["a", "0.9"]]), end="")
    | model | auc |
    |:------|----:|
    | a     | 0.9 |
    """
    widths, lines = _aligned([[as_markdown_text(on_one_line(cell)) for cell in row] for row in table], left)
    rule = "|" + "|".join(":" + "-" * (w + 1) if i < left else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    head, *rows = (f"| {' | '.join(cells)} |" for cells in lines)
    return "\n".join([head, rule, *rows]) + "\n"


def as_text(table: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a table as plain text, with its first columns aligned to the left and the others to the right.

    >>> print(as_text([["model", "auc"], ["a", "0.913"]]), end="")
    model    auc
    a      0.913
    """
    lines = _aligned([[on_one_line(cell) for cell in row] for row in table], left)[1]
    return "".join("  ".join(cells).rstrip() + "\n" for cells in lines)


def with_interval(value: float | None, low: float | None = None, high: float | None = None, nothing: str = "-") -> str:
    """Return a number with the ends of its interval, where it has one.

    >>> with_interval(0.9126, 0.9, 0.92), with_interval(0.9126), with_interval(None)
    ('0.913 [0.900, 0.920]', '0.913', '-')
    """
    if value is None:
        return nothing
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def all_digits(value: float | None, nothing: str = "-") -> str:
    """Return a number with all its digits: many scores of a sure model begin with .9999.

    >>> all_digits(0.999987), all_digits(1e-07), all_digits(None)
    ('0.999987', '0.0000001', '-')
    """
    return nothing if value is None else format(Decimal(repr(value)), "f")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV; None becomes an empty cell, see `csv_cell`."""
    # an empty line would be no row: so the csv module has it too
    return "".join((",".join(map(csv_cell, row)) or '""') + "\n" for row in [header, *rows])


def parsed_csv(text: str, kind: type[R]) -> list[R]:
    """Return the rows of what `as_csv` made, with the types that a named tuple says; an empty cell is None.

    Args:
        text: with a header, which names the fields of `kind` in their order.
        kind: of the rows; fields are `str`, `int`, `float`, one of them and None, or some words.

    Raises:
        ValueError: no CSV, another header, or a line whose cells are too few, too many, or not of their types.
    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a cell may be longer than the module's default
    lines = csv.reader(io.StringIO(text, newline=""))
    parsers = [_parser(hint) for hint in get_type_hints(kind).values()]
    try:
        header = next(lines, [])
        if header != list(kind._fields):
            raise ValueError(f"columns are {', '.join(header)}, wanted {', '.join(kind._fields)}")
        rows = [kind(*_parsed(line, parsers)) for line in lines]
    except (csv.Error, ValueError) as error:  # the former is none of the latter
        raise ValueError(f"line {lines.line_num}: {error}") from None
    if not text.endswith("\n"):
        raise ValueError(f"line {lines.line_num}: cut")
    return rows


def _parsed(line: Sequence[str], parsers: Sequence[Callable[[str], Any]]) -> list[Any]:
    if len(line) != len(parsers):
        raise ValueError(f"{len(line)} cells came, wanted {len(parsers)}")
    return [parse(cell) for parse, cell in zip(parsers, line, strict=True)]


def _parser(hint: Any) -> Callable[[str], Any]:
    if get_origin(hint) is Literal:
        return partial(_one_of, get_args(hint))
    kinds = get_args(hint) or (hint,)
    kinds_known: dict[Any, Callable[[str], Any]] = {str: csv_text, float: _number}
    parse = kinds_known.get(kinds[0], kinds[0])
    return (lambda cell: parse(cell) if cell else None) if type(None) in kinds else parse


def _number(cell: str) -> float:
    if not math.isfinite(number := float(cell)):
        raise ValueError(f"{cell!r} is no finite number")
    return number


def _one_of(known: Sequence[str], cell: str) -> str:
    if cell not in known:
        raise ValueError(f"{cell!r} is none of {', '.join(known)}")
    return cell


def _aligned(table: Sequence[Sequence[str]], left: int) -> tuple[list[int], list[list[str]]]:
    """Return the width of each column, and the cells filled up to it."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    cells = [
        [cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        for row in table
    ]
    return widths, cells
