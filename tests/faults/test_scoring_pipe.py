"""Scoring in a pipe: what comes through it is scored as a file is, and whoever closes an end of it ends the command."""

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bonepick.data.row_limits import MAX_ROW_BYTES
from tests.faults.running import Running, fault
from tests.faults.scoring import scoring_model
from tests.faults.test_interrupted import heeds_signals

Start = Callable[..., Running]

ROW = b'{"id":1,"text":"word1 word2","n":1.0}'
NO_READER = 128 + signal.SIGPIPE


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Path]) -> Path:
    return scoring_model(tmp_path_factory.mktemp("scoring") / "model", data["rows"])


@pytest.fixture
def pipe(tmp_path: Path, model: Path, start: Start) -> Iterator[Callable[..., Running]]:
    """Score what comes: `pipe(lines, "-p", 2)`."""
    with ExitStack() as files:

        def run(content: bytes | None, *words: object, **options: object) -> Running:
            if content is not None:
                (tmp_path / "comes").write_bytes(content)
                options["stdin"] = files.enter_context((tmp_path / "comes").open("rb"))
            return start("score", "-m", model, "-i", "-", "-o", "-", *words, **options)

        yield run


@pytest.mark.parametrize(
    "content",
    [
        ROW,
        ROW + b"\n\n \n" + ROW + b"\n",
        b"\r\n".join([ROW, ROW, b""]),
        b"\xef\xbb\xbf" + ROW + b"\n",
        (ROW + b"\n") * 40_000,
        b'{"text":"' + b"word1 " * 400_000 + b'"}\n' + ROW,
        b"",
    ],
    ids=["no end of line", "blank lines", "CRLF", "a mark", "many", "a long row", "nothing"],
)
def test_as_from_a_file(
    tmp_path: Path, model: Path, pipe: Callable[..., Running], bonepick: Callable[..., object], content: bytes
) -> None:
    (tmp_path / "in.jsonl").write_bytes(content)
    bonepick("score", "-m", model, "-i", tmp_path / "in.jsonl", "-o", tmp_path / "out")
    ended = pipe(content, "-p", 1 + len(content) % 2).ended()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.encode() == (tmp_path / "out/in.jsonl").read_bytes()


def test_a_row_that_cannot_be_scored(pipe: Callable[..., Running]) -> None:
    ended = pipe(ROW + b'\n{"text":""}\n').ended()
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: standard input:2: ")
    ended = pipe(b'{\n{"text":""}\n' + ROW, "--on-error", "quarantine", env={"BONEPICK_QUIET": ""}).ended()
    assert (ended.code, ended.out.count("\n")) == (0, 1)
    assert "score: 1 rows read, 1 written, 2 rejected" in ended.err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_reader_that_has_gone(pipe: Callable[..., Running], workers: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    running = pipe((ROW + b"\n") * 200_000, "-p", workers, stdout=writer)
    os.close(writer)
    ended = running.ended()
    assert (ended.code, ended.err) == (NO_READER, "")
    running.gone()


def test_streams_that_are_closed_or_full(pipe: Callable[..., Running]) -> None:
    ended = pipe(None, preexec_fn=lambda: os.close(0)).ended()
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    with Path("/dev/full").open("w") as full:
        for options in ({"preexec_fn": lambda: os.close(1)}, {"stdout": full}):
            running = pipe((ROW + b"\n") * 9, "-p", 2, **options)
            assert fault(running.ended()).startswith("error: standard output cannot be written: ")
            running.gone()


def test_a_line_without_end_takes_no_memory(pipe: Callable[..., Running]) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))

    with Path("/dev/zero").open("rb") as endless:
        line = fault(pipe(None, stdin=endless, preexec_fn=little).ended())
    assert line.startswith("error: standard input:1: row is ")
    assert f"wanted {MAX_ROW_BYTES:,} at most" in line


@pytest.mark.timeout(60)
@pytest.mark.parametrize("workers", [1, 2])
def test_interrupted(pipe: Callable[..., Running], workers: int) -> None:
    """One worker has answered the row that came, two keep it in hand until more come."""
    running = pipe(None, "-p", workers, stdin=subprocess.PIPE, text=False, bufsize=0)
    stdin, stdout, stderr = running.process.stdin, running.process.stdout, running.process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    stdin.write(ROW + b"\n")
    if workers == 1:
        assert stdout.readline().startswith(ROW[:-1])
    else:
        running.until(lambda: running.workers() and all(map(heeds_signals, running.workers())))
    os.killpg(running.process.pid, signal.SIGINT)
    running.gone()
    assert stderr.read() == b"error: interrupted: nothing half-written was left\n"
    assert running.process.returncode == 130
