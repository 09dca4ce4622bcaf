"""Trials: one command each on wild input, as a real process, and what is wrong with how it ended.

A trial ends well or badly, but always in words: never with a traceback, a crash, a hang, much memory, or something
half-written left behind.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from tests.faults.running import TOP, names

CPU_SECONDS = 20  # of a process: beyond, it is killed
WALL_SECONDS = 90  # what waits for something that never comes takes no processor's time; what is busy may share it
MEMORY = 2 << 30  # bytes that are resident at once
LINE = 2_000  # characters of a fault
PANICS = ("Traceback (most recent", "panicked at", "Fatal Python error", "Exception ignored", "Segmentation fault")
LAUNCH = str(Path(__file__).with_name("launch.py"))
ALONE = {"BONEPICK_NUM_PROC": "1", "HF_HUB_OFFLINE": "1", "TORCHINDUCTOR_CACHE_DIR": "/nowhere"}  # else in TMPDIR
Rejected = set[tuple[str, int]]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str
    peak: int


@dataclass
class Trial:
    """One command on one input.

    Attributes:
        words: of the command.
        folder: all that it reads and writes lies there, its temporary files in `tmp`.
        out: what it writes, if anything.
        check: yields what is wrong beyond what is wrong for every command.
        env: what its environment has beside or in place of this one's; None takes a variable away.
        shell: how a shell starts it: `exec "$@"`, with streams closed or limits set.
        by_file: what fails is in a file, which has to be named; else it may be anything.
        goes_on: what is done stays where it fails, and the same command goes on from there.
    """

    words: list[object]
    folder: Path
    out: Path | None = None
    check: Callable[[Ended], Iterator[str]] = lambda ended: iter(())
    env: dict[str, str | None] = field(default_factory=dict)
    shell: str = 'exec "$@"'
    by_file: bool = True
    goes_on: bool = False

    @property
    def line(self) -> str:
        """The command line, to be run again by hand."""
        around = "" if self.by_file else f"in {self.shell!r}, {self.env}: "
        return around + " ".join(["bonepick", *map(repr, map(str, self.words))])

    def faults(self) -> list[str]:
        """Run it, and return what is wrong, all of it in one."""
        before = set(names(self.folder))
        ended = self._run()
        found = [*self._in_form(ended), *self._left(ended, before), *self.check(ended)]
        return [f"{'; '.join(found)}\n    {self.line}\n    {_tail(ended)}"] if found else []

    def _run(self) -> Ended:
        tmp = self.folder / "tmp"
        tmp.mkdir(exist_ok=True)
        env = {**os.environ, **ALONE, "TMPDIR": str(tmp), **self.env}
        command = ["/bin/bash", "-c", self.shell, "bash", sys.executable, "-m", "bonepick.cli", *map(str, self.words)]
        limits = [str(tmp / ".ended"), str(CPU_SECONDS), str(2 * MEMORY)]
        with (tmp / ".out").open("w+b") as out, (tmp / ".err").open("w+b") as err:
            process = subprocess.Popen(
                [sys.executable, "-IS", LAUNCH, *limits, *command],
                cwd=TOP,
                env={name: value for name, value in env.items() if value is not None},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            with suppress(subprocess.TimeoutExpired):
                process.wait(WALL_SECONDS)
            _kill(process.pid)  # with all that it started
            process.wait()
            texts = [stream.seek(0) or stream.read().decode(errors="backslashreplace") for stream in (out, err)]
        ended = tmp / ".ended"
        code, peak = map(int, ended.read_text().split()) if ended.exists() else (-signal.SIGKILL, 0)
        ended.unlink(missing_ok=True)
        return Ended(code, *texts, peak)

    def _in_form(self, ended: Ended) -> Iterator[str]:
        """Yield what is wrong for every command."""
        if ended.code in (-signal.SIGKILL, -signal.SIGXCPU):
            yield f"took more than {CPU_SECONDS} s of a processor, or {WALL_SECONDS} s"
        elif ended.code not in (0, 1, 2):
            yield f"ended with {ended.code}, wanted 0, 1 or 2"
        yield from (f"says {panic!r}" for panic in PANICS if panic in ended.err + ended.out)
        if ended.peak > MEMORY:
            yield f"took {ended.peak >> 20} MB"
        if strange := re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", ended.err):
            yield f"sends the terminal the character {strange[0]!r}"
        if ended.code in (1, 2) and "2>" not in self.shell:
            *before, last = ended.err.removesuffix("\n").split("\n")
            if not last.startswith("error: "):
                yield "failed, and its last line is no error"
            if any(line.startswith("error: ") for line in before):
                yield "an error is more than one line"
            if len(last) > LINE:
                yield f"an error of {len(last):,} characters"
            if ended.code == 1 and self.by_file and self.folder.name not in last:
                yield "an error that names no file"

    def _left(self, ended: Ended, before: set[str]) -> Iterator[str]:
        """Yield what lies there that should not: an output of what failed, a part of one, a temporary file."""
        wanted = {self.out.name} if self.out and (self.goes_on or ended.code == 0) else set()
        if re.search(r">(&-|/dev/full)", self.shell) and self.out:
            wanted = {self.out.name}  # what could not be printed at the end is no reason to take it back
        if left := set(names(self.folder)) - before - wanted - {"tmp"}:
            yield f"left behind: {sorted(left)}"
        if left := set(names(self.folder / "tmp")) - {".out", ".err"}:
            yield f"left among temporary files: {sorted(left)}"
        if self.out and ended.code == 0 and not self.out.exists():
            yield "said to be done, but wrote nothing"


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _tail(ended: Ended) -> str:
    return f"exit {ended.code}, {ended.peak >> 20} MB, stderr: ...{ended.err[-400:]!r}"


def rows_written(out: Path) -> tuple[dict[str, tuple[int, int]], Rejected, list[str]]:
    """Count what a dataset holds, without help from the code under test.

    Returns:
        Rows and rejected rows by split as `dataset.json` says, file and line of rejected rows as the quarantine says,
        and what is wrong between them and what is there.
    """
    splits = json.loads((out / "dataset.json").read_text())["splits"]
    told = {split: (entry["rows"], entry["rejected"]) for split, entry in splits.items()}
    rejected: Rejected = set()
    entries = 0
    for path in (out / "quarantine").rglob("*.jsonl"):
        lines = [json.loads(line) for line in path.read_text().split("\n") if line]
        rejected |= {(path.relative_to(out / "quarantine").as_posix(), line["line"]) for line in lines}
        entries += len(lines)
    there = sum(_lines(path) for path in out.rglob("*") if _holds_rows(path.relative_to(out)))
    wrong = []
    if there != (rows := sum(rows for rows, _ in told.values())):
        wrong.append(f"dataset.json says {rows} rows, there are {there}")
    if entries != (count := sum(count for _, count in told.values())):
        wrong.append(f"dataset.json says {count} rejected rows, the quarantine has {entries}")
    return told, rejected, wrong


def _holds_rows(path: Path) -> bool:
    return path.parts[0] != "quarantine" and path.name.endswith((".jsonl.zst", ".jsonl", ".txt"))


def _lines(path: Path) -> int:
    content = path.read_bytes()
    if path.suffix == ".zst":
        content = zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True).read()
    return content.count(b"\n")
