"""Shards that cannot be done: they crash or hang their process, are cut, change, or the disk is full meanwhile.

Each is named with its reason, the others are whole, and once it is mended the same command goes on.
"""

import gzip
import json
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.faults.running import Ended, Running, fault
from tests.faults.scoring import partials, published, scoring_model
from tests.faults.test_no_room import limited_to

Start = Callable[..., Running]

POISON = {"PYTHONPATH": str(Path(__file__).with_name("poison"))}
FULL = bool(os.environ.get("FULL"))
GOOD = b'{"id":1,"text":"word1 word2"}\n'


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Path]) -> Path:
    return scoring_model(tmp_path_factory.mktemp("scoring") / "model", data["rows"])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three good shards."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(GOOD * 300)
    (tmp_path / "in/b.jsonl.zst").write_bytes(zstandard.compress(GOOD * 300))
    pq.write_table(pa.table({"text": ["word1 word2"] * 300}), tmp_path / "in/c.parquet")
    return tmp_path / "in"


@pytest.fixture
def score(tmp_path: Path, model: Path, corpus: Path, start: Start) -> Callable[..., Running]:
    """Score the corpus into `out`, as a process."""

    def run(*words: object, **options: object) -> Running:
        return start("score", "-m", model, "-i", corpus, "-o", tmp_path / "out", *words, **options)

    return run


def missing(ended: Ended, shard: str, shards: int = 4) -> str:
    """Return why a shard is missing, and hold the command to saying that of no other."""
    line = fault(ended)
    begin = f"error: 1 of {shards} shards are missing in "
    assert line.startswith(begin), line
    assert f", the others are whole: {shard}: " in line, line
    assert line.endswith("; the same command goes on from here"), line
    return line


def no_cores() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_IGN)  # as a parent may have it
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})


SAID = {
    "abort": "a worker process died by signal 6",
    "hang": "a worker process was ended: it hung for more than 5 s",
    "kill": "a worker process died by signal 9",
    "memory": "needs more memory than there is",
}
WHOLE, SHARED = "aa.jsonl", "large.parquet"  # the last one is shared by the workers, which are more than shards left
EVERY = [(name, what) for what in SAID for name in (WHOLE, SHARED)]


@pytest.mark.parametrize(("name", "what"), EVERY if FULL else [EVERY[0], EVERY[2], EVERY[5], EVERY[7]])
def test_a_poison_shard(tmp_path: Path, corpus: Path, score: Callable[..., Running], name: str, what: str) -> None:
    rows = [{"text": "word1"}, {"text": f"poison {what}"}]
    if name.endswith("jsonl"):
        (corpus / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), corpus / name)
    limits = ("--tries", 1, "--patience", 5) if what == "hang" else ("--tries", 2)
    words = ("-p", 3 if name.startswith("large") else 2, *limits)
    line = missing(score(*words, env=POISON, preexec_fn=no_cores).ended(), name)
    assert SAID[what] in line
    first = published(tmp_path / "out")
    assert {"a.jsonl", "b.jsonl.zst", "c.parquet"} <= first.keys()
    assert partials(tmp_path / "out") == []
    assert not list(tmp_path.glob("out/_bonepick/*/summary.json"))
    running = score(*words, env={"BONEPICK_QUIET": ""})  # what is mended here is the model's process
    assert "3 of 4 shards were done before" in running.ended().err
    assert running.process.returncode == 0
    then = published(tmp_path / "out")
    assert first.items() <= then.items()
    assert name in then


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk(tmp_path: Path, score: Callable[..., Running], workers: int) -> None:
    """Outputs, tallies or records cannot be written; then there is room."""
    for size in (30, 500, 3_000):
        line = fault(score("-p", workers, preexec_fn=limited_to(size)).ended())
        assert "cannot be written (File too large): free some space" in line
        assert partials(tmp_path / "out") == []
    ended = score("-p", workers).ended()
    assert (ended.code, ended.err) == (0, "")


def test_shards_that_are_cut_short(corpus: Path, score: Callable[..., Running]) -> None:
    whole = {
        "cut.jsonl.zst": zstandard.compress(GOOD * 3_000),
        "cut.jsonl.gz": gzip.compress(GOOD * 3_000),
        "cut.parquet": (corpus / "c.parquet").read_bytes(),
    }
    for name, data in whole.items():
        (corpus / name).write_bytes(data[: len(data) * 2 // 3])
    line = fault(score("-p", 2).ended())
    assert line.startswith("error: 3 of 6 shards are missing in ")
    assert all(f"; {name}: {corpus / name}" in line.replace("whole: ", "; ") for name in whole)
    for name, data in whole.items():
        (corpus / name).write_bytes(data)
    ended = score(env={"BONEPICK_QUIET": ""}).ended()
    assert ended.code == 0
    assert ended.err.startswith("3 of 6 shards were done before\nscore: 6 shards -> ")


def test_shards_that_change_or_go_while_they_are_read(
    tmp_path: Path, corpus: Path, score: Callable[..., Running]
) -> None:
    (corpus / "a.jsonl").write_bytes(GOOD + b'{"text":"poison slow"}\n')
    running = score("-p", 1, env=POISON)
    running.until(lambda: any("a.jsonl" in name for name in partials(tmp_path / "out")))
    with (corpus / "a.jsonl").open("ab") as grows:
        grows.write(GOOD)
    (corpus / "b.jsonl.zst").unlink()
    line = fault(running.ended())
    assert line.startswith("error: 2 of 3 shards are missing in ")
    assert f"a.jsonl: {corpus}/a.jsonl changed while it was read: run the same command when it is whole" in line
    assert f"b.jsonl.zst: {corpus}/b.jsonl.zst: No such file or directory" in line
    ended = score(env={"BONEPICK_QUIET": ""}).ended()
    assert ended.code == 0
    assert "1 of 2 shards were done before\n" in ended.err
    assert " 303 " in ended.out


def test_who_interrupts_is_told_what_stays(tmp_path: Path, corpus: Path, score: Callable[..., Running]) -> None:
    (corpus / "b.jsonl").write_text('{"text":"poison hang"}\n')
    running = score("-p", 1, env=POISON)
    running.until(lambda: list((tmp_path / "out").glob(".b.jsonl.partial-*")))
    os.killpg(running.process.pid, signal.SIGINT)
    running.gone()
    ended = running.ended()
    said = "error: interrupted: 1 shards were done, which stay; the same command goes on\n"
    assert (ended.code, ended.err) == (130, said)
    assert partials(tmp_path / "out") == []
    assert (tmp_path / "out/a.jsonl").exists()
