"""Standard streams as commands get them: closed, full, or read by nobody."""

import io
import os
import sys
from contextlib import suppress
from errno import EPIPE
from typing import NoReturn

from bonepick.core.errors import BonepickError
from bonepick.core.url_secrets import hide_secrets


class _WithoutSecrets(io.TextIOWrapper):
    """A stream that shows no secrets of URLs, whoever writes to it: libraries log and warn there by themselves."""

    def write(self, text: str, /) -> int:
        super().write(hide_secrets(text))
        return len(text)


def open_streams() -> None:
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
            stream = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
    if type(sys.stderr) is io.TextIOWrapper:  # the stream itself, and nobody's stand-in
        sys.stderr = _WithoutSecrets(sys.stderr.buffer, encoding=sys.stderr.encoding, line_buffering=True)
    for printed in (sys.stdout, sys.stderr):
        if isinstance(printed, io.TextIOWrapper):  # a terminal that knows ASCII alone gets escapes
            printed.reconfigure(errors="backslashreplace")


def finish_output() -> None:
    """Write what is left in the buffer of standard output.

    Raises:
        BonepickError: it cannot be written.
        BrokenPipeError: nobody reads it any more.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        if error.errno == EPIPE:
            raise
        raise BonepickError(f"standard output cannot be written: {error.strerror}") from None


def end(code: int) -> NoReturn:
    """Exit; what is left in the buffer of standard output may go nowhere, so that Python does not fail on it then."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    raise SystemExit(code)


def say(text: str) -> None:
    """Write to standard error at once."""
    with suppress(OSError):  # what nobody can read is no reason to stop
        sys.stderr.write(text)
        sys.stderr.flush()
