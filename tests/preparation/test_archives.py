"""Archives on this machine are read like folders: alone, in a folder, several, and in any formats."""

import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.files import unreadable
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

Read = Callable[[Path], list[dict[str, Any]]]
ROWS = [{"text": f"text {n}", "score": n % 4} for n in range(9)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def zipped(archive: Path, *names: str) -> Path:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as inside:
        for name in names:
            inside.writestr(name, "text,score\na,1\n" if name.endswith(".csv") else LINES)
    return archive


@pytest.fixture
def counted(tmp_path: Path, read: Read) -> Callable[[Path], dict[str, int]]:
    """Import a source, and return the number of rows of each split."""

    def rows_of(name: Path) -> dict[str, int]:
        out = tmp_path / "out"
        import_dataset(ImportParams(name=str(name)), out, RowParams(), Run(1, overwrite=True))
        splits = [split for split in ("train", "valid", "test") if (out / split).is_dir()]
        return {split: sum(len(read(file)) for file in (out / split).iterdir()) for split in splits}

    return rows_of


Counted = Callable[[Path], dict[str, int]]


def test_an_archive_is_read_by_its_name_and_in_its_folder(tmp_path: Path, counted: Counted) -> None:
    archive = zipped(tmp_path / "in a" / "b?.zip", "train.jsonl", "test.jsonl")
    assert counted(archive) == counted(archive.parent) == {"train": 9, "test": 9}


def test_several_formats_in_an_archive_are_read_each_as_it_is(
    tmp_path: Path, counted: Counted, notes: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    archive = zipped(tmp_path / "in" / "a.zip", "a.jsonl", "b.csv")
    (archive.parent / "README.md").write_text("# of what this is")
    (archive.parent / "notes.pdf").touch()
    assert counted(archive.parent) == {"train": 10}
    assert any(note.endswith("files of several formats are read: train 1 CSV, 1 JSONL") for note in notes)
    assert any(": notes.pdf" in note for note in notes)
    assert capfd.readouterr() == ("", "")


def test_several_archives_are_folders_of_their_names(tmp_path: Path, counted: Counted) -> None:
    zipped(tmp_path / "in" / "train.zip", "a.jsonl", "b.jsonl")
    zipped(tmp_path / "in" / "validation.zip", "a.jsonl")
    assert counted(tmp_path / "in") == {"train": 18, "valid": 9}


def test_a_row_in_an_archive_is_named_by_its_place(tmp_path: Path, counted: Counted) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("part/a.jsonl", "nonsense\n")
    with pytest.raises(BonepickError, match=r"^zip://part/a\.jsonl::file:///.*/a\.zip:1: not valid JSON"):
        counted(tmp_path / "a.zip")


def test_a_fault_of_the_library_on_a_url_says_what_to_take_in_its_place() -> None:
    said = str(unreadable("blockcache::file:///data/a.jsonl", AttributeError("'closed' has no setter")))
    assert said.startswith("blockcache::file:///data/a.jsonl cannot be read (AttributeError: 'closed' has no setter): ")
    assert said.endswith("take the part of it behind the last ::, or copy the files here")


def test_what_is_no_archive_of_rows_is_one_sentence(tmp_path: Path, counted: Counted) -> None:
    zipped(tmp_path / "a.zip", "a.xyz")
    with pytest.raises(BonepickError, match=r"a\.zip holds no files of rows, .*; there are a\.xyz$"):
        counted(tmp_path / "a.zip")
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:40])
    with pytest.raises(BonepickError, match=r"a\.zip cannot be read \(BadZipFile: .*\): fetch or write this archive"):
        counted(tmp_path / "a.zip")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz"):
        pass
    with pytest.raises(BonepickError, match=r"tar://::file:///\.\.\./a\.tar\.gz reads what is in an archive"):
        counted(tmp_path / "a.tar.gz")
