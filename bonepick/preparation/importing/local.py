"""Rows from a local folder or file."""

from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.data.files import walk_files
from bonepick.data.rows import Row
from bonepick.data.shards import as_shards
from bonepick.preparation.importing.library_readers import saved_readers, streamed_readers
from bonepick.preparation.importing.shard_readers import shard_readers, shards_by_split
from bonepick.preparation.importing.split_readers import SplitReaders


def local_readers(folder: Path, subset: str, on_error: OnError, workers: int) -> SplitReaders[Row]:
    """Return the readers of a local folder: JSONL shards, `save_to_disk`, or Parquet and what else `datasets` reads.

    The path of one JSONL file will do as well.

    Raises:
        BonepickError: there is no such folder, or nothing in it that can be read.
    """
    if folder.is_file() and (one := as_shards({folder.name: folder}, "train")):
        return shard_readers({"train": one}, on_error, workers)
    if not folder.is_dir():
        came = "is neither a folder nor a JSONL file" if folder.exists() else "is not there"
        raise BonepickError(f"{folder} {came}: wanted a folder of JSONL or Parquet files, or one JSONL file")
    if subset:  # what its README calls by that name
        return _read_by_library(folder, subset)
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        return saved_readers(folder)
    if shards := shards_by_split(folder, walk_files(folder)):
        return shard_readers(shards, on_error, workers)
    return _read_by_library(folder, "")


def _read_by_library(folder: Path, subset: str) -> SplitReaders[Row]:
    path = str(folder.absolute())  # of a folder named `json`, the name alone would be that of a file format
    if strange := sorted(set("*?[") & set(path)):
        raise BonepickError(f"{folder}: `datasets` takes {strange[0]} for a pattern: rename the folder, or link to it")
    return streamed_readers(folder, path, subset)


def local_name(path: str) -> str:
    """Return what is written down of a local path: its last name, since the others say nothing on another machine."""
    return Path(path).resolve().name
