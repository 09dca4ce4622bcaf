"""Machines as they are: streams closed, full or read by nobody, little memory, no home, other encodings, a lock."""

import fcntl
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.running import Running, fault, names

Start = Callable[..., Running]
NORMALIZE = ("normalize-dataset", "-n", "plsfix", "-p", "2")
NO_READER = 128 + signal.SIGPIPE


@pytest.fixture
def counts(data: dict[str, Path]) -> tuple[str, ...]:
    """A command that prints."""
    return ("label-distribution", "-i", str(data["rows"]), "--labels", "neg", "--labels", "pos")


def closing(*streams: int) -> Callable[[], None]:
    def close() -> None:
        for stream in streams:
            os.close(stream)

    return close


@pytest.mark.parametrize("streams", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_a_command_that_writes_needs_no_streams(
    tmp_path: Path, data: dict[str, Path], start: Start, streams: tuple[int, ...]
) -> None:
    running = start(*NORMALIZE, "-i", data["rows"], "-o", tmp_path / "out", preexec_fn=closing(*streams))
    assert (running.ended().code, names(tmp_path)) == (0, ["out"])


def test_what_is_to_be_printed_to_a_closed_stream_is_a_fault(counts: tuple[str, ...], start: Start) -> None:
    assert "standard output cannot be written" in fault(start(*counts, preexec_fn=closing(1)).ended())
    for streams in ((0,), (2,)):
        ended = start(*counts, preexec_fn=closing(*streams)).ended()
        assert (ended.code, ended.err) == (0, "")
        assert "900 rows" in ended.out


def test_a_comparison_needs_no_input(tmp_path: Path, start: Start) -> None:
    (tmp_path / "evals").mkdir()
    line = fault(start("compare", tmp_path / "evals", preexec_fn=closing(0)).ended())
    assert "holds no evaluation" in line


def test_a_stream_that_is_full(tmp_path: Path, data: dict[str, Path], counts: tuple[str, ...], start: Start) -> None:
    with Path("/dev/full").open("w") as full:
        assert "No space left" in fault(start(*counts, stdout=full).ended())
        notes = start(*NORMALIZE, "-i", data["rows"], "-o", tmp_path / "out", stderr=full, env={"BONEPICK_QUIET": ""})
        assert notes.ended().code == 0, "notes are not missed"
    assert names(tmp_path) == ["out"]


def test_a_reader_that_has_gone(tmp_path: Path, data: dict[str, Path], counts: tuple[str, ...], start: Start) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = start(*counts, stdout=writer).ended()
    assert (ended.code, ended.err) == (NO_READER, "")
    notes = start(*NORMALIZE, "-i", data["rows"], "-o", tmp_path / "out", stderr=writer, env={"BONEPICK_QUIET": ""})
    assert notes.ended().code == 0
    os.close(writer)
    assert names(tmp_path) == ["out"]


LIMITS: dict[str, tuple[int, str]] = {
    "label-distribution -i {rows} -p 1": (60, ""),
    "normalize-dataset -n potion -i {rows} -p 2 -o {out}": (30, "not enough memory"),
    "train-fasttext -d {lines} --bucket 1000 --epoch 1 -o {out}": (140, "not enough memory"),
    "train-model2vec -d {rows} -m {base} -n whitespace -o {out}": (100, "ulimit -v"),
    "embed-dataset -i {rows} -m {base} -n whitespace -o {out}": (100, "ulimit -v"),
    "eval-fasttext -d {rows} -m {base} -o {out}": (200, "ulimit -v"),
    "compare {rows}": (200, "ulimit -v"),
}


@pytest.mark.parametrize("command", LIMITS)
def test_little_memory(tmp_path: Path, data: dict[str, Path], start: Start, command: str) -> None:
    """Megabytes of address space: too few for libraries, which must neither abort nor hang."""
    size, said = LIMITS[command]
    words = command.format(**data, out=tmp_path / "out").split()
    limit = size << 20
    ended = start(*words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))).ended()
    if said:
        assert said in fault(ended)
    else:
        assert ended.code == 0
    assert names(tmp_path) == []


PLACES: dict[str, dict[str, Any]] = {
    "no home": {"HOME": None, "XDG_CACHE_HOME": None},
    "a home that is not there": {"HOME": "/nonexistent", "XDG_CACHE_HOME": None},
    "no place for temporary files": {"TMPDIR": "/nonexistent"},
    "a locale of old": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "no docstrings": {"PYTHONOPTIMIZE": "2"},
}


@pytest.mark.parametrize("place", PLACES)
def test_other_machines(
    tmp_path: Path, data: dict[str, Path], start: Start, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """fastText is trained in a process of its own, on a copy of the lines under a temporary name."""
    for name, value in PLACES[place].items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    ended = start("train-fasttext", "-d", data["lines"], "-o", tmp_path / "out", "--bucket", 9, "--epoch", 1).ended()
    assert (ended.code, ended.err, names(tmp_path)) == (0, "", ["out"])


def test_what_a_terminal_cannot_show_is_escaped(counts: tuple[str, ...], start: Start) -> None:
    ended = start(*counts, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}).ended()
    assert (ended.code, ended.err) == (0, "")
    assert "\\u2588" in ended.out


def test_help_is_there_without_docstrings(start: Start) -> None:
    with_docstrings, without = (start("train-fasttext", "--help", env={"PYTHONOPTIMIZE": n}).ended() for n in "02")
    assert without == with_docstrings
    assert "Longest sequence of words" in without.out


@pytest.mark.parametrize(
    "command",
    [
        "import-hf-dataset -n some/rows -o {out}",
        "train-model2vec -d {rows} -m some/model -n whitespace -o {out}",
        "count-tokens -i {rows} --tokenizer some/model",
    ],
)
def test_who_is_offline_is_told_so(tmp_path: Path, data: dict[str, Path], start: Start, command: str) -> None:
    words = command.format(**data, out=tmp_path / "out").split()
    line = fault(start(*words, env={"HF_HUB_OFFLINE": "1"}).ended())
    assert "(HF_HUB_OFFLINE is set): unset it" in line


def test_somebody_who_keeps_the_lock_is_named(tmp_path: Path, data: dict[str, Path], start: Start) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    running = start(*NORMALIZE, "-i", data["rows"], "-o", tmp_path / "out", env={"BONEPICK_QUIET": ""})
    assert running.process.stderr is not None
    line = running.process.stderr.readline()
    assert line == f"waiting for {tmp_path}, which is locked by process {os.getpid()}\n"
    os.close(folder)
    assert running.ended().code == 0
    assert names(tmp_path) == ["out"]


def at_work(pid: int) -> bool:
    """Tell whether a worker has got what it is to do, and imports it: before that, Python itself would complain."""
    return "msgspec" in Path(f"/proc/{pid}/maps").read_text()


def test_workers_whose_parent_is_killed_say_nothing(tmp_path: Path, data: dict[str, Path], start: Start) -> None:
    with (tmp_path / "said").open("w") as said:
        running = start(*NORMALIZE, "-i", data["rows"], "-o", tmp_path / "out", stderr=said)
        running.until(lambda: running.workers() and all(map(at_work, running.workers())))
        running.process.kill()
        running.gone()
    assert (tmp_path / "said").read_text() == ""


@pytest.mark.parametrize("fault", ["MemoryError()", "ImportError('libx.so: failed to map segment')"])
def test_a_stage_that_gets_no_memory_while_it_is_imported(fault: str) -> None:
    ended = subprocess.run(["python", "-c", f"import stages; raise {fault}"], capture_output=True, text=True)
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: not enough memory")
    assert ended.returncode == 1


def test_a_stage_that_is_interrupted_while_it_is_imported() -> None:
    raised = "import stages; raise KeyboardInterrupt"
    ended = subprocess.run(["python", "-c", raised], capture_output=True, text=True)
    assert ended.stderr == "error: interrupted: nothing was begun yet\n"
    assert ended.returncode in (130, -signal.SIGINT)
