"""Shards are scored: rows keep their bytes and their order, and each score is the model's, to the bit."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import bonepick
from bonepick.core.errors import BonepickError, UsageError
from bonepick.data import shards as data_shards

PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".zst": zstandard.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
}
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    ".xz": lzma.decompress,
    ".bz2": bz2.decompress,
}
Rows = list[dict[str, Any]]
Score = Callable[..., dict[str, int]]
Make = Callable[..., Rows]


def unpacked(path: Path) -> list[bytes]:
    return UNPACK[path.suffix if path.suffix in UNPACK else ""](path.read_bytes()).splitlines()


def rows_in(path: Path) -> Rows:
    return [json.loads(line) for line in unpacked(path)]


@pytest.mark.parametrize("packing", PACK)
def test_rows_keep_their_bytes_and_get_the_models_scores(
    tmp_path: Path, model: Callable[..., Path], corpus_rows: Make, lines: Any, score: Score, packing: str
) -> None:
    rows = corpus_rows(30)
    name = f"en/part-0.jsonl{packing}"
    (tmp_path / "in/en").mkdir(parents=True)
    (tmp_path / "in" / name).write_bytes(PACK[packing](lines(rows)))
    assert score(tmp_path / "in", tmp_path / "out") == {name: 30}
    loaded = bonepick.load(model("fasttext"))
    texts = [row["text"] for row in rows]
    expected = loaded.score(texts).tolist()
    written = unpacked(tmp_path / "out" / name)
    for line, row, wanted, probabilities in zip(
        written, rows, expected, loaded.predict_proba(texts).tolist(), strict=True
    ):
        assert line.startswith(json.dumps(row).encode()[:-1] + b',"metadata":{"fasttext":{"score":')
        said = json.loads(line)["metadata"]["fasttext"]
        assert said == {"score": wanted, "probabilities": dict(zip(loaded.classes, probabilities, strict=True))}


@pytest.mark.parametrize("kind", ["fasttext", "model2vec"])
def test_blocks_that_workers_share_make_the_same_bytes(
    tmp_path: Path, corpus_rows: Make, lines: Any, score: Score, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl.zst").write_bytes(zstandard.compress(lines(corpus_rows(40))))
    table = pa.Table.from_pylist(corpus_rows(40))
    pq.write_table(table, tmp_path / "in/b.parquet", row_group_size=15)
    score(tmp_path / "in", tmp_path / "whole", kind)
    monkeypatch.setattr(data_shards, "BLOCK_BYTES", 300)
    score(tmp_path / "in", tmp_path / "shared", kind, workers=2)
    for name in ("a.jsonl.zst", "b.parquet"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "shared" / name).read_bytes()


def test_a_table_keeps_schema_and_row_groups_and_has_two_columns_more(
    tmp_path: Path, corpus_rows: Make, lines: Any, score: Score
) -> None:
    rows = corpus_rows(50)
    schema = pa.schema(
        [
            pa.field("id", pa.string(), metadata={"a": "b"}),
            pa.field("text", pa.large_string()),
            pa.field("n", pa.float64()),
            pa.field("source", pa.dictionary(pa.int8(), pa.string())),
        ],
        metadata={"whose": "mine"},
    )
    (tmp_path / "in").mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "in/a.parquet", row_group_size=20, compression="gzip")
    (tmp_path / "in/b.jsonl").write_bytes(lines(rows))
    score(tmp_path / "in", tmp_path / "out")
    before, after = pq.ParquetFile(tmp_path / "in/a.parquet"), pq.ParquetFile(tmp_path / "out/a.parquet")
    groups = [[f.metadata.row_group(n).num_rows for n in range(f.num_row_groups)] for f in (before, after)]
    assert groups == [[20, 20, 10]] * 2
    assert after.metadata.row_group(0).column(0).compression == "GZIP"
    assert after.read().select(schema.names).equals(before.read(), check_metadata=True)
    kinds = [(field.name, str(field.type)) for field in list(after.schema_arrow)[len(schema) :]]
    struct = "struct<bad: double, fair: double, good: double>"
    assert kinds == [("fasttext_score", "double"), ("fasttext_probabilities", struct)]
    said = [row["metadata"]["fasttext"] for row in rows_in(tmp_path / "out/b.jsonl")]
    table = after.read()
    assert table["fasttext_score"].to_pylist() == [each["score"] for each in said]
    assert table["fasttext_probabilities"].to_pylist() == [each["probabilities"] for each in said]


def test_rows_that_cannot_be_scored_are_rejected_with_their_reasons(
    tmp_path: Path, corpus_rows: Make, score: Score
) -> None:
    good = corpus_rows(3)
    bad = [
        b'{"id": 1}',
        b'{"text": 3}',
        b'{"text": " "}',
        b"{",
        b'{"text": "x", "metadata": 1}',
        b'{"text": "x", "metadata": {"fasttext": 1}}',
        b'{"text": "\\ud800"}',
        b'{"text": "\xff"}',
    ]
    content = [*(json.dumps(row).encode() for row in good[:2]), *bad, b"", json.dumps(good[2]).encode()]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(content))
    with pytest.raises(BonepickError, match=r"a\.jsonl:3: text field 'text' is missing.*on_error: quarantine"):
        score(tmp_path / "a.jsonl", tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.jsonl*"))
    score(tmp_path / "a.jsonl", tmp_path / "out", on_error="quarantine")
    assert [row["id"] for row in rows_in(tmp_path / "out/a.jsonl")] == [row["id"] for row in good]
    rejected = rows_in(tmp_path / "out/quarantine/a.jsonl.jsonl")
    assert [row["line"] for row in rejected] == list(range(3, 11))
    assert [row["raw"].encode() for row in rejected[:7]] == bad[:7]
    assert "where its scores would go" in rejected[5]["reason"]


def test_rows_of_a_table_that_cannot_be_scored_are_rejected_too(tmp_path: Path, score: Score) -> None:
    texts = pa.array(["a law", None, "  ", "menu"])
    pq.write_table(pa.table({"text": texts, "k": [1, 2, 3, 4]}), tmp_path / "a.parquet")
    with pytest.raises(BonepickError, match=r"a\.parquet:2: text field 'text' is None"):
        score(tmp_path / "a.parquet", tmp_path / "out")
    score(tmp_path / "a.parquet", tmp_path / "out", on_error="quarantine")
    assert pq.read_table(tmp_path / "out/a.parquet")["k"].to_pylist() == [1, 4]
    assert [row["line"] for row in rows_in(tmp_path / "out/quarantine/a.parquet.jsonl")] == [2, 3]
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "b.parquet")
    with pytest.raises(BonepickError, match=r"b\.parquet: text field 'text' is missing; the row has body"):
        score(tmp_path / "b.parquet", tmp_path / "out")
    pq.write_table(pa.table({"text": ["x"], "fasttext_score": [1]}), tmp_path / "c.parquet")
    with pytest.raises(BonepickError, match=r"c\.parquet has a column 'fasttext_score'.*--name"):
        score(tmp_path / "c.parquet", tmp_path / "out")


@pytest.mark.parametrize("form", ["", "parquet"])
@pytest.mark.parametrize(
    "row", [b'{"id": 1, "text": "caf\xe9"}', b'{"id": "caf\xe9", "text": "law"}', b'{"caf\xe9": 1}']
)
def test_a_row_in_another_encoding_says_what_mends_it(tmp_path: Path, score: Score, row: bytes, form: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(row + b"\n")
    with pytest.raises(BonepickError, match=r"a\.jsonl:1: not valid UTF-8 .*caf\\xe9.*iconv -f"):
        score(tmp_path / "a.jsonl", tmp_path / "out", only_scores=True, format=form)


@pytest.mark.parametrize("form", ["", "jsonl", "parquet"])
def test_scores_alone_in_either_form(tmp_path: Path, corpus_rows: Make, lines: Any, score: Score, form: str) -> None:
    rows = [{**row, "id": number if number % 2 else row["id"]} for number, row in enumerate(corpus_rows(12))]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(lines(rows))
    pq.write_table(pa.Table.from_pylist([{**row, "id": str(row["id"])} for row in rows]), tmp_path / "in/b.parquet")
    score(tmp_path / "in", tmp_path / "full")
    score(tmp_path / "in", tmp_path / "out", only_scores=True, format=form)
    said = [row["metadata"]["fasttext"] for row in rows_in(tmp_path / "full/a.jsonl")]
    ids = [row["id"] for row in rows]
    made = {path.name for path in (tmp_path / "out").iterdir() if path.is_file()}
    names = {"": ("a.jsonl", "b.parquet"), "jsonl": ("a.jsonl", "b.jsonl.zst"), "parquet": ("a.parquet", "b.parquet")}
    assert made == set(names[form])
    for name, kept_ids in zip(names[form], (ids, list(map(str, ids))), strict=True):
        path = tmp_path / "out" / name
        table = name.endswith("parquet")
        written = pq.read_table(path).to_pylist() if table else rows_in(path)
        wanted = list(map(str, kept_ids)) if table else kept_ids
        assert written == [{"id": i, **each} for i, each in zip(wanted, said, strict=True)]


def test_a_row_without_an_id_is_rejected_where_scores_alone_are_written(tmp_path: Path, score: Score) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "law"}\n')
    with pytest.raises(BonepickError, match=r"a\.jsonl:1: id field 'id' is missing; the row has text.*--id-field"):
        score(tmp_path / "a.jsonl", tmp_path / "out", only_scores=True)
    score(tmp_path / "a.jsonl", tmp_path / "out", only_scores=True, id_field=".text | ascii_upcase")
    assert rows_in(tmp_path / "out/a.jsonl")[0]["id"] == "LAW"


def test_only_rows_that_reach_a_threshold_are_written(
    tmp_path: Path, corpus_rows: Make, lines: Any, score: Score
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(lines(corpus_rows(40)))
    pq.write_table(pa.Table.from_pylist(corpus_rows(40)), tmp_path / "in/b.parquet")
    score(tmp_path / "in", tmp_path / "all")
    every = rows_in(tmp_path / "all/a.jsonl")
    middle = sorted(row["metadata"]["fasttext"]["score"] for row in every)[20]
    score(tmp_path / "in", tmp_path / "some", min_score=middle)
    kept = [row for row in every if row["metadata"]["fasttext"]["score"] >= middle]
    assert rows_in(tmp_path / "some/a.jsonl") == kept
    assert pq.read_table(tmp_path / "some/b.parquet")["id"].to_pylist() == [row["id"] for row in kept]
    score(tmp_path / "in", tmp_path / "label", keep="fair=0.5")
    fair = [row for row in every if row["metadata"]["fasttext"]["probabilities"]["fair"] >= 0.5]
    assert rows_in(tmp_path / "label/a.jsonl") == fair
    for keep, said in {"fair=2": "probability from 0 to 1", "none=0.5": "the model has bad, fair, good"}.items():
        with pytest.raises(UsageError, match=said):
            score(tmp_path / "in", tmp_path / "no", keep=keep)


def test_a_model_of_several_labels_has_probabilities_and_no_score(
    tmp_path: Path, corpus_rows: Make, lines: Any, score: Score
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(lines(corpus_rows(20)))
    pq.write_table(pa.Table.from_pylist(corpus_rows(20)), tmp_path / "in/b.parquet")
    score(tmp_path / "in", tmp_path / "out", several=True)
    for row in rows_in(tmp_path / "out/a.jsonl"):
        assert list(row["metadata"]["fasttext"]) == ["probabilities"]
    assert pq.read_table(tmp_path / "out/b.parquet").column_names[-1:] == ["fasttext_probabilities"]
    with pytest.raises(UsageError, match=r"gives several labels a text, and so no score: --keep LABEL=0\.5"):
        score(tmp_path / "in", tmp_path / "no", several=True, min_score=0.5)
    score(tmp_path / "in", tmp_path / "short", several=True, keep="short=0.5")
    assert all(r["metadata"]["fasttext"]["probabilities"]["short"] >= 0.5 for r in rows_in(tmp_path / "short/a.jsonl"))


def test_where_scores_go_can_be_said(tmp_path: Path, corpus_rows: Make, lines: Any, score: Score) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(corpus_rows(2)))
    score(tmp_path / "a.jsonl", tmp_path / "named", name="v2")
    assert all(set(row["metadata"]) == {"v2"} for row in rows_in(tmp_path / "named/a.jsonl"))
    score(tmp_path / "a.jsonl", tmp_path / "into", into="attributes.quality")
    assert all(np.isfinite(row["attributes"]["quality"]["score"]) for row in rows_in(tmp_path / "into/a.jsonl"))


def test_texts_behind_an_expression_are_scored_alike(
    tmp_path: Path, corpus_rows: Make, lines: Any, score: Score
) -> None:
    rows = corpus_rows(5)
    nested = [{"id": row["id"], "deep": {"t": row["text"]}} for row in rows]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(lines(nested))
    pq.write_table(pa.Table.from_pylist(nested), tmp_path / "in/b.parquet")
    (tmp_path / "flat.jsonl").write_bytes(lines(rows))
    score(tmp_path / "in", tmp_path / "out", text_field=".deep.t", source_field=".id")
    score(tmp_path / "flat.jsonl", tmp_path / "flat")
    wanted = [row["metadata"]["fasttext"]["score"] for row in rows_in(tmp_path / "flat/flat.jsonl")]
    assert [row["metadata"]["fasttext"]["score"] for row in rows_in(tmp_path / "out/a.jsonl")] == wanted
    assert pq.read_table(tmp_path / "out/b.parquet")["fasttext_score"].to_pylist() == wanted


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_shard_without_rows_is_one_without_rows(tmp_path: Path, score: Score, content: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_bytes(content)
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "in/b.parquet")
    assert score(tmp_path / "in", tmp_path / "out") == {"a.jsonl": 0, "b.parquet": 0}
    assert (tmp_path / "out/a.jsonl").read_bytes() == b""
    assert pq.read_table(tmp_path / "out/b.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n", "is a git-LFS pointer.*git lfs pull"),
        (b"<!DOCTYPE html><html>Sign in</html>", "is an HTML page.*fetch the file again"),
        (b'{"text": "law"}\n', "is plain text, wanted a table, as its name says: give it the ending"),
        (b"", "is empty, not one byte"),
    ],
)
@pytest.mark.parametrize("where", [str, Path.as_uri])
def test_what_is_no_table_is_named_for_what_it_is(
    tmp_path: Path, score: Score, content: bytes, said: str, where: Callable[[Path], str]
) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(BonepickError, match=rf"a\.parquet {said}"):
        score(where(tmp_path / "a.parquet"), tmp_path / "out")


@pytest.mark.parametrize("damage", ["cut", "array", "parquet"])
def test_a_damaged_shard_is_named_and_leaves_nothing(
    tmp_path: Path, lines: Any, corpus_rows: Make, score: Score, damage: str
) -> None:
    whole = zstandard.compress(lines(corpus_rows(50)))
    name, content = {
        "cut": ("a.jsonl.zst", whole[: len(whole) // 2]),
        "array": ("a.json", json.dumps(corpus_rows(2)).encode()),
        "parquet": ("a.parquet", b"PAR1 no PAR1"),
    }[damage]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BonepickError, match=name):
        score(tmp_path / name, tmp_path / "out")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_tables_of_types_that_rows_cannot_be_taken_from(tmp_path: Path, score: Any) -> None:
    rows = [b"1", b"2" * 40, None]
    table = pa.table({"text": ["law", None, "sale"], "view": pa.array(rows, pa.binary_view())})
    (tmp_path / "in").mkdir()
    pq.write_table(table, tmp_path / "in/a.parquet")
    assert score(tmp_path / "in", tmp_path / "out", on_error="quarantine") == {"a.parquet": 3}
    scored = pq.read_table(tmp_path / "out/a.parquet")
    assert scored.schema.field("view").type == pa.binary_view()
    assert scored["view"].to_pylist() == [rows[0], rows[2]]
