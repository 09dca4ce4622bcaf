"""fastText's lines keep the source and the group of the rows that they were made of, in a file beside them."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonepick.classifiers.base.open_rows import open_rows
from bonepick.classifiers.base.sources import Item
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.dataset_info import DatasetInfo
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from tests.tiny import tiny_dataset

PLACES = st.sampled_from(["a.org", "b.org", "", "é\n\t", '"', "x" * 300])
ODD = st.just(None) | st.integers(0, 3) | PLACES
QUARANTINE = RowParams(on_error="quarantine")


def items(folder: Path, rows: RowParams = QUARANTINE, split: str = "train") -> list[Item]:
    """What training makes of a folder of rows or lines."""
    training_input = TrainingInput([folder], rows, OnTheFlyParams(normalizer="whitespace"))
    batches = open_rows(training_input, FastTextParams(), folder, Run(1)).batches(split)
    return [item for batch in batches for item in batch.items]


def convert(source: Path, target: Path, workers: int = 1) -> DatasetInfo:
    return convert_to_fasttext(source, target, ConvertParams(), QUARANTINE, Run(workers))


@settings(max_examples=40, deadline=None)
@given(extras=st.lists(st.fixed_dictionaries({}, optional={"source": ODD, "group": ODD}), min_size=2, max_size=12))
def test_lines_are_from_where_their_rows_are_from(extras: list[dict[str, Any]]) -> None:
    rows = [{"text": f"text {i}", "score": i % 2, **extra} for i, extra in enumerate(extras)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        convert(tiny_dataset(folder / "in", 1, train=[{"text": "", "score": 1}, *rows]), folder / "out")
        from_rows, from_lines = items(folder / "in"), items(folder / "out")
        known = any(value is not None for extra in extras for value in extra.values())
        assert from_rows == from_lines
        assert (folder / "out/train.origins.jsonl").exists() == known
        assert len((folder / "out/quarantine/train/0.jsonl").read_bytes().splitlines()) == 1
        if known:
            assert len((folder / "out/train.origins.jsonl").read_bytes().splitlines()) == len(rows)


ROWS = [{"text": f"text {i}", "score": i % 2, "source": "ab"[i % 2], "group": f"g{i}"} for i in range(40)]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    convert(tiny_dataset(tmp_path / "in", train=ROWS, test=[{"text": "a", "score": 1}]), tmp_path / "lines")
    return tmp_path / "lines"


def test_the_file_beside_lines_is_part_of_the_dataset(lines: Path, tmp_path: Path, helpers: Any) -> None:
    marker = json.loads((lines / ".bonepick.json").read_bytes())
    assert sorted(helpers.content(lines)) == [
        ".bonepick.json", "dataset.json", "test.txt", "train.origins.jsonl", "train.txt",
    ]  # fmt: skip
    assert "train.origins.jsonl" in json.dumps(marker)
    moved = [{**row, "source": "c"} for row in ROWS]
    other = convert(tiny_dataset(tmp_path / "moved", train=moved, test=[{"text": "a", "score": 1}]), tmp_path / "other")
    assert helpers.content(tmp_path / "other")["train.txt"] == helpers.content(lines)["train.txt"]
    assert other.digest != json.loads((lines / "dataset.json").read_bytes())["digest"]


def test_it_is_the_same_for_any_number_of_workers(lines: Path, tmp_path: Path, helpers: Any) -> None:
    convert(tmp_path / "in", tmp_path / "two", workers=2)
    assert helpers.content(tmp_path / "two") == helpers.content(lines)


def test_lines_that_cannot_be_used_take_their_origins_with_them(lines: Path) -> None:
    text = (lines / "train.txt").read_bytes().split(b"\n")
    text[3], text[7] = b"no label", b""
    (lines / "train.txt").write_bytes(b"\n".join(text))
    order = [*ROWS[0::3], *ROWS[1::3], *ROWS[2::3]]
    wanted = [(row["text"], row["source"], row["group"]) for n, row in enumerate(order) if n not in (3, 7)]
    assert [(item.text, item.source, item.group) for item in items(lines)] == wanted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data + b"{}\n", "has 41 lines, wanted 40 as train.txt has"),
        (lambda data: data[: data.rindex(b"\n", 0, -1) + 1], "has 39 lines, wanted 40 as train.txt has"),
        (lambda data: b"", "has 0 lines, wanted 40 as train.txt has"),
        (lambda data: data.replace(b"{", b"[", 1), r"jsonl:1 .*"),
        (lambda data: data.replace(b'"a"', b"3"), r"jsonl:1 .*"),
        (lambda data: data.replace(b"g0", b"\xff"), r"jsonl:1 .*"),
    ],
)
def test_a_file_that_does_not_fit_its_lines_is_refused(lines: Path, change: Any, said: str) -> None:
    file = lines / "train.origins.jsonl"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(BonepickError, match=f"{said}.*: convert the rows again, or remove it") as caught:
        items(lines)
    assert "\n" not in str(caught.value)
    file.unlink()
    assert {item.source for item in items(lines)} == {None}


def test_a_folder_in_its_place_is_refused(lines: Path) -> None:
    (lines / "train.origins.jsonl").unlink()
    (lines / "train.origins.jsonl").mkdir()
    with pytest.raises(BonepickError, match=r"train.origins.jsonl is a folder, wanted a regular file"):
        items(lines)
