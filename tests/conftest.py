"""What tests of several rooms share: tiny datasets, a listener that remembers, and commands run in this process."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard
from hypothesis import settings

from bonepick.core import progress
from bonepick.data import shards
from tests.repository import PRINTED, READS, Shell, link_copy, reproduced_in, shell_in
from tests.tiny import Row, write_shards

# no deadline: a busy machine is no failure; derandomized: a red test stays red until somebody mends it
settings.register_profile("bonepick", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("bonepick")

TESTS = Path(__file__).parent


# of tests/system: the longest first
SYSTEM_FIRST = (
    "test_sweep",
    "test_remotes",
    "test_additions",
    "test_readme",
    "test_traps",
    "test_light_install",
    "test_evaluation_page",
    "test_experiments",
    "test_pipeline_runs",
    "test_queue",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest module, and let others go on meanwhile, before those that wait for what it makes.

    The modules that run whole pipelines share one reproduction: `tests/repository.py`.
    """

    def turn(item: pytest.Item) -> int:
        if item.path.parent == TESTS:
            return 0 if item.path.name == "test_pipeline.py" else 2
        if item.path.stem in SYSTEM_FIRST:
            return SYSTEM_FIRST.index(item.path.stem)
        return 1 if item.path.parent.name in ("metrics", "preparation") else len(SYSTEM_FIRST)

    items.sort(key=turn)


@pytest.fixture
def write() -> Callable[[Path, Mapping[str, Sequence[Row] | bytes]], Path]:
    """Write shards under a folder, packed as their names say: `write(folder, {"train/a.jsonl.gz": rows})`."""
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
    """Take back what running a command changes in a process: the listener and the answers to signals."""
    monkeypatch.setattr(progress, "_listener", progress._listener)
    monkeypatch.delenv("BONEPICK_QUIET", raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    yield
    for number, answer in before.items():
        signal.signal(number, answer)


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


@pytest.fixture(scope="session")
def reproduced_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one reproduction of the pipeline, which all workers and test runs share; see `tests/repository.py`."""
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return reproduced_in(run.parent, run)


@pytest.fixture(scope="module")
def copy(reproduced_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository of a module's own, at a path with a space: reproduced on few rows, and committed."""
    folder = tmp_path_factory.mktemp("a copy")
    link_copy(reproduced_once / "a copy", folder)
    return folder


@pytest.fixture(scope="module")
def reproduced(reproduced_once: Path) -> str:
    """What `make repro` printed in the copy."""
    return (reproduced_once / PRINTED).read_text()


@pytest.fixture(scope="session")
def values_read(reproduced_once: Path) -> dict[str, list[str]]:
    """Stage -> the nodes of params.yaml that it read."""
    files = (reproduced_once / READS).iterdir()
    return {file.name: json.loads(file.read_text()) for file in files if file.suffix != ".py" and file.is_file()}


@pytest.fixture(scope="module")
def shell(copy: Path) -> Shell:
    """Run a command line in the copy, as if the environment were activated there."""
    return shell_in(copy)
