"""What a row may be at most: one that is longer or deeper is rejected before anything has to hold or walk it whole."""

from bonepick.core.errors import BonepickError

MAX_ROW_BYTES = 256_000_000
"""Of the line. Decoded and copied between processes, a row takes a few times as much."""

KEPT_BYTES = 1_000
"""Of a line that is too long: its beginning, to know it by."""

MAX_NESTING = 200
"""Lists and objects within each other. Whatever walks a row recursively gets this far."""


_CONTAINERS = {dict, list}


def too_long(size: int) -> BonepickError:
    """Return the fault that a row of so many bytes is."""
    return BonepickError(
        f"row is {size:,} bytes long, wanted {MAX_ROW_BYTES:,} at most: cut its text into several rows"
    )


def too_deep(what: str) -> BonepickError:
    """Return the fault that a value is which is nested too deeply; `what` it is begins the message."""
    return BonepickError(
        f"{what} is nested too deeply: wanted {MAX_NESTING} lists and objects within each other at most"
    )


def is_too_deep(value: object, line: bytes | None = None) -> bool:
    """Tell whether a value is nested deeper than `MAX_NESTING`; its JSON, where there is some, makes that quick.

    >>> is_too_deep({"text": "[" * 300}), is_too_deep([[1], []], b"[[1], []]")
    (False, False)
    """
    # few rows hold more than plain values, and fewer as many brackets
    if isinstance(value, dict) and _CONTAINERS.isdisjoint(map(type, value.values())):
        return False
    if line is not None and line.count(b"[") + line.count(b"{") <= MAX_NESTING:
        return False
    return _is_nested(value)


def _is_nested(value: object) -> bool:
    level = [value]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
