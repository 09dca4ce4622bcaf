"""Adding a value to a row's JSON: every other value keeps its bytes."""

from collections.abc import Sequence

import msgspec

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.row_limits import too_deep

Fields = dict[str, msgspec.Raw]
"""A row: the name of each field, and its value as it stands in the line."""

_decoder = msgspec.json.Decoder(Fields)


def fields_of(line: bytes) -> Fields:
    """Return the fields of a row; values are looked at no further.

    Raises:
        BonepickError: it is no JSON object, or nested too deeply to be read.
    """
    try:
        return _decoder.decode(line)
    except RecursionError:
        raise too_deep("row") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BonepickError(f"row is no JSON object ({error}): {shortened(line)}") from None


def inserted(line: bytes, fields: Fields, path: Sequence[str], value: bytes) -> bytes:
    r"""Return a row with a value at a path of fields; objects on the way are made where they are missing.

    Args:
        line: the row.
        fields: of the row.
        path: names of fields, the last of which must not be there.
        value: in JSON.

    Raises:
        BonepickError: what is on the way is no object, or the last field is there.

    >>> line = b'{"x": 1.0, "metadata": {"a": "\\u0041"}}'
    >>> inserted(line, fields_of(line), ["metadata", "fasttext"], b"{}")
    b'{"x":1.0,"metadata":{"a": "\\u0041","fasttext":{}}}'
    """
    name, *rest = path
    if name not in fields:
        return _appended(line, bool(fields), name, _nested(rest, value))
    if not rest:
        raise BonepickError(f"the row has a field {name!r}, where its scores would go: name another (--name or --into)")
    inner = bytes(fields[name]).strip()
    if not inner.startswith(b"{"):
        raise BonepickError(
            f"field {name!r} is {shortened(msgspec.json.decode(inner))}, wanted an object, which scores go into "
            "(or name another field: --into)"
        )
    changed = inserted(inner, fields_of(inner), rest, value)
    return msgspec.json.encode({**fields, name: msgspec.Raw(changed)})


def _appended(line: bytes, more: bool, name: str, value: bytes) -> bytes:
    open_end = line.rstrip()[:-1].rstrip()
    return b"".join((open_end, b"," if more else b"", msgspec.json.encode(name), b":", value, b"}"))


def _nested(names: Sequence[str], value: bytes) -> bytes:
    for name in reversed(names):
        value = b"".join((b"{", msgspec.json.encode(name), b":", value, b"}"))
    return value
