"""The person's side of a command or stage: notes and progress on stderr, faults as one line and an exit code."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import listen


class Terminal:
    """Prints notes as lines; shows a running count only where stderr is a terminal."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.live = sys.stderr.isatty() and not quiet
        self.start("", "")

    def note(self, message: str) -> None:
        """Print one sentence."""
        if not self.quiet:
            self._clear()
            print(message, file=sys.stderr, flush=True)

    def start(self, what: str, unit: str) -> None:
        """Begin a count."""
        self.what = what
        self.unit = unit
        self.count = 0
        self.shown = 0.0

    def advance(self, count: int) -> None:
        """Show the count, ten times a second at most."""
        self.count += count
        if self.live and monotonic() - self.shown > 0.1:
            self.shown = monotonic()
            print(f"\r\x1b[K{self.what}: {self.count:,} {self.unit}", end="", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Wipe the count."""
        self._clear()

    def _clear(self) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def at_terminal(quiet: bool = False) -> Iterator[None]:
    """Run a command's body: faults end as one line on stderr and the exit code, Ctrl-C as 130, never a traceback."""
    listen(Terminal(quiet or bool(os.environ.get("BONEPICK_QUIET"))))
    # SIGTERM ends like Ctrl-C does, so that temporary outputs and workers are cleaned up then too
    signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    except BonepickError as error:
        _fail(error, error.exit_code)
    except OSError as error:
        _fail(f"{error.filename or 'input/output'}: {error.strerror or error}", BonepickError.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted: nothing half-written was left", 130)
    except UnicodeEncodeError as error:
        _fail(UsageError(f"a path or argument is not valid Unicode: {error.reason}"), UsageError.exit_code)


def _terminated(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fail(message: object, code: int) -> None:
    print("error: " + " ".join(str(message).split()), file=sys.stderr, flush=True)
    raise SystemExit(code)
