"""A corpus is scored exactly once: what is done stays done, what changed is done again, what fails is named."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.scoring.params import ScoreParams
from bonepick.scoring.run_shards import Finished, ShardRun
from bonepick.scoring.score import score_corpus
from bonepick.scoring.scorer import ScorerParams

Make = Callable[..., list[dict[str, Any]]]
pytestmark = pytest.mark.usefixtures("in_this_process")
Run = Callable[..., Finished]
Files = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def corpus(tmp_path: Path, corpus_rows: Make, lines: Any) -> Path:
    """Four shards."""
    for number in range(4):
        path = tmp_path / f"in/{'ab'[number % 2]}/{number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lines(corpus_rows(10 + number, seed=number)))
    return tmp_path / "in"


@pytest.fixture
def run(model: Callable[..., Path], corpus: Path) -> Run:
    """Score the corpus with worker processes."""

    def score(output: Path, kind: str = "fasttext", **given: Any) -> Finished:
        how = {name: given.pop(name) for name in ("workers", "part", "verify", "overwrite") if name in given}
        params = ScorerParams(model(kind), ScoreParams(**given))
        finished, records = score_corpus(str(corpus), output, params, ShardRun(**how))
        finished.raise_failures(records)
        return finished

    return score


def shards_of(files: dict[str, bytes]) -> dict[str, bytes]:
    """Less what is said of them: times of change stand there."""
    return {name: data for name, data in files.items() if "/shards/" not in name}


def summary(output: Path) -> Any:
    (path,) = output.glob("_bonepick/*/summary.json")
    return json.loads(path.read_text())


def test_what_is_done_stays_done_and_what_changed_is_done_again(
    tmp_path: Path, corpus: Path, corpus_rows: Make, lines: Any, run: Run, tree: Files, notes: list[str]
) -> None:
    out = tmp_path / "out"
    assert run(out).were_done == 0
    first = tree(out)
    assert run(out).were_done == 4
    assert tree(out) == first
    (out / "a/0.jsonl").unlink()
    (out / "b/1.jsonl").write_bytes(b"cut")
    assert run(out).were_done == 2
    assert shards_of(tree(out)) == shards_of(first)
    assert any("a/0.jsonl is not what was written: its shard is done again" in note for note in notes)
    (corpus / "a/2.jsonl").write_bytes(lines(corpus_rows(7, seed=9)))
    assert run(out).were_done == 3
    assert any("in/a/2.jsonl is not as it was when it was done: it is done again" in note for note in notes)
    assert summary(out)["scored"]["rows"] == 10 + 11 + 7 + 13


def test_digests_are_compared_where_that_is_asked_for(tmp_path: Path, corpus: Path, run: Run, tree: Files) -> None:
    out = tmp_path / "out"
    run(out)
    first = tree(out)
    written, read = out / "a/0.jsonl", corpus / "b/1.jsonl"
    written.write_bytes(written.read_bytes().replace(b"law", b"lew"))
    status = read.stat()
    read.write_bytes(read.read_bytes().replace(b"law", b"lew"))
    os.utime(read, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert run(out).were_done == 4, "sizes and times are the same"
    assert run(out, verify=True).were_done == 2
    changed = {name for name, data in shards_of(tree(out)).items() if data != first[name]}
    assert "b/1.jsonl" in changed
    assert "a/0.jsonl" not in changed


def test_tasks_that_share_the_shards_make_what_one_makes(tmp_path: Path, corpus: Path, run: Run, tree: Files) -> None:
    run(tmp_path / "one", workers=2)
    parts = [run(tmp_path / "many", part=(number, 3)) for number in range(3)]
    assert [part.tally is None for part in parts] == [True, True, False], "the last one sums up"
    assert shards_of(tree(tmp_path / "one")) == shards_of(tree(tmp_path / "many"))
    assert run(tmp_path / "many").were_done == 4
    (corpus / "c.jsonl").write_bytes(b'{"text": "law"}\n')
    with pytest.raises(BonepickError, match=r"this task sees 5 shards, and the task that did .* saw others"):
        run(tmp_path / "many", part=(0, 3))
    assert run(tmp_path / "many").were_done == 4, "one command alone takes the new one"


@pytest.mark.parametrize("part", [(3, 3), (-1, 2), (0, 0)])
def test_a_part_that_is_none_is_refused(tmp_path: Path, run: Run, part: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=r"wanted I/N with I from 0 to N - 1"):
        run(tmp_path / "out", part=part)


def test_another_run_at_the_same_place_is_refused_or_replaces_what_is_ours(
    tmp_path: Path, run: Run, tree: Files
) -> None:
    out = tmp_path / "out"
    run(out)
    first = tree(out)
    for other in ({"name": "v2"}, {"kind": "model2vec"}, {"min_score": 0.5}):
        with pytest.raises(BonepickError, match=r"holds the outputs of another run .*or pass --overwrite"):
            run(out, **other)
    assert tree(out) == first
    (out / "mine.txt").write_text("precious")
    with pytest.raises(BonepickError, match=r"holds 'mine\.txt', not written by bonepick, which is kept"):
        run(out, overwrite=True, name="v2")
    (out / "mine.txt").unlink()
    run(out, overwrite=True, name="v2", only_scores=True, format="parquet")
    assert sorted(path.name for path in out.rglob("*.parquet")) == ["0.parquet", "1.parquet", "2.parquet", "3.parquet"]
    assert not list(out.glob("*/*.jsonl")), "outputs of the other run are gone"
    assert len(list((out / "_bonepick").iterdir())) == 1
    with pytest.raises(UsageError, match="--overwrite with --shard"):
        run(out, overwrite=True, part=(0, 2))


def test_nobodys_files_are_written_among(tmp_path: Path, corpus: Path, run: Run) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("precious")
    with pytest.raises(BonepickError, match=r"holds 'mine\.txt', not written by bonepick"):
        run(tmp_path / "out")
    with pytest.raises(BonepickError, match="overlap"):
        run(corpus / "deeper")
    with pytest.raises(UsageError, match="s3://"):
        run(Path("s3://bucket/x"))


def test_a_shard_that_fails_is_named_and_the_others_are_whole(
    tmp_path: Path, corpus: Path, run: Run, tree: Files
) -> None:
    out = tmp_path / "out"
    (corpus / "b/3.jsonl").write_bytes(b'{"text": "law"}\n{"text"\n')
    with pytest.raises(BonepickError, match=r"1 of 4 shards are missing in .*: b/3\.jsonl: .*b/3\.jsonl:2: ") as caught:
        run(out)
    assert "\n" not in str(caught.value)
    assert sorted(path.relative_to(out).as_posix() for path in out.glob("*/*.jsonl")) == [
        "a/0.jsonl",
        "a/2.jsonl",
        "b/1.jsonl",
    ]
    assert not list(out.glob("_bonepick/*/summary.json"))
    assert not list(out.rglob(".*partial*"))
    (corpus / "b/3.jsonl").write_bytes(b'{"text": "law"}\n')
    assert run(out).were_done == 3
    assert summary(out)["scored"]["rows"] == 10 + 11 + 12 + 1


def test_what_a_killed_run_left_is_cleaned_up(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "out"
    run(out)
    (out / "a/0.jsonl").unlink()
    dead = out / f"a/.0.jsonl.partial-{socket.gethostname()}-999999999-0"
    other = out / "a/.2.jsonl.partial-elsewhere-1-0"
    for partial in (dead, other):
        partial.write_bytes(b"half")
    assert run(out).were_done == 3
    assert not dead.exists()
    assert other.exists(), "who writes it may be alive"
    os.utime(other, (1, 1))
    run(out)
    assert not other.exists()


def test_a_record_that_is_damaged_is_named(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "out"
    run(out)
    (record,) = out.glob("_bonepick/*/shards/a/0.jsonl.json")
    record.write_bytes(record.read_bytes()[:20])
    with pytest.raises(BonepickError, match=r"0\.jsonl\.json is damaged .*remove it: its shard is then done again"):
        run(out)
    record.unlink()
    assert run(out).were_done == 3


def test_a_shard_that_can_be_scored_no_more_leaves_no_old_scores(tmp_path: Path, corpus: Path, run: Run) -> None:
    out = tmp_path / "out"
    run(out)
    (corpus / "b/3.jsonl").write_bytes(b"{")
    with pytest.raises(BonepickError, match=r"1 of 4 shards are missing"):
        run(out)
    assert not (out / "b/3.jsonl").exists()
    assert not list(out.glob("_bonepick/*/summary.json"))


def test_what_was_written_of_a_shard_that_is_no_more_is_said_and_can_be_removed(
    tmp_path: Path, corpus: Path, run: Run, notes: list[str]
) -> None:
    out = tmp_path / "out"
    run(out)
    (corpus / "b/3.jsonl").unlink()
    assert run(out).were_done == 3
    assert "b/3.jsonl: done before, and no more in the corpus; --overwrite removes what was written of it" in notes
    assert summary(out)["scored"]["rows"] == 10 + 11 + 12
    assert (out / "b/3.jsonl").exists()
    assert run(out, overwrite=True).were_done == 3
    assert not (out / "b/3.jsonl").exists()


def test_a_run_that_failed_before_its_first_shard_is_in_nobodys_way(tmp_path: Path, corpus: Path, run: Run) -> None:
    out = tmp_path / "out"
    with pytest.raises(BonepickError, match=r"4 of 4 shards are missing in [^,]*: a/0\.jsonl: .*text field 'body'"):
        run(out, text_field="body")
    assert run(out).were_done == 0
    assert run(out, on_error="quarantine").were_done == 4, "what a bad row does changes nothing of those that are done"


def test_sources_by_name_and_by_expression_are_the_same(tmp_path: Path, run: Run) -> None:
    places = {"source": tmp_path / "name", ".source": tmp_path / "expression"}
    told = [run(place, source_field=field).tally for field, place in places.items()]
    named = [dict(tally.sources) for tally in told if tally]
    assert set(named[0]) == {"s0", "s1", "s2"} == set(named[1])
