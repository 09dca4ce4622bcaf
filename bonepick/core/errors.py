"""The one error type that the library raises on purpose, and how a value is quoted in it."""


class BonepickError(Exception):
    """A fault that the person at the keyboard can mend.

    The message is one line: what came, what was wanted, where, and what to do next.
    Commands and stages print it and exit with `exit_code`.
    """

    exit_code = 1


class UsageError(BonepickError):
    """A wrong flag or parameter: exit code 2."""

    exit_code = 2


def shortened(value: object, limit: int = 80) -> str:
    r"""`repr(value)` on one line and cut to `limit` characters, for messages.

    >>> shortened("a\nb")
    "'a\\nb'"
    >>> shortened("x" * 100, limit=10)
    "'xxxxxx..."
    """
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
