"""The commands that sample, reshard, and look at labels and tokens: from words to files, tables and JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

Run, Write, Read, Tree = (
    Callable[..., Any],
    Callable[..., Path],
    Callable[[Path], list[dict[str, Any]]],
    Callable[[Path], dict[str, bytes]],
)
ROWS = [{"text": f"text number {n}", "grade": ["neg", "pos", "pos"][n % 3], "n": n} for n in range(60)]


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(tmp_path / "source", {"train/a.jsonl": ROWS[:45], "test/a.jsonl.gz": ROWS[45:]})


def test_sample_then_reshard(tmp_path: Path, source: Path, read: Read, tree: Tree, bonepick: Run) -> None:
    other = tmp_path / "other"
    copytree(source / "train", other / "train")
    ended = bonepick("sample-dataset", "-i", source, "-i", other, "-o", tmp_path / "some", "--size", "3.5kB", "-s", "3")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.endswith(f"rows left out -> {tmp_path}/some\n")
    assert sorted(tree(tmp_path / "some")) == [
        ".bonepick.json",
        "dataset.json",
        "test/0/a.jsonl.zst",
        "train/0/a.jsonl.zst",
        "train/1/a.jsonl.zst",
    ]
    made = json.loads((tmp_path / "some" / "dataset.json").read_text())
    assert made["made_by"]["params"] == {"rate": 0.0, "seed": 3, "size": "3.5kB"}
    words = ["-i", tmp_path / "some", "-o", tmp_path / "even", "--shards", "2", "-t", "0.2", "--valid-split", "0.2"]
    ended = bonepick("reshard-dataset", *words, "--label-field", "grade")
    assert ended.code == 0
    assert "has a test split of its own" in ended.err.splitlines()[0]
    found = json.loads((tmp_path / "even" / "dataset.json").read_text())["splits"]
    assert found["train"]["rows"] + found["valid"]["rows"] == made["splits"]["train"]["rows"]
    assert sum(found["test"]["labels"].values()) == found["test"]["rows"] == made["splits"]["test"]["rows"] > 0
    for split in ("train", "test", "valid"):
        assert sorted(path.name for path in (tmp_path / "even" / split).iterdir()) == [
            "00000.jsonl.zst",
            "00001.jsonl.zst",
        ]


def test_a_rate(tmp_path: Path, source: Path, read: Read, bonepick: Run) -> None:
    ended = bonepick("sample-dataset", "-i", source, "-o", tmp_path / "out", "--rate", "0.5", "--label-field", "grade")
    assert ended.code == 0
    kept = read(tmp_path / "out" / "train" / "a.jsonl.zst")
    assert kept == [row for row in ROWS[:45] if row in kept]
    assert 10 < len(kept) < 35


def test_label_distribution_prints_a_table_or_json(source: Path, bonepick: Run) -> None:
    words = ["label-distribution", "-i", source, "--label-field", "grade", "--labels", "pos", "--labels", "neg"]
    ended = bonepick(*words)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert [lines[0], lines[5]] == ["train: 45 rows", "test: 15 rows"]
    assert [line.split()[:4] for line in lines[2:4]] == [
        ["pos", "30", "66.7%", "█" * 20],
        ["neg", "15", "33.3%", "█" * 10],
    ]
    train, test = json.loads(bonepick(*words, "--json").out)
    assert [(label["label"], label["rows"], label["share"]) for label in train["labels"]] == [
        ("pos", 30, 0.666667),
        ("neg", 15, 0.333333),
    ]
    assert test["labels"][0]["characters"] == {f"p{percent}": 14 for percent in (5, 25, 50, 75, 95)}


def test_count_tokens_prints_a_table_or_json(source: Path, bonepick: Run) -> None:
    words = ["count-tokens", "-i", source, "-i", source / "train"]
    ended = bonepick(*words)
    assert (ended.code, ended.err) == (0, "")
    lines = [line.split() for line in ended.out.splitlines()]
    assert [line[1:3] for line in lines[1:]] == [["train", "45"], ["test", "15"], ["all", "60"], ["all", "45"]]
    counts = json.loads(bonepick(*words, "--json").out)["counts"]
    assert [f"{count['tokens']:,}" for count in counts] == [line[5] for line in lines[1:]]
    assert counts[0]["tokens"] >= 45 * 3


@pytest.mark.parametrize(
    ("words", "line", "code"),
    [
        (["sample-dataset", "-o", "{out}", "--rate", "1"], "rate is 1.0", 2),
        (["sample-dataset", "-o", "{out}", "--size", "5 apples"], "size is '5 apples'", 2),
        (
            ["sample-dataset", "-o", "{out}", "--rate", ".5", "--size", "1MB"],
            "both of --rate (above 0) and --size given: wanted one",
            2,
        ),
        (["sample-dataset", "-o", "{out}"], "neither of --rate (above 0) and --size given: wanted one", 2),
        (
            ["reshard-dataset", "-o", "{out}"],
            "neither of --shards and --rows-per-shard (from 1 on) given: wanted one",
            2,
        ),
        (["reshard-dataset", "-o", "{out}", "--shards", "1.5"], "1.5", 2),
        (["reshard-dataset", "-o", "{out}", "--shards", "-1"], "shards is -1", 2),
        (["reshard-dataset", "-o", "{out}", "--shards", "2", "-i", "{source}/train"], "-i specified multiple times", 2),
        (["label-distribution"], "train/a.jsonl:1: label field 'score' is missing", 1),
        (["label-distribution", "--label-field", "grade", "--labels", "neg"], "'pos' occurs in the data", 2),
        (["count-tokens", "--tokenizer", "nowhere.json"], "no tokenizer at 'nowhere.json'", 1),
        (
            ["count-tokens", "--text-field", "body"],
            "train/a.jsonl:1: text field 'body' is missing; the row has text, grade, n",
            1,
        ),
    ],
)
def test_a_fault_is_one_line(
    tmp_path: Path, source: Path, bonepick: Run, words: list[str], line: str, code: int
) -> None:
    command, *others = [word.format(source=source, out=tmp_path / "out") for word in words]
    ended = bonepick(command, "-i", source, *others)
    assert (ended.code, ended.out) == (code, "")
    (said,) = ended.err.splitlines()
    assert said.startswith("error: ")
    assert line in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


@pytest.mark.parametrize("words", [["sample-dataset", "--rate", "0.5"], ["reshard-dataset", "--shards", "2"]])
def test_an_occupied_output_is_refused_unless_overwrite(
    tmp_path: Path, source: Path, write: Write, tree: Tree, bonepick: Run, words: list[str]
) -> None:
    write(tmp_path / "out", {"precious.txt": b"old"})
    ended = bonepick(*words, "-i", source, "-o", tmp_path / "out")
    assert (ended.code, "not empty" in ended.err) == (1, True)
    assert tree(tmp_path / "out") == {"precious.txt": b"old"}
    ended = bonepick(*words, "-i", source, "-o", tmp_path / "out", "--overwrite")
    assert (ended.code, "'precious.txt', not written by bonepick, which is kept" in ended.err) == (1, True)
    assert tree(tmp_path / "out") == {"precious.txt": b"old"}
    assert bonepick(*words, "-i", source, "-o", tmp_path / "new").code == 0
    made = tree(tmp_path / "new")
    assert bonepick(*words, "-i", source, "-o", tmp_path / "new", "--overwrite").code == 0
    assert tree(tmp_path / "new") == made
