"""Commands run as real processes, with all that they start, and a dataset made of seeded random rows."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from bonepick.core.replacing import MARKER

TOP = Path(__file__).parents[2]
PATIENCE = 120  # seconds after which what should end is taken to hang
PAUSE = 0.005  # seconds between two looks
WORDS = [f"word{number}" for number in range(300)]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


class End(Protocol):
    """How a command ended, in this process or in another."""

    @property
    def code(self) -> int: ...
    @property
    def out(self) -> str: ...
    @property
    def err(self) -> str: ...


def fault(ended: End, code: int = 1) -> str:
    """Return the one line of a fault."""
    assert (ended.code, ended.out) == (code, ""), ended
    line = ended.err.removesuffix("\n")
    assert line.startswith("error: "), ended.err
    assert "\n" not in line, ended.err
    return line


class Running:
    """A process in a session of its own, so that it and all that it started can be found and signalled."""

    def __init__(self, words: list[str], **options: Any) -> None:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        options = {**streams, "text": True, **options}
        self.process = subprocess.Popen([sys.executable, *words], cwd=TOP, start_new_session=True, **options)

    def alive(self) -> dict[int, str]:
        """Return the command line of each process of the session that has not ended."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, _, _, session, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(session) == self.process.pid and state != "Z":
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found

    def workers(self) -> list[int]:
        return [pid for pid, line in self.alive().items() if "multiprocessing.spawn" in line]

    def until(self, reached: Callable[[], object]) -> None:
        """Return as soon as that is so; the process must not end before."""
        start = time.monotonic()
        while not reached():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() - start < PATIENCE, f"never came: {self.alive()}"
            time.sleep(PAUSE)

    def gone(self) -> float:
        """Wait until the whole session is; return the seconds that took."""
        start = time.monotonic()
        while self.process.poll() is None or self.alive():
            assert time.monotonic() - start < PATIENCE, f"still there: {self.alive()}"
            time.sleep(PAUSE)
        return time.monotonic() - start

    def ended(self) -> Ended:
        try:
            out, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"hangs: {self.alive()}")
        return Ended(self.process.returncode, out or "", err or "")

    def kill(self) -> None:
        """End what is left of it, also where only workers are."""
        for pid in self.alive():
            with suppress(ProcessLookupError):  # it has ended by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        with self.process:  # closes its pipes, and waits for it
            pass


def write_rows(folder: Path, rows_per_shard: int, seed: int = 1) -> Path:
    """Write a dataset of five plain shards; a row has a text, a label and a number."""
    rng = random.Random(seed)
    for name in ("train/0", "train/1", "train/part/2", "test/0", "test/1"):
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(_line(rng, number) for number in range(rows_per_shard)))
    return folder


def _line(rng: random.Random, number: int) -> str:
    text, label = " ".join(rng.choices(WORDS, k=rng.randint(5, 25))), rng.choice(["neg", "pos"])
    return f'{{"text":"{text}","score":"{label}","n":{number}}}\n'


def with_marker(files: dict[str, str]) -> dict[str, str]:
    """Add the marker of a dataset that holds these files."""
    marker = {"files": {name: len(files[name]) for name in sorted(files)}, "format": 1, "kind": "dataset"}
    return {**files, MARKER: json.dumps(marker, indent=2) + "\n"}


def names(folder: Path) -> list[str]:
    """Return the names of what lies in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())
