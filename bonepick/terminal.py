"""The person's side of a command or stage: notes and progress on stderr, faults as one line and an exit code."""

import io
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EPIPE
from time import monotonic
from types import FrameType
from typing import NoReturn

from bonepick.core.cells import as_message
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import listen
from bonepick.core.url_secrets import hide_secrets

NO_READER = 128 + signal.SIGPIPE
"""What shells report of a program whose output nobody reads any more."""


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
            _say(as_message(message) + "\n")

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
            _say(f"\r\x1b[K{self.what}: {self.count:,} {self.unit}")

    def stop(self) -> None:
        """Wipe the count."""
        self._clear()

    def _clear(self) -> None:
        if self.live:
            _say("\r\x1b[K")


@contextmanager
def at_terminal(quiet: bool = False) -> Iterator[None]:
    """Run a command's body: faults end as one line on stderr and the exit code, Ctrl-C as 130, never a traceback."""
    _open_streams()
    _start_no_threads_without_room()
    listen(Terminal(quiet or bool(os.environ.get("BONEPICK_QUIET"))))
    interrupted = _Interrupted()
    try:
        try:
            yield
        except SystemExit:  # the command line's library ends so, also when all is well
            _finish_output()
            raise
        _finish_output()
    except BonepickError as error:
        _fail(error, error.exit_code)
    except BrokenPipeError:
        _end(NO_READER)
    except KeyboardInterrupt:
        _fail("interrupted: nothing half-written was left", 130)
    except UnicodeEncodeError as error:
        _fail(UsageError(f"a path or argument is not valid Unicode: {error.reason}"), UsageError.exit_code)
    except Exception as error:
        if interrupted:  # while a library was being imported, which says that this failed
            _fail("interrupted: nothing half-written was left", 130)
        if sentence := _environment(error):
            _fail(sentence, BonepickError.exit_code)
        raise


class _Interrupted:
    """True once Ctrl-C came, or SIGTERM, which ends like it so that temporary outputs and workers are cleaned up."""

    def __init__(self) -> None:
        self._came = False
        signal.signal(signal.SIGTERM, self._answer)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a parent can have it ignored
            signal.signal(signal.SIGINT, self._answer)

    def _answer(self, signum: int, frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt

    def __bool__(self) -> bool:
        return self._came


def _environment(error: Exception) -> str:
    """Return what to say of a fault that the machine is the reason of; empty for a defect of ours."""
    said = str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'input/output'}: {error.strerror or error}"
    if isinstance(error, MemoryError):
        return f"not enough memory ({said or 'no more is to be had'}): free some, or raise the limit (ulimit -v)"
    if sign := next((sign for sign in NO_ROOM_TO_WORK if sign in said), ""):
        return f"not enough memory or processes ({sign}): free some, or raise the limits (ulimit -v, ulimit -u)"
    if sys.flags.optimize > 1:
        return f"PYTHONOPTIMIZE=2 takes away docstrings that libraries need ({said}): unset it"
    return ""


NO_ROOM_TO_WORK = ("can't start new thread", "failed to map segment", "allocate memory", "std::bad_alloc")
"""What libraries say that get no memory, or no thread."""


def _start_no_threads_without_room() -> None:
    """Let libraries of arithmetic start one thread where memory is limited: they abort, or hang, if one cannot start.

    What is kept of their results is the same with any number: see `one_thread`.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        for library in ("OPENBLAS", "OMP", "MKL"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def _open_streams() -> None:
    """Put something in the place of standard streams that are closed, else the next opened file is taken for them.

    What would be printed to a closed standard output is a fault, as it is of a full disk; notes are not missed.
    """
    for number, name, mode in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows ASCII alone gets escapes
            stream.reconfigure(errors="backslashreplace")


def _finish_output() -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        if error.errno == EPIPE:
            raise
        _fail(f"standard output cannot be written: {error.strerror}", BonepickError.exit_code)


def _end(code: int) -> NoReturn:
    """Exit; what is left in the buffer of standard output may go nowhere, so that Python does not fail on it then."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    raise SystemExit(code)


def _say(text: str) -> None:
    with suppress(OSError):  # what nobody can read is no reason to stop
        sys.stderr.write(text)
        sys.stderr.flush()


def _fail(message: object, code: int) -> NoReturn:
    _say(f"error: {as_message(hide_secrets(str(message)))}\n")
    _end(code)
