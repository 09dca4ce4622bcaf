"""The seam through which library code tells what it is doing; who listens is not its business."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeAlias

from bonepick.core.url_secrets import hide_secrets

Advance: TypeAlias = Callable[[float], None]
"""Is told how many more units are done; from any thread."""


class Listener(Protocol):
    """Hears notes, and how far long pieces of work are."""

    def note(self, message: str) -> None:
        """Take one sentence that a person should read."""

    def watch(self, what: str, unit: str, total: float | None) -> AbstractContextManager[Advance]:
        """A long piece of work, which lasts as long as the context; others may begin and end meanwhile, in any order.

        Args:
            what: is done.
            unit: of what is counted; `bytes` are shown as megabytes.
            total: units, where that is known.
        """


class Silence:
    """The listener that hears nothing: what library users get unless they install one."""

    def note(self, message: str) -> None:
        """Hear nothing."""

    def watch(self, what: str, unit: str, total: float | None) -> AbstractContextManager[Advance]:
        """Hear nothing."""
        return nullcontext(unheard)


def unheard(count: float) -> None:
    """Take an advance that nobody wants to hear of."""


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


def progress(what: str, unit: str = "rows", total: float | None = None) -> AbstractContextManager[Advance]:
    """Announce a long piece of work; the context is the function that is told of each advance.

    >>> with progress("count", unit="files", total=2) as advance:
    ...     advance(1)
    """
    return _listener.watch(what, unit, total)
