"""What cannot be listed is a fault wherever folders are walked: rows, models and records would be missed else.

The tests run as root in containers, for whom every folder can be listed: so the system call is made to fail.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.inside import refuse_links_out
from bonepick.core.replacing import Marker, refuse_occupied
from bonepick.core.walking import everything_below
from bonepick.data.shards import find_shards
from bonepick.scoring.corpus import find_corpus
from bonepick.scoring.records import Records

Close = Callable[[Path], None]


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> Close:
    """Make a folder one that nobody may list."""
    scandir = os.scandir

    def closed(folder: Path) -> None:
        def refusing(path: Any = ".") -> Any:
            if Path(path) == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)

    return closed


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    for name in ("train/0", "test/0", "test/part/1"):
        path = tmp_path / "rows" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"text": "a", "score": 1}\n')
    return tmp_path / "rows"


def test_everything_is_found_in_order(rows: Path) -> None:
    found = [path.relative_to(rows).as_posix() for path in everything_below(rows)]
    assert found == ["test", "test/0.jsonl", "test/part", "test/part/1.jsonl", "train", "train/0.jsonl"]


@pytest.mark.parametrize("folder", ["test", "test/part", "train"])
@pytest.mark.parametrize("read", [find_shards, find_corpus, refuse_links_out], ids=lambda read: read.__name__)
def test_a_folder_that_cannot_be_listed(rows: Path, close: Close, read: Callable[[Any], Any], folder: str) -> None:
    close(rows / folder)
    with pytest.raises(BonepickError, match=rf"^{rows}/{folder} cannot be listed \(Permission denied\): mend or"):
        read(rows if read is not find_corpus else str(rows))


@pytest.mark.parametrize("pattern", ["*/*.jsonl", "**/*.jsonl", "t*/part/*", "test/*/1.jsonl"])
def test_a_folder_that_a_pattern_goes_through(rows: Path, close: Close, pattern: str) -> None:
    assert find_corpus(f"{rows}/{pattern}")
    close(rows / ("test" if pattern == "*/*.jsonl" else "test/part"))
    with pytest.raises(BonepickError, match=rf"^{rows}/test(/part)? cannot be listed"):
        find_corpus(f"{rows}/{pattern}")


def test_a_pattern_asks_no_more_than_it_needs(rows: Path, close: Close) -> None:
    close(rows / "test" / "part")
    assert len(find_corpus(f"{rows}/*/*.jsonl")) == 2


def test_what_the_system_keeps_for_itself_is_passed_by(rows: Path, close: Close) -> None:
    (rows / "lost+found").mkdir()
    close(rows / "lost+found")
    assert len(find_corpus(str(rows))) == len(find_corpus(f"{rows}/**/*.jsonl")) == 3


def test_an_output_in_which_something_cannot_be_listed_is_kept(rows: Path, close: Close) -> None:
    Marker.of(rows, "dataset").save(rows)
    refuse_occupied(rows, "dataset", overwrite=True)
    close(rows / "test" / "part")
    with pytest.raises(BonepickError, match="part cannot be listed"):
        refuse_occupied(rows, "dataset", overwrite=True)


def test_records_of_done_shards_that_cannot_be_listed(tmp_path: Path, close: Close) -> None:
    records = Records(tmp_path, "run")
    assert list(records.names()) == []
    folder = records.folder / "shards" / "a"
    folder.mkdir(parents=True)
    (folder / "0.jsonl.json").touch()
    assert list(records.names()) == ["a/0.jsonl"]
    close(folder)
    with pytest.raises(BonepickError, match="a cannot be listed"):
        list(records.names())


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("target", ["gone", "itself"])
def test_a_split_that_is_a_link_to_nothing_is_not_left_out(rows: Path, split: str, target: str) -> None:
    (rows / split).rename(rows.parent / "away")
    (rows / split).symlink_to(rows / (split if target == "itself" else "gone"))
    with pytest.raises(BonepickError, match=rf"^{rows}/{split} .*linked to"):
        find_shards(rows)
    (rows / split).unlink()
    (rows / split).symlink_to(rows.parent / "away")
    assert {shard.split for shard in find_shards(rows)} == {"train", "test"}
