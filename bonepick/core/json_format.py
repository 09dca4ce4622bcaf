"""JSON as it stands in outputs: indented, keys sorted or as given, a line break at the end."""

from dataclasses import asdict, is_dataclass
from typing import Any, Literal

import msgspec


def json_bytes(value: Any, order: Literal["sorted"] | None = "sorted") -> bytes:
    r"""Return a value as JSON that people can read, the same bytes for the same value.

    Args:
        value: of dicts, lists, strings, numbers and dataclasses.
        order: `sorted` sorts the keys at every level, None leaves them as they are.

    >>> json_bytes({"b": 1, "a": None})
    b'{\n  "a": null,\n  "b": 1\n}\n'
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)  # msgspec leaves out what it did not find when it read one: a field at its default
    return msgspec.json.format(msgspec.json.encode(value, order=order), indent=2) + b"\n"
