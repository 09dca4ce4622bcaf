"""The person's side of a command or stage: notes and progress on stderr, faults as one line and an exit code."""

import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from types import FrameType
from typing import NoReturn

from bonepick.bars import Bars
from bonepick.core.cells import as_message
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.extras import what_is_missing
from bonepick.core.no_memory import lack_of_memory
from bonepick.core.progress import Advance, listen, unheard
from bonepick.core.url_secrets import hide_secrets
from bonepick.streams import end, finish_output, open_streams, say

INTERRUPTED = "interrupted: nothing half-written was left"
NO_READER = 128 + signal.SIGPIPE
"""What shells report of a program whose output nobody reads any more."""


class Terminal:
    """Prints notes as lines; shows how far long work is only where stderr is a terminal."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bars = Bars() if sys.stderr.isatty() and not quiet else None

    def note(self, message: str) -> None:
        """Print one sentence, above bars where there are some."""
        if not self.quiet:
            say(as_message(message) + "\n")

    def watch(self, what: str, unit: str, total: float | None) -> AbstractContextManager[Advance]:
        """Show a bar, if it takes long."""
        return self.bars.watch(what, unit, total) if self.bars else nullcontext(unheard)

    def close(self) -> None:
        """Wipe what is still shown of work that was broken off."""
        if self.bars:
            self.bars.close()


@contextmanager
def at_terminal(quiet: bool = False) -> Iterator[None]:
    """Run a command's body: faults end as one line on stderr and the exit code, Ctrl-C as 130, never a traceback."""
    open_streams()
    _start_no_threads_without_room()
    terminal = Terminal(quiet or bool(os.environ.get("BONEPICK_QUIET")))
    listen(terminal)
    interrupted = _Interrupted()
    try:
        try:
            with closing(terminal):
                yield
        except SystemExit:  # the command line's library ends so, also when all is well
            finish_output()
            raise
        finish_output()
    except KeyboardInterrupt as stopped:  # who has a result already says what stays of it
        _fail(f"interrupted: {stopped}" if str(stopped) else INTERRUPTED, 130)
    except Exception as error:
        if interrupted:  # while a library was being imported, which says that this failed
            _fail(INTERRUPTED, 130)
        if isinstance(error, BonepickError):
            _fail(error, error.exit_code)
        if isinstance(error, BrokenPipeError):
            end(NO_READER)
        if isinstance(error, UnicodeEncodeError):
            _fail(UsageError(f"a path or argument is not valid Unicode: {error.reason}"), UsageError.exit_code)
        if sentence := _environment(error):
            _fail(sentence, BonepickError.exit_code)
        raise


class _Interrupted:
    """True once Ctrl-C came, or SIGTERM or SIGHUP, which end like it so that outputs and workers are cleaned up."""

    def __init__(self) -> None:
        self._came = False
        signal.signal(signal.SIGTERM, self._answer)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(signal.SIGHUP, self._answer)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a parent can have it ignored
            signal.signal(signal.SIGINT, self._answer)

    def _answer(self, signum: int, frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt

    def __bool__(self) -> bool:
        return self._came


def _environment(error: Exception) -> str:
    """Return what to say of a fault that the machine, or what it lacks, is to blame for; empty for a defect of ours."""
    if isinstance(error, OSError):
        return f"{error.filename or 'input/output'}: {error.strerror or error}"
    if isinstance(error, ImportError) and (sentence := what_is_missing(error)):
        return sentence
    if sentence := lack_of_memory(error):
        return sentence
    if sys.flags.optimize > 1:
        return f"PYTHONOPTIMIZE=2 takes away docstrings that libraries need ({error}): unset it"
    return ""


def _start_no_threads_without_room() -> None:
    """Let libraries of arithmetic start one thread where memory is limited: they abort, or hang, if one cannot start.

    What is kept of their results is the same with any number: see `one_thread`.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        for library in ("OPENBLAS", "OMP", "MKL"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def _fail(message: object, code: int) -> NoReturn:
    say(f"error: {as_message(hide_secrets(str(message)))}\n")
    end(code)
