"""On a terminal long work shows share, rate and time left, and leaves nothing behind; anywhere else it is silent."""

import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest

from bonepick import bars
from bonepick.core.progress import note, progress
from bonepick.terminal import at_terminal
from tests.tiny import tiny_dataset, tiny_rows

pytestmark = pytest.mark.usefixtures("own_process_state")
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
WORDS = {"neg": ["buy", "deal"], "pos": ["treaty", "orbit"]}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True

    @contextmanager
    def command(self, quiet: bool = False) -> Iterator[None]:
        """Run a command's body on this terminal."""
        with redirect_stderr(self), at_terminal(quiet):
            yield


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal on which each advance is drawn."""
    for name, value in {"TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    for name in ("SOON", "MOMENT"):
        monkeypatch.setattr(bars, name, 0)
    return Screen()


def left_on(screen: Screen) -> list[str]:
    """Return the lines that a terminal shows at last."""
    lines, row = [""], 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", screen.getvalue()):
        if part == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif part == "\x1b[1A":
            row -= 1
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not part.startswith(("\x1b", "\r")):
            lines[row] += part  # all that is drawn over is wiped before
    while lines and not lines[-1]:
        lines.pop()
    return lines


def test_share_rate_and_time_left_are_shown(screen: Screen) -> None:
    with screen.command():
        with progress("read", "bytes", 4e6) as advance:
            advance(1e6)
            advance(1e6)
        note("done")
    assert re.search(r"read ━━━━╸? *50%  2\.0/4\.0 MB  [\d,.]+ MB/s  0:00 left", CODES.sub("", screen.getvalue()))
    assert left_on(screen) == ["done"]


def test_what_is_begun_meanwhile_has_a_bar_of_its_own_and_may_end_in_any_order(screen: Screen) -> None:
    with screen.command():
        one, other = progress("one", "rows", 10), progress("other", "rows")
        advance_one, advance_other = one.__enter__(), other.__enter__()
        advance_one(5)
        advance_other(7)
        both = left_on(screen)
        one.__exit__(None, None, None)
        advance_other(1_000)
        last = left_on(screen)
        advance_one(1)  # late: it is heard no more
        other.__exit__(None, None, None)
        with progress("next", "rows", 2) as advance:
            advance(1)
            afterwards = left_on(screen)
    assert [line.split()[0] for line in both] == ["one", "other"]
    assert ["other" in line and "1,007 rows" in line for line in last] == [True]
    assert [line.split()[0] for line in afterwards] == ["next"]
    assert left_on(screen) == []


def test_what_is_printed_meanwhile_stands_above(screen: Screen) -> None:
    with screen.command(), progress("read", "rows", 2) as advance:
        advance(1)
        note("x" * 200)
        print("y" * 200, file=sys.stderr)
        advance(1)
    assert left_on(screen) == ["x" * 200, "y" * 200]


def test_a_name_is_no_markup_sends_no_codes_and_shows_its_end(screen: Screen) -> None:
    with screen.command():
        for what in ("read [red]", "read \x1b[2J", f"read {'a/' * 50}train"):
            with progress(what, "rows", 1) as advance:
                advance(1)
    shown = screen.getvalue()
    assert "read [red] ━" in shown
    assert "read \\x1b[2J ━" in shown
    assert "\x1b[2J" not in shown
    assert "a/a/train ━" in shown
    assert max(len(line) for line in CODES.sub("\n", shown).splitlines()) <= 80


def test_work_that_is_broken_off_leaves_a_clean_line(screen: Screen) -> None:
    def rows() -> object:
        with progress("read", "rows", 2) as advance:
            advance(1)
            yield
            advance(1)

    going_on = rows()
    with pytest.raises(SystemExit), screen.command():
        next(going_on)  # type: ignore[call-overload]
        raise KeyboardInterrupt
    assert left_on(screen) == ["error: interrupted: nothing half-written was left"]


def test_work_that_is_soon_done_draws_nothing(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "SOON", 60)
    with screen.command(), progress("read", "rows", 2) as advance:
        advance(1)
    assert screen.getvalue() == ""


def test_a_quiet_screen_stays_empty(screen: Screen) -> None:
    with screen.command(quiet=True):
        note("half way")
        with progress("read", "rows", 2) as advance:
            advance(1)
    assert screen.getvalue() == ""


def test_a_terminal_that_goes_away_stops_no_work(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(text: str) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(screen, "write", gone)
    with screen.command(), progress("read", "rows", 2) as advance:
        advance(1)
        note("half way")
        advance(1)


DRAWN_AT_ONCE = """
import sys
from bonepick import bars
bars.SOON = bars.MOMENT = 0
"""
COMMAND = f"""{DRAWN_AT_ONCE}
from bonepick.cli import main
main()
"""
LOUD = f"""{DRAWN_AT_ONCE}
import warnings
from bonepick.core.progress import progress
from bonepick.terminal import at_terminal
with at_terminal(), progress("read", "rows", 2) as advance:
    advance(1)
    warnings.warn("slow: https://me:secret@host/" + 100 * "a" + "?sig=secret")
    advance(1)
"""


def drawn_by(*words: str) -> str:
    """Return what a Python program writes to standard error, where that is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, *words], stderr=theirs, env=os.environ | {"TERM": "xterm"}) as process:
        os.close(theirs)
        drawn = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert process.returncode == 0
    return drawn


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # all that wrote there have ended
        return b""


def test_a_command_draws_on_a_terminal_and_not_in_a_log(tmp_path: Path) -> None:
    rows = tiny_dataset(tmp_path / "rows", 2, train=tiny_rows(80, WORDS, 1), valid=tiny_rows(20, WORDS, 2))
    words = ["-c", COMMAND, "normalize-dataset", "-i", str(rows), "-n", "whitespace", "-p", "1", "-o"]
    logged = subprocess.run([sys.executable, *words, str(tmp_path / "logged")], capture_output=True, text=True)
    drawn = CODES.sub("", drawn_by(*words, str(tmp_path / "drawn")))
    assert logged.stderr == f"normalize: 100 rows (train 80, valid 20) -> {tmp_path}/logged\n"
    assert re.search(r"━━━━━━━━ 100%  0\.0/0\.0 MB  [\d.]+ MB/s  0:00 left", drawn)
    assert drawn.endswith(f"normalize: 100 rows (train 80, valid 20) -> {tmp_path}/drawn\r\n")


def test_what_libraries_print_above_bars_has_no_secrets() -> None:
    drawn = drawn_by("-c", LOUD)
    assert f"slow: https://host/{'a' * 100}\r\n" in drawn
    assert "secret" not in drawn


def test_where_nothing_is_drawn_the_library_that_draws_is_not_imported(tmp_path: Path) -> None:
    code = "import sys, bonepick.terminal as t\nwith t.at_terminal(): pass\nprint('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
