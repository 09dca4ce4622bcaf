"""Where scores go and what stands there already: other runs, damaged records, odd names, places nobody may write to."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bonepick.scoring.records import SUMMARY_FILE
from tests.faults.running import End, Running, fault, names
from tests.faults.scoring import partials, published, scoring_model
from tests.faults.test_no_room import obey_modes
from tests.faults.test_scoring_shards import FULL, POISON

Start, Run = Callable[..., Running], Callable[..., End]
GOOD = b'{"id":1,"text":"word1 word2"}\n'


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Path]) -> Path:
    return scoring_model(tmp_path_factory.mktemp("scoring") / "model", data["rows"])


@pytest.fixture
def score(model: Path, bonepick: Run) -> Callable[..., End]:
    """Score in this process: `score(corpus, out)`."""
    return lambda where, out, *words: bonepick("score", "--quiet", "-m", model, "-i", where, "-o", out, *words)


def write(folder: Path, *shards: str) -> Path:
    for name in shards:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(GOOD * 3)
    return folder


def test_two_runs_at_once(tmp_path: Path, model: Path, start: Start) -> None:
    """The same twice is one result. Of others, one is refused, and no run is taken the place of that goes on."""
    corpus = write(tmp_path / "in", "a.jsonl", "b.jsonl", "c.jsonl")
    words = ["score", "-m", model, "-i", corpus, "-o"]
    assert start(*words, tmp_path / "whole").ended().code == 0
    assert start(*words, tmp_path / "other", "--name", "x").ended().code == 0
    wholes = [published(tmp_path / "whole"), published(tmp_path / "other")]
    for number in range(5 if FULL else 1):
        out = tmp_path / f"same {number}"
        twice = [start(*words, out, "-p", 2), start(*words, out)]
        assert [(ended.code, ended.err) for ended in (running.ended() for running in twice)] == [(0, "")] * 2
        assert (published(out), partials(out)) == (wholes[0], [])
        out = tmp_path / f"others {number}"
        both = [running.ended() for running in [start(*words, out), start(*words, out, "--name", "x")]]
        (lost,) = [ended for ended in both if ended.code]
        taken = ("holds the outputs of another run", "is being written by another run")
        assert any(said in fault(lost) for said in taken)
        assert published(out) in wholes
    (corpus / "a.jsonl").write_text('{"text":"poison slow"}\n')
    first = start(*words, tmp_path / "taken", env=POISON)
    first.until(lambda: partials(tmp_path / "taken"))
    line = fault(start(*words, tmp_path / "taken", "--name", "x", "--overwrite").ended())
    assert "is being written by another run" in line
    assert first.ended().code == 0


def test_where_nobody_may_write(tmp_path: Path, model: Path, score: Callable[..., End], start: Start) -> None:
    corpus = write(tmp_path / "in", "a.jsonl")
    (tmp_path / "file").write_text("precious")
    (tmp_path / "closed").mkdir(mode=0o555)
    for out in (tmp_path / "closed", tmp_path / "closed/out"):
        line = fault(start("score", "-m", model, "-i", corpus, "-o", out, preexec_fn=obey_modes).ended())
        assert line.startswith(f"error: {out}")
        assert line.endswith(": Permission denied")
    assert "is no folder and is kept" in fault(score(corpus, tmp_path / "file"))
    assert "overlap" in fault(score(corpus, corpus / "out"))
    assert "overlap" in fault(score(corpus, tmp_path))
    assert score(f"{tmp_path}/**/*.jsonl", tmp_path / "in/out").code == 0, "beside the shards of a pattern"
    line = fault(score(f"{tmp_path}/**/*.jsonl", tmp_path / "in/out"))
    assert f"input {tmp_path}/in/out/in/a.jsonl lies in the output {tmp_path}/in/out" in line
    assert (names(tmp_path / "closed"), (tmp_path / "file").read_text()) == ([], "precious")


NAMES = (
    "a b",
    "a'\"b",
    "a\nb",
    "*",
    "[ab]",
    "?",
    "é",
    "-p",
    "%20",
    "a" * 240,
    "~",
    "$HOME",
    "a\\b",
    " ",
    "x.partial-y",
)


def test_odd_names(tmp_path: Path, score: Callable[..., End], bonepick: Run) -> None:
    corpus = write(tmp_path / "in *", *(f"{name}.jsonl" for name in NAMES), "folder.json/b.jsonl", ".hidden.jsonl")
    assert score(corpus, tmp_path / "out '[1]").code == 0
    assert score(corpus, tmp_path / "out '[1]").code == 0, "all were done"
    ended = bonepick(
        "filter", "--quiet", "-s", tmp_path / "out '[1]", "-i", corpus, "-o", tmp_path / "f", "--keep-rows", 0.9
    )
    assert (ended.code, ended.err) == (0, "")
    wanted = sorted([*(f"{name}.jsonl" for name in NAMES), "folder.json"])
    assert [name for name in names(tmp_path / "out '[1]") if name != "_bonepick"] == wanted
    (corpus / os.fsdecode(b"\xff.jsonl")).write_bytes(GOOD)
    line = fault(score(corpus, tmp_path / "out '[1]"))
    assert "'\\udcff.jsonl', whose name is not UTF-8: rename it" in line
    many = write(tmp_path / "p", "x/a.jsonl", "x/.b.jsonl", ".y/a.jsonl", "quarantine/a.jsonl")
    assert score(f"{many}/*/*.jsonl", tmp_path / "patterned").code == 0
    assert names(tmp_path / "patterned") == ["_bonepick", "x"]


@pytest.mark.parametrize(
    ("shards", "words"),
    [
        (["a.jsonl", "a.jsonl.zst"], ["--only-scores", "--format", "parquet"]),
        (["a.jsonl", "a.parquet/b.jsonl"], ["--only-scores", "--format", "parquet"]),
        (["a.jsonl", "a.jsonl.json/b.jsonl"], []),
        (["a.jsonl", "a.jsonl.jsonl/b.jsonl"], []),
        (["a.jsonl", "a.jsonl.json.zst/b.jsonl"], []),
    ],
)
def test_shards_that_would_meet(tmp_path: Path, score: Callable[..., End], shards: list[str], words: list[str]) -> None:
    line = fault(score(write(tmp_path / "in", *shards), tmp_path / "out", *words))
    assert all(f"'{name}'" in line for name in shards)
    assert "would both be written to" in line
    assert names(tmp_path / "out") == ["_bonepick"]


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "null": lambda path: path.write_bytes(b"null"),
    "a list": lambda path: path.write_bytes(b"[]"),
    "an object": lambda path: path.write_bytes(b'{"scored":{},"shard":1}'),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "other bytes": lambda path: path.write_bytes(bytes(range(256))),
    "deep": lambda path: path.write_bytes(b"[" * 9_000),
    "gone": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a FIFO": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
}
MENDED = {
    "run.json": {*DAMAGES} - {"a folder"},
    SUMMARY_FILE: {*DAMAGES} - {"a folder"},
    "shards/a.jsonl.json": {"gone", "a link"},
    "tallies/a.jsonl.json.zst": {"gone", "a link", "a FIFO"},
}
"""What the next run writes again: what it always does, and what a shard lacks that is then done again."""


@pytest.mark.parametrize("name", MENDED)
def test_what_is_said_of_shards_is_damaged(tmp_path: Path, score: Callable[..., End], bonepick: Run, name: str) -> None:
    corpus = write(tmp_path / "in", "a.jsonl")
    assert score(corpus, tmp_path / "whole").code == 0
    whole = published(tmp_path / "whole")
    ends = {}
    for damage, make in DAMAGES.items():
        folder = tmp_path / damage
        shutil.copytree(tmp_path / "whole", folder)
        (path,) = folder.glob(f"_bonepick/*/{name}")
        make(path)
        words = [
            "filter",
            "--quiet",
            "-s",
            folder,
            "-i",
            corpus,
            "-o",
            tmp_path / f"filtered {damage}",
            "--keep-rows",
            0.5,
        ]
        for _ in clear(bonepick(*words)):
            pass
        ends[damage] = [*clear(score(corpus, folder))]
        if not ends[damage]:
            assert (published(folder), partials(folder)) == (whole, [])
    refused = {damage for damage, lines in ends.items() if lines}
    assert all(str(tmp_path / damage) in line for damage, lines in ends.items() for line in lines)
    assert refused == {*DAMAGES} - MENDED[name]


def clear(ended: End) -> Iterator[str]:
    """Yield the line of a command that failed, which must be one."""
    if ended.code:
        yield fault(ended)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outputs", []),
        ("outputs", [{"path": "../precious", "size": 8, "sha256": ""}]),
        ("outputs", [{"path": "/precious", "size": 8, "sha256": ""}]),
        ("shard", "b.jsonl"),
        ("format", 2),
    ],
)
def test_a_record_that_leads_elsewhere(tmp_path: Path, score: Callable[..., End], field: str, value: object) -> None:
    """Nothing outside is removed for it when another run takes the place."""
    corpus, out = write(tmp_path / "in", "a.jsonl"), tmp_path / "out"
    (tmp_path / "precious").write_text("precious")
    assert score(corpus, out).code == 0
    (path,) = out.glob("_bonepick/*/shards/a.jsonl.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    for words in ([], ["--overwrite", "--name", "x"]):
        line = fault(score(corpus, out, *words))
        assert f"{path} is damaged" in line
    assert (tmp_path / "precious").read_text() == "precious"
