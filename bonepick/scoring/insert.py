"""Adding a value to a row's JSON: every other value keeps its bytes."""

from collections.abc import Sequence

import msgspec

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.row_limits import too_deep
from bonepick.data.rows import not_utf8

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
    except UnicodeDecodeError as error:
        raise not_utf8(error, line) from None
    except msgspec.DecodeError as error:
        raise BonepickError(f"row is no JSON object ({error}): {shortened(line)}") from None


def gap(line: bytes, fields: Fields, path: Sequence[str]) -> tuple[bytes, bytes]:
    r"""Return what of a row stands before and after a value that is put at a path of fields, together with it.

    Objects on the way are made where they are missing.

    Args:
        line: the row.
        fields: of the row.
        path: names of fields, the last of which must not be there.

    Raises:
        BonepickError: what is on the way is no object, or the last field is there.

    >>> line = b'{"x": 1.0, "metadata": {"a": "\\u0041"}}'
    >>> gap(line, fields_of(line), ["metadata", "fasttext"])
    (b'{"x":1.0,"metadata":{"a": "\\u0041","fasttext":', b'}}')
    """
    name, *rest = path
    if name not in fields:
        return line.rstrip()[:-1].rstrip() + (b"," if fields else b"") + _opened(path), b"}" * len(path)
    if not rest:
        raise BonepickError(f"the row has a field {name!r}, where its scores would go: name another (--name or --into)")
    inner = bytes(fields[name]).strip()
    if not inner.startswith(b"{"):
        raise BonepickError(
            f"field {name!r} is {shortened(msgspec.json.decode(inner))}, wanted an object, which scores go into "
            "(or name another field: --into)"
        )
    before, after = gap(inner, fields_of(inner), rest)
    others, place = list(fields.items()), list(fields).index(name)
    first, last = (msgspec.json.encode(dict(some)) for some in (others[:place], others[place + 1 :]))
    return (
        first[:-1] + (b"," if place else b"") + msgspec.json.encode(name) + b":" + before,
        after + (b"," if len(last) > 2 else b"") + last[1:],
    )


def _opened(path: Sequence[str]) -> bytes:
    return b":{".join(map(msgspec.json.encode, path)) + b":"
