"""Rows: JSON objects, and what of them is the text and the label."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from bonepick.core.children import Limits
from bonepick.core.errors import BonepickError, shortened
from bonepick.core.params import Checked, OnError, Params, Shared
from bonepick.data.expressions import compiled, one_value_of_line, shown
from bonepick.data.file_kinds import TO_UTF8
from bonepick.data.labels import canonical_label, listed
from bonepick.data.row_limits import MAX_ROW_BYTES, is_too_deep, too_deep, too_long

Row = dict[str, Any]

FieldName = Annotated[
    str, msgspec.Meta(min_length=1), Checked(lambda name: compiled(name) if name.startswith(".") else None)
]
"""The name of a field, or an expression; a wrong one is no fault of the rows."""


@dataclass(frozen=True, kw_only=True)
class RowParams(Params):
    """How rows are read."""

    text_field: FieldName = "text"
    """The field that holds the text: a name, or a jq expression that begins with a dot."""
    label_field: FieldName = "score"
    """The field that holds the label: a name, or a jq expression that begins with a dot."""
    on_error: Annotated[OnError, Shared("on_error")] = "fail"
    """What a row that cannot be used does: stop the run, or be rejected with its reason."""

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
        if value is None and (reason := missing("text", self.text_field, row)):
            raise BonepickError(reason)
        if not isinstance(value, str):
            raise BonepickError(f"text field {shown(self.text_field)} is {shortened(value)}, wanted a string")
        if not value.strip():
            raise BonepickError(f"text field {shown(self.text_field)} is empty")
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
            reason = missing("label", self.label_field, row)
            raise BonepickError(reason or f"label field {shown(self.label_field)} is null")
        return value

    def lacking(self, row: Row) -> list[str]:
        """Return a sentence for each of text and label that a row has no field for; empty where it has both.

        Those of an expression are that it fails, or yields null.
        """
        sentences = list[str]()
        for what, name in {"text": self.text_field, "label": self.label_field}.items():
            try:
                sentences.append("" if field_of(row, name) is not None else missing(what, name, row))
            except BonepickError as error:
                sentences.append(str(error))
        return list(filter(None, sentences))


def missing(what: str, name: str, row: Row) -> str:
    """Return what is to be said of a field that yields nothing; empty where the row has it, and it is null.

    >>> missing("label", "score", {"text": "x", "label": 1})
    "label field 'score' is missing; the row has text, label: name the one with the label (--label-field)"
    """
    if name in row:
        return ""
    came = "yields null" if name.startswith(".") else "is missing"
    has = f"the row has {listed(row)}" if row else "the row is empty"
    return f"{what} field {shown(name)} {came}; {has}: name the one with the {what} (--{what}-field)"


def decode(raw: bytes) -> Row:
    """Decode one line.

    Raises:
        BonepickError: it is not one JSON object in valid UTF-8, is too long or nested too deeply.
    """
    if len(raw) > MAX_ROW_BYTES:
        raise too_long(len(raw))
    try:
        row = msgspec.json.decode(raw)
    except RecursionError:
        raise too_deep("row") from None
    except UnicodeDecodeError as error:
        raise not_utf8(error, raw) from None
    except msgspec.DecodeError as error:
        raise BonepickError(f"not valid JSON ({error}): {shortened(raw)}") from None
    if is_too_deep(row, raw):
        raise too_deep("row")
    if not isinstance(row, dict):
        raise BonepickError(f"row is {shortened(row)}, wanted a JSON object")
    return row


def not_utf8(error: UnicodeDecodeError, raw: bytes) -> BonepickError:
    """Return the fault that bytes of a row are which are no UTF-8."""
    return BonepickError(f"not valid UTF-8 ({error.reason}): {shortened(raw)}: {TO_UTF8}")


def encode(row: Row) -> bytes:
    """Encode a row as one line of JSON, without a line break.

    Raises:
        BonepickError: a value has no form in JSON, a string is not valid Unicode, or the row is too long or nested
            too deeply.
    """
    try:
        line = msgspec.json.encode(row)
    except RecursionError:
        raise too_deep("row") from None
    except (TypeError, UnicodeEncodeError) as error:
        raise BonepickError(f"row cannot be written as JSON ({error}): {shortened(row)}") from None
    if len(line) > MAX_ROW_BYTES:
        raise too_long(len(line))
    return line


def field_of(row: Row, name: str) -> object:
    """Return a field by its name, or by a jq expression (begins with a dot); None where it is missing."""
    return one_value_of_line(name, encode(row)) if name.startswith(".") else row.get(name)
