"""Types and values of params in words, for messages: as a person writes them in YAML or on a command line."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

from msgspec import Meta

from bonepick.core.errors import shortened

BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}
_PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def described(hint: Any) -> str:
    """Return what a value of a type is.

    >>> described(Annotated[int, Meta(ge=1, le=9)]), described(tuple[Annotated[float, Meta(gt=0)], ...])
    ('a whole number from 1 to 9', 'a list, each value of it a number above 0')
    """
    inner, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    words = [_described(inner), *(word for mark in marks if isinstance(mark, Meta) for word in _bounds(mark))]
    each = f", each value of it {described(get_args(inner)[0])}" if get_origin(inner) is tuple else ""
    return " ".join(words) + each


def _described(kind: Any) -> str:
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return " or ".join(map(str, arguments))
    if get_origin(kind) is tuple:
        return "a list"
    if kind in _PLAIN:
        return _PLAIN[kind]
    return ", or ".join("nothing" if one is type(None) else described(one) for one in arguments) or str(kind)


def _bounds(mark: Meta) -> Iterator[str]:
    bounds = ((text, getattr(mark, name)) for name, text in BOUNDS.items())
    yield from (text.format(bound) for text, bound in bounds if bound is not None)
    if mark.min_length:
        yield "that is not empty"
    if mark.pattern:
        yield f"that matches {mark.pattern}"


def as_yaml_value(value: object, limit: int = 80) -> str:
    """Return a value as it stands in a YAML file, on one line and cut, for messages.

    >>> as_yaml_value([None, True, "a", float("inf")])
    "[null, true, 'a', .inf]"
    """
    text = _yaml(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _yaml(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        case date():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_yaml, value))}]"
        case dict():
            return f"{{{', '.join(f'{_yaml(key)}: {_yaml(inner)}' for key, inner in value.items())}}}"
    return shortened(value, 200)
