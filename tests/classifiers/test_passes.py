"""While fastText trains, its parent hears how many epochs are done."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from bonepick.classifiers.fasttext import passes
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.fasttext.train_file import train_file
from bonepick.core.parallel import in_child


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    heard = list[float]()
    monkeypatch.setattr(passes, "tell", heard.append)
    monkeypatch.setattr(passes, "MOMENT", 0.001)
    return heard


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """Where the file was at each look."""
    seen = list[dict[str, int]]()
    look = passes._positions

    def positions(file: Path) -> dict[str, int]:
        seen.append(look(file))
        return seen[-1]

    monkeypatch.setattr(passes, "_positions", positions)
    return seen


@contextmanager
def looked_at(looks: list[dict[str, int]]) -> Iterator[None]:
    """Run a block, and wait until somebody looked twice; where nobody does, pytest's own limit ends the test."""
    yield
    before = len(looks)
    while len(looks) < before + 3:  # one may have begun before, and what it is told comes after the second
        sleep(0.001)


def test_a_pass_over_the_lines_is_an_epoch_but_for_the_first(
    tmp_path: Path, told: list[float], looks: list[dict[str, int]]
) -> None:
    lines = tmp_path / "train.txt"
    lines.write_bytes(bytes(1_000))
    sums = []
    with passes.passes_told(lines), lines.open("rb", buffering=0) as stream:
        for _ in range(4):
            stream.seek(0)
            for _ in range(5):
                with looked_at(looks):
                    pass
                stream.read(250)
            sums.append(round(sum(told), 6))
    assert sums == [0, 1, 2, 3]
    assert 0.25 in [round(part, 6) for part in told]


def test_other_files_are_not_looked_at(tmp_path: Path, looks: list[dict[str, int]], told: list[float]) -> None:
    lines, other = tmp_path / "train.txt", tmp_path / "other.txt"
    for file in (lines, other):
        file.write_bytes(bytes(1_000))
    with passes.passes_told(lines), other.open("rb", buffering=0) as stream:
        for _ in range(3):
            with looked_at(looks):
                stream.read(500)
                stream.seek(0)
    assert not any(looks)
    assert told == []


@pytest.mark.parametrize("thread", [1, 2])
def test_training_is_heard_of(tmp_path: Path, thread: int) -> None:
    lines, heard = tmp_path / "train.txt", list[float]()
    lines.write_text(
        "".join(f"__label__{n % 2} {' '.join(f'w{n * k % 997}' for k in range(30))}\n" for n in range(2_000))
    )
    # seconds of work, whatever the machine: it is looked at ten times in each
    params = FastTextParams(epoch=300, dimension=16, bucket=1_000, word_ngrams=2, thread=thread)
    in_child(train_file, (str(lines), str(tmp_path / "model.bin"), params), heard.append)
    assert 0 < sum(heard) <= 301
    assert min(heard) > 0


def test_a_search_is_heard_of_and_its_words_go_nowhere_else(
    told: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    with passes.search_told(30):
        for words in (b"Warning : loss is set\nProgress:  10.0% Tri", b"als: 1\rProgress:  50.0%", b"Progress: 40.0%"):
            os.write(2, words)
            os.write(1, b"more\n")
    assert sum(told) == pytest.approx(15)
    assert min(told) >= 0
    os.write(2, b"after")
    assert capfd.readouterr() == ("", "after")
