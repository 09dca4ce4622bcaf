"""Tables as Markdown for people, and as CSV for programs."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path


def as_markdown(table: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a table as Markdown, with its first columns aligned to the left and the others to the right.

    >>> print(as_markdown([["model", "auc"], ["a", "0.9"]]), end="")
    | model | auc |
    |:------|----:|
    | a     | 0.9 |
    """
    table = [[cell.replace("|", "\\|") for cell in row] for row in table]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [
        "| "
        + " | ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        + " |"
        for row in table
    ]
    rule = "|" + "|".join(":" + "-" * (w + 1) if i < left else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def as_csv(table: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV; None becomes an empty cell."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table)
    return stream.getvalue()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with its header as CSV."""
    path.write_text(as_csv([header, *rows]), encoding="utf-8")


def parsed_csv(text: str) -> list[dict[str, str]]:
    """Return what `write_csv` wrote: a mapping from column to cell for each line."""
    return list(csv.DictReader(io.StringIO(text)))
