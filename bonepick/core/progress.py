"""The seam through which library code tells what it is doing; who listens is not its business."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from bonepick.core.url_secrets import hide_secrets


class Listener(Protocol):
    """Hears notes and counts."""

    def note(self, message: str) -> None:
        """Take one sentence that a person should read."""

    def start(self, what: str, unit: str) -> None:
        """A long piece of work begins."""

    def advance(self, count: int) -> None:
        """`count` more units are done."""

    def stop(self) -> None:
        """The piece of work ended, well or not."""


class Silence:
    """The listener that hears nothing: what library users get unless they install one."""

    def note(self, message: str) -> None:
        """Hear nothing."""

    def start(self, what: str, unit: str) -> None:
        """Hear nothing."""

    def advance(self, count: int) -> None:
        """Hear nothing."""

    def stop(self) -> None:
        """Hear nothing."""


_listener: Listener = Silence()


def listen(listener: Listener) -> None:
    """Install the listener of this process."""
    global _listener
    _listener = listener


def note(message: str) -> None:
    """Say one sentence that a person should read: something was left out, assumed or fell back.

    URLs in it lose their secrets.
    """
    _listener.note(hide_secrets(message))


@contextmanager
def progress(what: str, unit: str = "rows") -> Iterator[Callable[[int], None]]:
    """Announce a long piece of work; yields the function that is told of each advance.

    >>> with progress("count", unit="files") as advance:
    ...     advance(1)
    """
    _listener.start(what, unit)
    try:
        yield _listener.advance
    finally:
        _listener.stop()
