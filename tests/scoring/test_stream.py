"""Lines through a pipe: rows in, rows out, in their order."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.scoring import stream
from bonepick.scoring.params import ScoreParams
from bonepick.scoring.scorer import ScorerParams
from bonepick.scoring.stream import score_stream

Make = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def through(model: Callable[..., Path]) -> Callable[..., list[bytes]]:
    """Score bytes, and return the lines that come of them."""

    def run(data: bytes, workers: int = 1, **given: Any) -> list[bytes]:
        target = io.BytesIO()
        score_stream(io.BytesIO(data), target, ScorerParams(model("fasttext"), ScoreParams(**given)), workers)
        return target.getvalue().splitlines(keepends=True)

    return run


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("block", [1 << 20, 100])
def test_lines_are_those_of_a_shard(
    tmp_path: Path, corpus_rows: Make, lines: Any, score: Any, through: Any, workers: int, block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "a.jsonl").write_bytes(lines(corpus_rows(25)))
    score(tmp_path / "a.jsonl", tmp_path / "out")
    monkeypatch.setattr(stream, "BLOCK_BYTES", block)
    assert b"".join(through(lines(corpus_rows(25)), workers)) == (tmp_path / "out/a.jsonl").read_bytes()


def test_rejected_rows_are_said_as_there_is_no_place_for_them(through: Any, notes: list[str]) -> None:
    data = b'{"text": "law"}\n{"text": 3}\n\n{"text": "menu"}'
    with pytest.raises(BonepickError, match=r"standard input:2: text field 'text' is 3"):
        through(data)
    assert len(through(data, on_error="quarantine")) == 2
    assert any(note.startswith("standard input: 1 rows were rejected: standard input:2: ") for note in notes)
    assert notes[-1] == "score: 2 rows read, 2 written, 1 rejected"


def test_what_a_pipe_does_not_take_is_refused(through: Any) -> None:
    with pytest.raises(UsageError, match="format is parquet: standard output takes JSON lines alone"):
        through(b"", only_scores=True, format="parquet")
    with pytest.raises(BonepickError, match="standard input is packed with gzip, wanted JSON lines"):
        through(b"\x1f\x8b\x08\0")


def test_flags_for_shards_are_refused_in_a_pipe(bonepick: Any, model: Callable[..., Path]) -> None:
    for flag in (["--shard", "0/2"], ["--overwrite"], ["--verify"]):
        ended = bonepick("score", "-m", model("fasttext"), "-i", "-", "-o", "-", *flag)
        assert ended.code == 2
        assert f"{flag[0]} is for corpora of shards" in ended.err
    ended = bonepick("score", "-m", model("fasttext"), "-i", "-", "-o", "out")
    assert "- stands for standard input and output, both or none" in ended.err


def test_scores_alone_can_leave_a_pipe(through: Any) -> None:
    (line,) = through(b'{"id": 7, "text": "law"}', only_scores=True)
    assert list(json.loads(line)) == ["id", "score", "probabilities"]
