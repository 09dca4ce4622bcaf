"""A text or label field that is nowhere in a source is said at once: later it is a fault of every row."""

from collections.abc import Iterator

from bonepick.core.progress import note
from bonepick.data.row_loop import BlockResult
from bonepick.data.rows import Row, RowParams


class MissingFields:
    """Passes blocks of rows on, and looks at the first of them all."""

    def __init__(self, where: str, rows: RowParams, grouped: bool) -> None:
        """Take the source's name, for people, which fields are looked for, and whether rows come in other groups."""
        self._where = where
        self._rows = rows
        self._grouped = grouped
        self._looked = False

    def __call__(self, blocks: Iterator[BlockResult[Row]]) -> Iterator[BlockResult[Row]]:
        """Yield the blocks; say first what none of the first one's rows has."""
        for block in blocks:
            if block.items and not self._looked:
                self._looked = True
                self._say(block)
            yield block

    def _say(self, block: BlockResult[Row]) -> None:
        fields = list(dict.fromkeys(name for row in block.items for name in row))
        whose = f"(the first {len(block.items):,} rows have {', '.join(fields)})"
        text, label = self._rows.text_field, self._rows.label_field
        if not text.startswith(".") and text not in fields:
            apart = "" if self._grouped else ", so equal texts may come into several splits"
            note(f"{self._where}: there is no text field {text!r}{apart} {whose}: --text-field names it")
        if not label.startswith(".") and label not in fields:
            note(f"{self._where}: there is no label field {label!r} {whose}: transform-dataset -l makes it")
