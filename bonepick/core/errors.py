"""The one error type that the library raises on purpose, and how a value is quoted in it."""

from collections.abc import Iterator

from bonepick.core.url_secrets import hide_secrets


class BonepickError(Exception):
    """A fault that the person at the keyboard can mend.

    The message is one line: what came, what was wanted, where, and what to do next; URLs in it lose their secrets.
    Commands and stages print it and exit with `exit_code`.
    """

    exit_code = 1

    def __init__(self, message: object) -> None:
        super().__init__(hide_secrets(str(message)))


class UsageError(BonepickError):
    """A wrong flag or parameter: exit code 2."""

    exit_code = 2


def shortened(value: object, limit: int = 80) -> str:
    r"""`repr(value)` on one line and cut to `limit` characters, for messages; no more of the value is looked at.

    >>> shortened("a\nb")
    "'a\\nb'"
    >>> shortened("x" * 100, limit=10)
    "'xxxxxx..."
    """
    text = ""
    for part in _parts(value, limit):
        text += part
        if len(text) > limit:
            return text[: limit - 3] + "..."
    return text


def _parts(value: object, limit: int) -> Iterator[str]:
    # type(), as subclasses have a repr of their own
    if type(value) is str or type(value) is bytes:
        yield repr(value[:limit])
    elif type(value) is list:
        yield "["
        for number, inner in enumerate(value):
            yield ", " if number else ""
            yield from _parts(inner, limit)
        yield "]"
    elif type(value) is dict:
        yield "{"
        for number, (key, inner) in enumerate(value.items()):
            yield ", " if number else ""
            yield from _parts(key, limit)
            yield ": "
            yield from _parts(inner, limit)
        yield "}"
    else:
        try:
            yield repr(value)
        except (RecursionError, ValueError):  # ValueError: of an integer with thousands of digits
            yield f"a value of type {type(value).__name__}"
