"""The one error type that the library raises on purpose, and how a value is quoted in it."""

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
    r"""`repr(value)` on one line and cut to `limit` characters, for messages.

    >>> shortened("a\nb")
    "'a\\nb'"
    >>> shortened("x" * 100, limit=10)
    "'xxxxxx..."
    """
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
