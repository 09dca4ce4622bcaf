"""Dialects of CSV: how the fields of a line are told apart."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bonepick.core.errors import BonepickError, shortened


def character(given: str) -> str:
    r"""Return the one character, or none, that somebody names: a tab may be `\t`, as a shell leaves it.

    Raises:
        BonepickError: it is more than one.

    >>> character(";"), character("\\t"), character("")
    (';', '\t', '')
    """
    if given == "\\t":
        return "\t"
    if len(given) > 1:
        raise BonepickError(f"{shortened(given)} came, wanted one character (\\t for a tab): --delimiter, --escape")
    return given


@dataclass(frozen=True)
class Dialect:
    """How the fields of a line are told apart.

    Attributes:
        delimiter: one character between fields.
        quote: one character around fields that may hold delimiters and line breaks, doubled inside; empty for none.
        escape: one character that takes its meaning from the next one; empty for none.
    """

    delimiter: str
    quote: str
    escape: str = ""

    def __str__(self) -> str:
        return (
            f"fields between {self.delimiter!r}, {f'in quotes {self.quote}' if self.quote else 'quotes are text'}"
            f"{f', escaped by {self.escape}' if self.escape else ''}"
        )

    def fields(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yield the fields of each row; the fault of a row is a `csv.Error`."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            doublequote=not self.escape,
            strict=True,
        )
