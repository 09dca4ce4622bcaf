"""A corpus is cut by a share of it: the rows of the highest scores, whatever form the scores were written in."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.scoring.filter import filter_corpus
from bonepick.scoring.params import FilterParams, ScoreParams
from bonepick.scoring.run_shards import ShardRun
from bonepick.scoring.score import score_corpus
from bonepick.scoring.scorer import ScorerParams

Make = Callable[..., list[dict[str, Any]]]
pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture
def corpus(tmp_path: Path, corpus_rows: Make, lines: Any) -> Path:
    """A shard of each format; one row of each cannot be scored."""
    (tmp_path / "in").mkdir()
    bad = [b'{"text": ""}\n', b"\n"]
    content = [lines(corpus_rows(30, seed=1)), *bad, lines(corpus_rows(31, seed=2))]
    (tmp_path / "in/a.jsonl").write_bytes(b"".join(content))
    table = pa.Table.from_pylist([*corpus_rows(40, seed=3), {"id": "bad", "text": None}, *corpus_rows(20, seed=4)])
    pq.write_table(table, tmp_path / "in/b.parquet", row_group_size=25)
    return tmp_path / "in"


@pytest.fixture
def scored(tmp_path: Path, model: Callable[..., Path], corpus: Path) -> Callable[..., Path]:
    """Score the corpus."""

    def run(folder: str = "scores", **given: Any) -> Path:
        params = ScorerParams(model("model2vec"), ScoreParams(on_error="quarantine", **given))
        finished, records = score_corpus(str(corpus), tmp_path / folder, params, ShardRun())
        finished.raise_failures(records)
        return tmp_path / folder

    return run


def kept(scores: Path, where: Path, output: Path, workers: int = 1, **share: float) -> set[str]:
    _, finished, records = filter_corpus(scores, str(where), output, FilterParams(**share), ShardRun(workers))
    finished.raise_failures(records)
    lines = [json.loads(line)["id"] for line in (output / "a.jsonl").read_bytes().splitlines()]
    return {*lines, *pq.read_table(output / "b.parquet")["id"].to_pylist()}


def rows_by_score(scores: Path) -> list[tuple[float, str, str]]:
    rows = [json.loads(line) for line in (scores / "a.jsonl").read_bytes().splitlines()]
    every = [(row["metadata"]["model2vec"]["score"], row["id"], row["text"]) for row in rows]
    table = pq.read_table(scores / "b.parquet").to_pylist()
    return sorted([*every, *((row["model2vec_score"], row["id"], row["text"]) for row in table)], reverse=True)


@pytest.mark.parametrize("unit", ["rows", "words", "bytes"])
def test_the_share_is_that_of_the_highest_scores(tmp_path: Path, corpus: Path, scored: Any, unit: str) -> None:
    scores = scored()
    every = rows_by_score(scores)
    sizes = {"rows": lambda text: 1, "words": lambda text: len(text.split()), "bytes": lambda text: len(text.encode())}
    amounts = [sizes[unit](text) for _, _, text in every]
    chosen = kept(scores, corpus, tmp_path / "out", **{f"keep_{unit}": 0.3})
    n_chosen = len(chosen)
    assert chosen == {row_id for _, row_id, _ in every[:n_chosen]}
    assert 0.2 * sum(amounts) < sum(amounts[:n_chosen]) <= 0.3 * sum(amounts)
    lines = (tmp_path / "out/a.jsonl").read_bytes().splitlines(keepends=True)
    assert all(line in (corpus / "a.jsonl").read_bytes() for line in lines), "rows keep their bytes"
    assert pq.read_schema(tmp_path / "out/b.parquet").equals(pq.read_schema(corpus / "b.parquet"), check_metadata=True)


@pytest.mark.parametrize("names", [("a.jsonl", "b.pq"), ("a.JSONL", "b.PARQUET"), ("a.Jsonl.GZ", "b.Parquet")])
@pytest.mark.parametrize("form", [{}, {"only_scores": True}, {"only_scores": True, "format": "parquet"}])
def test_other_endings_of_the_same_formats_cut_alike(
    tmp_path: Path, corpus: Path, scored: Any, names: tuple[str, str], form: dict[str, Any]
) -> None:
    data = (corpus / "a.jsonl").read_bytes()
    (corpus / "a.jsonl").unlink()
    (corpus / names[0]).write_bytes(gzip.compress(data) if names[0].endswith("GZ") else data)
    (corpus / "b.parquet").rename(corpus / names[1])
    scores, output = scored(**form), tmp_path / "out"
    _, finished, records = filter_corpus(scores, str(corpus), output, FilterParams(keep_rows=0.25), ShardRun())
    finished.raise_failures(records)
    written = (output / names[0]).read_bytes()
    lines = gzip.decompress(written) if names[0].endswith("GZ") else written
    assert 20 <= lines.count(b"\n") + pq.read_table(output / names[1]).num_rows <= 30
    assert set(lines.splitlines()) < set(data.splitlines())


def test_scores_in_any_form_cut_alike(tmp_path: Path, corpus: Path, scored: Any) -> None:
    wanted = kept(scored(), corpus, tmp_path / "out", keep_rows=0.25)
    assert 20 <= len(wanted) <= 30
    forms: list[dict[str, Any]] = [
        {"into": "attributes.q"},
        {"name": "v2"},
        {"only_scores": True},
        {"only_scores": True, "format": "jsonl", "id_field": ".text"},
        {"only_scores": True, "format": "parquet"},
    ]
    for number, form in enumerate(forms):
        scores = scored(f"scores-{number}", **form)
        assert kept(scores, corpus, tmp_path / f"out-{number}", keep_rows=0.25, workers=number % 2 + 1) == wanted


def test_what_does_not_fit_is_refused(tmp_path: Path, corpus: Path, scored: Any, lines: Any, corpus_rows: Make) -> None:
    scores = scored()
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="no share is given"):
        kept(scores, corpus, out)
    with pytest.raises(UsageError, match="shares of rows, words are given"):
        kept(scores, corpus, out, keep_rows=0.1, keep_words=0.1)
    with pytest.raises(BonepickError, match="nothing that `bonepick score` wrote"):
        kept(corpus, corpus, out, keep_rows=0.1)
    with pytest.raises(BonepickError, match="has no scores of rows that --keep or --min-score left out"):
        kept(scored("some", min_score=0.5), corpus, out, keep_rows=0.1)
    (corpus / "c.jsonl").write_bytes(b'{"text": "law"}\n')
    with pytest.raises(BonepickError, match=r"c\.jsonl was not scored: shares are of the whole corpus"):
        kept(scores, corpus, out, keep_rows=0.1)
    (corpus / "c.jsonl").unlink()
    whole = (corpus / "a.jsonl").read_bytes()
    (corpus / "a.jsonl").write_bytes(whole.replace(b"law", b"lew"))
    with pytest.raises(BonepickError, match=r"a\.jsonl is not the shard that was scored"):
        kept(scores, corpus, out, keep_rows=0.1)
    (corpus / "a.jsonl").write_bytes(lines(corpus_rows(3)))
    with pytest.raises(BonepickError, match=r"a\.jsonl has other rows than its scores"):
        kept(scores, corpus, out, keep_rows=0.1)
    (corpus / "a.jsonl").unlink()
    with pytest.raises(BonepickError, match=r"a\.jsonl was scored, and is not in"):
        kept(scores, corpus, out, keep_rows=0.1)


def test_scores_that_are_not_finished_are_refused(tmp_path: Path, corpus: Path, scored: Any) -> None:
    scores = scored()
    (summary,) = scores.glob("_bonepick/*/summary.json")
    summary.unlink()
    with pytest.raises(BonepickError, match="is not finished: run the same `bonepick score` again"):
        kept(scores, corpus, tmp_path / "out", keep_rows=0.1)


def test_scores_that_were_tampered_with_are_refused(tmp_path: Path, corpus: Path, scored: Any) -> None:
    scores = scored()
    lines = (scores / "a.jsonl").read_bytes()
    (scores / "a.jsonl").write_bytes(lines.replace(b'"score":0', b'"score":1', 1))
    with pytest.raises(BonepickError, match=r"a\.jsonl is not what `bonepick score` wrote: run that again"):
        kept(scores, corpus, tmp_path / "out", keep_rows=0.1)


def test_what_filter_wrote_is_no_scores(tmp_path: Path, corpus: Path, scored: Any) -> None:
    kept(scored(), corpus, tmp_path / "out", keep_rows=0.5)
    with pytest.raises(BonepickError, match="was written by `bonepick filter`, wanted scores"):
        kept(tmp_path / "out", corpus, tmp_path / "again", keep_rows=0.5)


def test_scores_of_a_run_that_failed_later_are_not_taken_for_finished(
    tmp_path: Path, corpus: Path, scored: Any, lines: Any, corpus_rows: Make
) -> None:
    scores = scored()
    whole = (corpus / "b.parquet").read_bytes()
    (corpus / "a.jsonl").write_bytes(lines(corpus_rows(50, seed=8)))
    (corpus / "b.parquet").write_bytes(whole[:-5])
    with pytest.raises(BonepickError, match=r"1 of 2 shards are missing"):
        scored()
    (corpus / "b.parquet").write_bytes(whole)
    with pytest.raises(BonepickError, match="is not finished"):
        kept(scores, corpus, tmp_path / "out", keep_rows=0.2)


def test_rows_without_their_text_or_damaged_sidecars_are_named(tmp_path: Path, corpus: Path, scored: Any) -> None:
    scores, whole = scored(), {name: (corpus / name).read_bytes() for name in ("a.jsonl", "b.parquet")}
    (corpus / "a.jsonl").write_bytes(whole["a.jsonl"].replace(b'"text"', b'"body"'))
    table = pq.read_table(corpus / "b.parquet")
    columns = ["body" if name == "text" else name for name in table.column_names]
    pq.write_table(table.rename_columns(columns), corpus / "b.parquet", row_group_size=25)
    with pytest.raises(BonepickError) as caught:
        kept(scores, corpus, tmp_path / "out", keep_rows=0.1)
    for name in whole:
        assert f"{corpus / name} is not the shard that was scored" in str(caught.value)
    for name, data in whole.items():
        (corpus / name).write_bytes(data)
    (scores / "quarantine/a.jsonl.jsonl").write_bytes(b'{"line":"31"}\n')
    with pytest.raises(BonepickError, match=r"quarantine/a\.jsonl\.jsonl is not what `bonepick score` wrote"):
        kept(scores, corpus, tmp_path / "out", keep_rows=0.1)
