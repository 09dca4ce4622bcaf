"""A text or label that is nowhere in a source is said at once: later it is a fault of every row."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from bonepick.core.progress import note
from bonepick.data.row_loop import BlockResult
from bonepick.data.rows import Row, RowParams

_KINDS = {str: "blank text", bool: "booleans", int: "numbers", float: "numbers", list: "lists", dict: "objects"}


class MissingFields:
    """Passes blocks of rows on, and looks at the first of them all."""

    def __init__(self, where: str, rows: RowParams, grouped: bool) -> None:
        """Take the source's name, for people, which fields are looked for, and whether rows come in other groups."""
        self._where = where
        self._rows = rows
        self._grouped = grouped
        self._looked = False

    def __call__(self, blocks: Iterator[BlockResult[Row]]) -> Iterator[BlockResult[Row]]:
        """Yield the blocks; say first what none of the first one's rows has, and which text or label most lack."""
        for block in blocks:
            if block.items and not self._looked:
                self._looked = True
                self._say(block.items)
            yield block

    def _say(self, rows: Sequence[Row]) -> None:
        fields = list(dict.fromkeys(name for row in rows for name in row))
        whose = f"(the first {len(rows):,} rows have {', '.join(fields)})"
        text, label = self._rows.text_field, self._rows.label_field
        if text in fields:
            self._say_most("text", text, rows, _no_text)
        elif not text.startswith("."):
            apart = "" if self._grouped else ", so equal texts may come into several splits"
            note(f"{self._where}: there is no text field {text!r}{apart} {whose}: --text-field names it")
        if label in fields:
            self._say_most("label", label, rows, _no_label)
        elif not label.startswith("."):
            note(f"{self._where}: there is no label field {label!r} {whose}: transform-dataset -l makes it")

    def _say_most(self, what: str, name: str, rows: Sequence[Row], kind_of: Callable[[object], str]) -> None:
        counts = Counter(filter(None, (kind_of(row.get(name)) for row in rows)))
        if 2 * counts.total() > len(rows):
            came = ", ".join(f"{kind} in {count:,}" for kind, count in counts.most_common())
            example = f" (of bytes: -t '{{text: (.{name}.base64 | @base64d)}}')" if "bytes" in counts else ""
            note(
                f"{self._where}: {what} field {name!r} holds a {what} in {len(rows) - counts.total():,} of the first "
                f"{len(rows):,} rows ({came}): --{what}-field names another, or transform-dataset -{what[0]} makes "
                f"it{example}"
            )


def _no_text(value: object) -> str:
    """Return what a value is in place of a text; empty where it is one."""
    return "" if isinstance(value, str) and value.strip() else _kind(value)


def _no_label(value: object) -> str:
    """Return what a value is in place of a label, or of several; empty where it is one."""
    kind = _kind(value)
    return kind if kind in ("null", "lists") or (isinstance(value, str) and not value.strip()) else ""


def _kind(value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"base64"}:
        return "bytes"
    return _KINDS.get(type(value), "null")
