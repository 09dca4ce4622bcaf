"""A person sees notes, one line for a fault, and an exit code that tells what kind it was."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zstandard

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.progress import note, progress
from bonepick.terminal import at_terminal

pytestmark = pytest.mark.usefixtures("own_process_state")


@contextmanager
def ends_with(code: int) -> Iterator[None]:
    with pytest.raises(SystemExit) as ended:
        yield
    assert ended.value.code == code


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        (BonepickError("rows.jsonl:3: bad"), 1, "error: rows.jsonl:3: bad\n"),
        (UsageError("seed is 'x'"), 2, "error: seed is 'x'\n"),
        (BonepickError("two\nlines  of it"), 1, "error: two lines of it\n"),
        (
            FileNotFoundError(2, "No such file or directory", "a.jsonl"),
            1,
            "error: a.jsonl: No such file or directory\n",
        ),
        (OSError("disk full"), 1, "error: input/output: disk full\n"),
        (KeyboardInterrupt(), 130, "error: interrupted: nothing half-written was left\n"),
    ],
)
def test_a_fault_is_one_line_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], fault: BaseException, code: int, line: str
) -> None:
    with ends_with(code), at_terminal():
        raise fault
    assert capsys.readouterr() == ("", line)


def test_a_path_that_is_not_unicode_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with ends_with(2), at_terminal():
        "\udcff".encode()
    assert capsys.readouterr().err.startswith("error: a path or argument is not valid Unicode")


def failed_import() -> None:
    try:
        raise ImportError("libtorch.so: failed to map segment from shared object")
    except ImportError as error:
        raise ImportError("Cannot import module 'x'") from error


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (MemoryError(), "error: not enough memory: "),
        (RuntimeError("can't start new thread"), "error: not enough memory or processes (can't start new thread): "),
        (zstandard.ZstdError("Allocation error : x"), "error: not enough memory or processes (Allocation error): "),
        (None, "error: not enough memory or processes (failed to map segment): "),
        (OSError(28, "No space left on device"), "error: input/output: No space left on device\n"),
        (OSError("https://me:secret@host/a?sig=secret"), "error: input/output: https://host/a\n"),
    ],
)
def test_what_the_machine_does_not_give_is_one_line(
    capsys: pytest.CaptureFixture[str], fault: Exception | None, said: str
) -> None:
    with ends_with(1), at_terminal():
        if fault is None:
            failed_import()
        else:
            raise fault
    line = capsys.readouterr().err
    assert line.startswith(said)
    assert line.count("\n") == 1


def test_a_file_that_was_missed_on_the_way_does_not_hide_a_defect() -> None:
    with pytest.raises(ZeroDivisionError), at_terminal():
        try:
            raise FileNotFoundError("a")
        except FileNotFoundError:
            _ = 1 // 0


def test_what_a_library_makes_of_an_interrupt_is_one(
    capsys: pytest.CaptureFixture[str], own_process_state: None
) -> None:
    """Imports of compiled modules say that they failed, also where Ctrl-C came."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ends_with(130), at_terminal():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None
    assert capsys.readouterr().err == "error: interrupted: nothing half-written was left\n"


def test_a_message_sends_no_codes_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with ends_with(1), at_terminal():
        note("label 'a\x1b[2J'")
        raise BonepickError(f"{'x' * 200_000} is no label: rename it")
    said, line, _ = capsys.readouterr().err.split("\n")
    assert said == "label 'a\\x1b[2J'"
    assert len(line) < 1_200
    assert line.endswith("x… is no label: rename it")


LOUD = """
import logging, warnings
from bonepick.terminal import at_terminal
with at_terminal():
    url = "https://me:secret@host/a?sig=secret"
    logging.getLogger("library").warning("trying %s again", url)
    warnings.warn(f"slow: {url}")
    raise ZeroDivisionError(url)
"""


def test_what_libraries_print_has_no_secrets() -> None:
    ended = subprocess.run([sys.executable, "-c", LOUD], capture_output=True, text=True)
    assert ended.stderr.startswith("trying https://host/a again\n")
    assert ended.stderr.endswith("ZeroDivisionError: https://host/a\n")
    assert "secret@" not in ended.stderr
    assert "sig=" not in ended.stderr


def test_a_defect_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), at_terminal():
        _ = 1 // 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_like_ctrl_c_so_that_cleaning_up_happens(
    capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    cleaned = []
    with ends_with(130), at_terminal():
        try:
            os.kill(os.getpid(), number)
            signal.pause()
        finally:
            cleaned.append(True)
    assert cleaned
    assert "interrupted" in capsys.readouterr().err


def test_who_has_sighup_ignored_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nohup has it, of commands that outlive their terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with at_terminal():
        os.kill(os.getpid(), signal.SIGHUP)


@pytest.mark.parametrize(
    "fault", ["MemoryError()", "SystemError('no exception set')", "ImportError('failed to map segment from x')"]
)
def test_too_little_memory_to_begin_is_one_line(fault: str) -> None:
    """Before the module is there that answers faults."""
    begin = f"""
import builtins
from bonepick.cli import main
def fail(*_):
    raise {fault}
builtins.__import__ = fail
main()
"""
    ended = subprocess.run([sys.executable, "-c", begin], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: not enough memory")


def test_notes_are_lines_on_stderr_and_no_count_is_drawn_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    with at_terminal():
        note("something was assumed")
        with progress("read") as advance:
            advance(3)
    assert capsys.readouterr() == ("", "something was assumed\n")


@pytest.mark.parametrize("how", ["flag", "environment"])
def test_quiet_silences_notes_and_not_faults(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "environment":
        monkeypatch.setenv("BONEPICK_QUIET", "1")
    with ends_with(1), at_terminal(quiet=how == "flag"):
        note("something was assumed")
        raise BonepickError("bad")
    assert capsys.readouterr().err == "error: bad\n"


def test_library_code_that_nobody_listens_to_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    note("unheard")
    with progress("read") as advance:
        advance(1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("value", ["a\nb\r\x1b[2J", "x" * 1000, {"text": "y" * 500}, b"\xff\n"])
def test_a_quoted_value_is_short_and_on_one_line(value: object) -> None:
    said = shortened(value)
    assert len(said) <= 80
    assert said.isprintable()
