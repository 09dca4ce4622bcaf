"""Ctrl-C: SIGINT to the whole group ends all of it at once, with one line, exit code 130 and nothing left behind."""

import os
import re
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from tests.faults.running import Running, names

Start = Callable[..., Running]
AT_ONCE = 10  # seconds; it takes less than two on an idle machine, mostly to take torch down
MODULES = ["bonepick.core.errors", "bonepick.terminal", "cyclopts", "bonepick.core.parallel"]  # in their order
LIBRARIES = [
    "torch.torch_version",
    "torch.types",
    "torch.nn.functional",
]  # which answer Ctrl-C with faults of their own
BYTES_OF_A_FRAME, FRAMES = 1 << 20, 8_000
BAR = rb"(?s)(normalize [^\r]* left.*?){%d}"  # drawn so many times
# Python ends by the signal itself where that came during exec() of a string, as dataclasses do; shells say 130 for both
INTERRUPTED = (130, -signal.SIGINT)


class Screen:
    """A terminal for a command's standard error, so that it shows bars."""

    def __init__(self) -> None:
        self._ours, self.theirs = os.openpty()
        self._shown = b""

    def shows(self, pattern: bytes) -> bool:
        """Read on, and tell whether it was there."""
        if select.select([self._ours], [], [], 0.1)[0]:
            self._shown += os.read(self._ours, 4096)
        return re.search(pattern, self._shown) is not None

    def rest(self) -> str:
        """Return all that was shown, without what moves the cursor and wipes bars."""
        os.close(self.theirs)
        with suppress(OSError):  # what a terminal's end is here
            while more := os.read(self._ours, 4096):
                self._shown += more
        os.close(self._ours)
        return re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", self._shown.decode())


@pytest.fixture
def endless(tmp_path: Path, data: dict[str, Path]) -> Path:
    """A dataset whose last shard takes minutes: it is small, and unpacks to gigabytes."""
    folder = tmp_path / "endless"
    (folder / "train").mkdir(parents=True)
    lines = (data["rows"] / "train" / "0.jsonl").read_bytes()
    frame = zstandard.compress(lines * (BYTES_OF_A_FRAME // len(lines)))
    (folder / "train" / "rows.jsonl.zst").write_bytes(frame * FRAMES)
    return folder


def interrupt(running: Running, parent: Path, screen: Screen | None = None) -> None:
    """Interrupt the group, and hold it to its promise."""
    os.killpg(running.process.pid, signal.SIGINT)
    seconds = running.gone()
    said = screen.rest() if screen else running.ended().err
    *notes, line = [line for line in said.splitlines() if not line.startswith("import time: ")]
    assert not any(re.search("^(error|Traceback|Exception|  )|Error|Interrupt", note) for note in notes), said
    assert line.startswith("error: interrupted: "), said
    assert running.process.returncode in INTERRUPTED
    assert names(parent) == []
    assert seconds < AT_ONCE


def heeds_signals(pid: int) -> bool:
    """Tell whether Python has begun in that process: it answers SIGINT, or has it held back or ignored."""
    masks = re.findall(r"^Sig(?:Cgt|Ign|Blk):\s(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return any(int(mask, 16) & 1 << signal.SIGINT - 1 for mask in masks)


@pytest.mark.parametrize("when", ["starting", "busy"])
def test_while_workers_are(tmp_path: Path, endless: Path, start: Start, when: str) -> None:
    """First the workers alone are interrupted, which their parent shall answer, not they; then the group is."""
    screen, parent = Screen(), tmp_path / "parent"
    words = ["normalize-dataset", "-n", "potion", "-i", endless, "-o", parent / "out", "-p", 2]
    running = start(*words, stderr=screen.theirs, env={"BONEPICK_QUIET": ""})
    counts = 0 if when == "starting" else 3
    running.until(lambda: len(running.workers()) == 2 and (not counts or screen.shows(BAR % counts)))
    running.until(lambda: all(map(heeds_signals, running.workers())))
    for pid in running.workers():
        os.kill(pid, signal.SIGINT)
    running.until(lambda: screen.shows(BAR % (counts + 2)))
    interrupt(running, parent, screen)


def test_while_the_first_worker_starts(tmp_path: Path, endless: Path, start: Start) -> None:
    parent = tmp_path / "parent"
    running = start("normalize-dataset", "-n", "potion", "-i", endless, "-o", parent / "out", "-p", 2)
    running.until(lambda: any(map(heeds_signals, running.workers())))
    interrupt(running, parent)


def test_when_the_terminal_is_closed(tmp_path: Path, endless: Path, start: Start) -> None:
    """SIGHUP ends the workers by themselves; their parent cleans up."""
    parent = tmp_path / "parent"
    running = start("normalize-dataset", "-n", "potion", "-i", endless, "-o", parent / "out", "-p", 2)
    running.until(lambda: len(running.workers()) == 2 and names(parent))
    os.killpg(running.process.pid, signal.SIGHUP)
    running.gone()
    assert running.process.returncode in (1, 130)
    assert names(parent) == []


def test_while_fasttext_trains(tmp_path: Path, data: dict[str, Path], start: Start) -> None:
    parent = tmp_path / "parent"
    running = start("train-fasttext", "-d", data["lines"], "-o", parent / "out", "--bucket", 1000, "--epoch", 10**6)

    def trains() -> bool:
        return any("fasttext" in Path(f"/proc/{pid}/maps").read_text() for pid in running.workers())

    running.until(trains)
    interrupt(running, parent)


def test_while_a_head_is_trained(tmp_path: Path, data: dict[str, Path], start: Start) -> None:
    screen, parent = Screen(), tmp_path / "parent"
    words = ["train-model2vec", "-d", data["rows"], "-m", data["base"], "-o", parent / "out"]
    patience = ["--hidden-units", 8, "--max-epochs", 10**6, "--early-stopping-patience", 10**6]
    running = start(*words, *patience, stderr=screen.theirs, env={"BONEPICK_QUIET": ""})
    running.until(lambda: screen.shows(rb"[\d,]+ epochs  .* left"))
    interrupt(running, parent, screen)


@pytest.mark.parametrize("module", [*MODULES, *LIBRARIES])
def test_while_imports_run(tmp_path: Path, data: dict[str, Path], start: Start, module: str) -> None:
    """Interrupted when that module has just been imported; what comes before the first is not in our hands."""
    parent = tmp_path / "parent"
    parent.mkdir()
    words = ["sample-dataset", "--rate", 0.5, "-i", data["rows"], "-o", parent / "out"]
    if module in LIBRARIES:
        words = ["train-model2vec", "-d", data["rows"], "-m", data["base"], "-n", "whitespace", "-o", parent / "out"]
    running = start(*words, python=("-X", "importtime", "-m", "bonepick.cli"))
    assert running.process.stderr is not None
    for line in running.process.stderr:
        if line.rsplit("|")[-1].strip() == module:
            break
    interrupt(running, parent)
