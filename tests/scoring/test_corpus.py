"""A corpus is found in any form: each of its files is a shard, or named as left out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.scoring.corpus import find_corpus, names_digest

NAMES = ("en/b.jsonl.zst", "en/a.jsonl", "fr/a.parquet", "c.ndjson.gz")
OTHERS = ("README.md", "notes.txt", "en/table.csv", "dataset.json", "_bonepick/RUN/run.json", ".hidden.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*NAMES, *OTHERS):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    return tmp_path / "in"


@pytest.mark.parametrize("where", [str, Path.as_uri])
def test_a_folder_or_url_of_one(folder: Path, where: Callable[[Path], str], notes: list[str]) -> None:
    shards = find_corpus(where(folder))
    assert [shard.name for shard in shards] == sorted(NAMES)
    assert {shard.format for shard in shards} == {"JSONL", "Parquet"}
    (note,) = notes
    assert note.endswith("left out, no JSON lines or Parquet by their names: en/table.csv, notes.txt")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("en/*.jsonl*", ["a.jsonl", "b.jsonl.zst"]),
        ("*/a.*", ["en/a.jsonl", "fr/a.parquet"]),
        ("en/a.jsonl", ["a.jsonl"]),
        ("**/*.parquet", ["fr/a.parquet"]),
    ],
)
def test_a_pattern_or_one_file(folder: Path, pattern: str, names: list[str]) -> None:
    assert [shard.name for shard in find_corpus(f"{folder}/{pattern}")] == names


def test_what_holds_no_shards_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/a.csv").write_bytes(b"text\nx\n")
    with pytest.raises(BonepickError, match=r"holds no shards .*there are a\.csv; import-hf-dataset makes shards"):
        find_corpus(str(tmp_path / "tables"))
    for name, url in {"a.zip": "zip://::file:///", "a.tar.gz": "tar://::file:///"}.items():
        (tmp_path / "tables" / name).write_bytes(b"")
        with pytest.raises(BonepickError, match=rf"there are .*{name}.*\({url}\S*{name} reads what is in"):
            find_corpus(str(tmp_path / "tables" / name))
    with pytest.raises(BonepickError, match="is not there"):
        find_corpus(str(tmp_path / "nothing"))
    with pytest.raises(BonepickError, match="holds no shards"):
        find_corpus(f"{folder}/*.txt")
    (folder / "pipe.jsonl").unlink(missing_ok=True)
    import os

    os.mkfifo(folder / "pipe.jsonl")
    with pytest.raises(BonepickError, match="FIFO"):
        find_corpus(str(folder))


def test_other_names_have_another_digest(folder: Path) -> None:
    shards = find_corpus(str(folder))
    assert names_digest(shards) == names_digest(list(shards))
    assert names_digest(shards) != names_digest(shards[1:])
