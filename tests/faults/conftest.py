"""Inputs for the commands, the commands that write, and how to start one as a process."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.running import WORDS, Running, write_rows
from tests.tiny import tiny_base

# every command that writes rows, and two that write a model, but for -o
WRITERS = {
    "import": "import-hf-dataset -n {rows}",
    "transform": "transform-dataset -i {rows}",
    "balance": "balance-dataset -i {rows}",
    "normalize": "normalize-dataset -i {rows} -n potion",
    "embed": "embed-dataset -i {rows} -m {base}",
    "convert": "convert-to-fasttext -i {rows}",
    "sample": "sample-dataset -i {rows} --rate 0.9",
    "reshard": "reshard-dataset -i {rows} --shards 2",
    "train-fasttext": "train-fasttext -d {lines} --bucket 10000 --epoch 1",
    "train-model2vec": "train-model2vec -d {rows} -m {base} --max-epochs 1",
}


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Inputs of the commands: `rows`, `lines` of fastText, a `base` model."""
    root = tmp_path_factory.mktemp("data")
    write_rows(root / "rows", 300)
    (root / "lines").mkdir()
    for split in ("train", "test"):
        rows = map(json.loads, (root / "rows" / split / "0.jsonl").read_text().splitlines())
        lines = [f"__label__{row['score']} {row['text']}\n" for row in rows]
        (root / "lines" / f"{split}.txt").write_text("".join(lines))
    tiny_base(root / "base", WORDS)
    return {name: root / name for name in ("rows", "lines", "base")}


@pytest.fixture(params=WRITERS.values(), ids=WRITERS)
def writer(request: pytest.FixtureRequest, data: dict[str, Path]) -> list[str]:
    """Each command that writes, as words, without its output."""
    return [word.format(**data) for word in request.param.split()]


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start a command: `start("normalize-dataset", "-i", folder)`; what still runs at the test's end is ended.

    Its notes are off, so that what it says on standard error is a fault.
    """
    begun: list[Running] = []

    def command(*words: object, python: tuple[str, ...] = ("-m", "bonepick.cli"), **options: Any) -> Running:
        env = {**os.environ, "BONEPICK_NUM_PROC": "1", "BONEPICK_QUIET": "1"} | options.pop("env", {})
        begun.append(Running([*python, *map(str, words)], env=env, **options))
        return begun[-1]

    yield command
    for running in begun:
        running.kill()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how much was tried, also where workers tried them."""
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        for name, value in getattr(report, "user_properties", []):
            if name == "counted" and report.when == "call":
                terminalreporter.write_line(value)
