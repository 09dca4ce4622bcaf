"""What tests of several rooms share: tiny datasets, a listener that remembers, and commands run in this process."""

import gzip
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import settings

from bonepick.core import progress
from bonepick.data import shards

# no deadline: a busy machine is no failure; derandomized: a red test stays red until somebody mends it
settings.register_profile("bonepick", deadline=None, derandomize=True, database=None)
settings.load_profile("bonepick")

Row = dict[str, Any]
TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that run whole pipelines: no worker shall be left alone with one at the end."""
    items.sort(key=lambda item: item.path.parent != TESTS)


def _packed(name: str, content: bytes) -> bytes:
    if name.endswith((".zst", ".zstd")):
        return zstandard.ZstdCompressor().compress(content)
    if name.endswith((".gz", ".gzip")):
        return gzip.compress(content, mtime=0)
    return content


@pytest.fixture
def write() -> Callable[[Path, Mapping[str, Sequence[Row] | bytes]], Path]:
    """Write shards under a folder, packed as their names say: `write(folder, {"train/a.jsonl.gz": rows})`."""

    def write_shards(folder: Path, files: Mapping[str, Sequence[Row] | bytes]) -> Path:
        for name, rows in files.items():
            lines = rows if isinstance(rows, bytes) else b"".join(json.dumps(row).encode() + b"\n" for row in rows)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(_packed(name, lines))
        return folder

    return write_shards


@pytest.fixture
def read() -> Callable[[Path], list[Row]]:
    """Return the rows of a plain or zst shard, without help from the code under test."""

    def read_rows(path: Path) -> list[Row]:
        content = path.read_bytes()
        if path.suffix == ".zst":
            content = zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True).read()
        return [json.loads(line) for line in content.split(b"\n") if line]

    return read_rows


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Return all files below a folder with their bytes."""

    def files(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    return files


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that notes are appended to."""

    class Notebook(progress.Silence):
        def __init__(self) -> None:
            self.heard: list[str] = []

        def note(self, message: str) -> None:
            self.heard.append(message)

    notebook = Notebook()
    monkeypatch.setattr(progress, "_listener", notebook)
    return notebook.heard


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Cut blocks after 64 bytes, so that a few rows are many blocks."""
    monkeypatch.setattr(shards, "BLOCK_BYTES", 64)
    return 64


@pytest.fixture
def own_process_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take back what running a command changes in a process: the listener and the answer to SIGTERM."""
    monkeypatch.setattr(progress, "_listener", progress._listener)
    monkeypatch.delenv("BONEPICK_QUIET", raising=False)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def bonepick(
    own_process_state: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run a command line in this process, with one worker: `bonepick("normalize-dataset", "-i", folder)`."""
    from bonepick.cli import main

    monkeypatch.setenv("BONEPICK_NUM_PROC", "1")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["bonepick", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run
