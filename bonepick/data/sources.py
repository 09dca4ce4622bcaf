"""Where imported rows come from: the sample, files here or behind a URL, or the hub; one stream per split."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.core.progress import progress
from bonepick.core.urls import without_secrets
from bonepick.data.files import File, find_remote_files, reason, walk_files
from bonepick.data.rows import BlockDone, Row, each_block
from bonepick.data.shards import SPLITS, SUFFIXES, Shard, as_shards

T = TypeVar("T")
Source = dict[str, Callable[[], Iterator[BlockDone[T]]]]
"""Split -> a function that reads its rows from the start, in blocks."""

BATCH = 1_000
SPLIT_NAMES = {"validation": "valid", "val": "valid", "dev": "valid"}
HUB_SECONDS = 5  # to wait for the hub's first answer
HUB_FAULTS = {
    "RepositoryNotFoundError": ("no such dataset, or a private one", "check the name, or log in (hf auth login)"),
    "GatedRepoError": ("it is gated", "ask for access on its page, and log in (hf auth login)"),
    "RevisionNotFoundError": ("no such revision", "check --revision"),
    "HFValidationError": ("no name that a dataset can have", "check the name"),
    "OfflineModeIsEnabled": ("HF_HUB_OFFLINE is set", "unset it, or name a local folder"),
}


def sample_source(part: str) -> Source[Row]:
    """Return a part of the sample: `seen` is there to be split, `unseen` is test rows only.

    Raises:
        BonepickError: no such part, or a file of the sample cannot be fetched.
    """
    from bonepick.data.sample import sample_rows

    split = "test" if part == "unseen" else "train"
    return {split: lambda: _in_blocks(part, split, sample_rows(part))}


def local_source(folder: Path, subset: str, on_error: OnError, workers: int) -> Source[Row]:
    """Return the rows of a local folder: JSONL shards, `save_to_disk`, or Parquet and what else `datasets` reads.

    The path of one JSONL file will do as well.

    Raises:
        BonepickError: there is no such folder, or nothing in it that can be read.
    """
    if folder.is_file() and (one := as_shards({folder.name: folder}, "train")):
        return _from_shards({"train": one}, on_error, workers)
    if not folder.is_dir():
        raise BonepickError(f"{folder} is not a directory: wanted one of JSONL or Parquet files, or one JSONL file")
    if subset:  # what its README calls by that name
        return _folder_stream(folder, subset)
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        return _loaded(folder, lambda: _from_disk(folder))
    if shards := _split_shards(folder, walk_files(folder)):
        return _from_shards(shards, on_error, workers)
    return _folder_stream(folder, "")


def url_source(url: str, on_error: OnError, workers: int) -> Source[Row]:
    """Return the rows of the JSONL shards below a URL (see `find_remote_files`), as a stream: nothing is copied.

    Raises:
        BonepickError: it cannot be read, or holds no shards.
    """
    shards = _split_shards(where := without_secrets(url), find_remote_files(url))
    if not shards:
        raise BonepickError(f"{where} holds no shards: wanted files that end in {', '.join(SUFFIXES[:5])}")
    return _from_shards(shards, on_error, workers)


def _from_shards(shards: Mapping[str, list[Shard]], on_error: OnError, workers: int) -> Source[Row]:
    return {
        split: partial(each_block, group, _as_it_is, on_error, workers, f"read {split}")
        for split, group in shards.items()
    }


def _split_shards(where: Path | str, files: Mapping[str, File]) -> dict[str, list[Shard]]:
    """Return the shards of each split: by their first folders, else by their names, else all are train."""
    folders = {name.partition("/")[0] for name in files if "/" in name}
    if not {SPLIT_NAMES.get(folder, folder) for folder in folders} & set(SPLITS):
        return _by_name(as_shards(files, "train"))
    shards: dict[str, list[Shard]] = {}
    for folder in sorted(folders):
        split, top = SPLIT_NAMES.get(folder, folder), f"{folder}/"
        inside = {name.removeprefix(top): file for name, file in files.items() if name.startswith(top)}
        if found := as_shards(inside, split):
            if split not in SPLITS or split in shards:
                raise BonepickError(f"{where}/{folder} is no split, or one twice: wanted train/, valid/ and test/")
            shards[split] = found
    return shards


def _by_name(shards: list[Shard]) -> dict[str, list[Shard]]:
    """Sort shards by names like `test.jsonl` and `data/test-00000.jsonl`, if there are some of train and of others."""
    found: dict[str, list[Shard]] = {}
    for shard in shards:
        found.setdefault(_named_split(shard.name), []).append(shard)
    if "train" not in found or len(found.keys() - {""}) < 2:
        return {"train": shards} if shards else {}
    if "" in found:
        raise BonepickError(f"{found[''][0].path} belongs to no split, and other files do by their names: move it away")
    return {split: [replace(shard, split=split) for shard in group] for split, group in found.items()}


def _named_split(name: str) -> str:
    """Return the split that a file's folder or name stands for.

    >>> _named_split("en/validation-00000-of-00002"), _named_split("dev/part"), _named_split("testimony")
    ('valid', 'valid', '')
    """
    names = [re.sub(r"[-_.]\d.*", "", part) for part in name.split("/")]
    return next((split for part in names if (split := SPLIT_NAMES.get(part, part)) in SPLITS), "")


def hub_source(name: str, subset: str, revision: str) -> Source[Row]:
    """Return the rows of a dataset that `datasets.load_dataset` reads, as a stream: nothing is copied.

    Raises:
        BonepickError: no such subset, or files that `datasets` cannot read.
    """
    return _loaded(name, lambda: _stream(name, subset, revision))


def hub_commit(name: str, revision: str) -> str:
    """Return the commit that a hub dataset's revision stands for now (as given, for a local folder).

    Asked before anything is loaded: `datasets` itself would try for long without a network.

    Raises:
        BonepickError: no network, or no such dataset or revision.
    """
    from huggingface_hub import HfApi

    if Path(name).is_dir():
        return revision
    try:
        return str(HfApi().dataset_info(name, revision=revision or None, expand=["sha"], timeout=HUB_SECONDS).sha)
    except Exception as error:  # its own errors and those of the network have no common base
        what, hint = HUB_FAULTS.get(type(error).__name__, (reason(error), "check the name and the network"))
        raise BonepickError(f"{name!r} is no folder here and cannot be had from the hub ({what}): {hint}") from None


def _stream(name: str, subset: str, revision: str) -> Any:
    from datasets import load_dataset

    return load_dataset(name, subset or None, revision=revision or None, streaming=True)


def _folder_stream(folder: Path, subset: str) -> Source[Row]:
    path = str(folder.absolute())  # of a folder named `json`, the name alone would be that of a file format
    if strange := sorted(set("*?[") & set(path)):
        raise BonepickError(f"{folder}: `datasets` takes {strange[0]} for a pattern: rename the folder, or link to it")
    return _loaded(folder, lambda: _stream(path, subset, ""))


def _from_disk(folder: Path) -> Any:
    from datasets import load_from_disk

    return load_from_disk(str(folder))


def _loaded(name: str | Path, load: Callable[[], Any]) -> Source[Row]:
    try:
        loaded = load()
    except Exception as error:  # neither have these
        raise BonepickError(
            f"{name} cannot be loaded ({reason(error)}): check its files, the subset and the network"
        ) from None
    found = dict(loaded) if isinstance(loaded, dict) else {"train": loaded}
    source: Source[Row] = {}
    for own, rows in found.items():
        split = SPLIT_NAMES.get(own, own)
        if split not in SPLITS or split in source:
            raise BonepickError(f"{name}: split {own!r} is none of {', '.join([*SPLITS, *SPLIT_NAMES])}, or one twice")
        source[split] = partial(_in_blocks, str(name), split, rows)
    return source


def _in_blocks(name: str, split: str, rows: Iterable[Row]) -> Iterator[BlockDone[Row]]:
    shard, stream = Shard(Path(name), split, split), iter(rows)
    done = 0
    with progress(f"read {split}") as advance:
        while batch := _next(shard, done, stream):
            yield BlockDone(shard, batch, list(range(done + 1, done + len(batch) + 1)))
            done += len(batch)
            advance(len(batch))


def _next(shard: Shard, done: int, stream: Iterator[Row]) -> list[Row]:
    try:
        return list(islice(stream, BATCH))
    except BonepickError:
        raise
    except Exception as error:  # of whatever library reads the files
        raise BonepickError(
            f"{shard.path}: {shard.split} cannot be read beyond row {done} ({reason(error)}): check its files"
        ) from None


def _as_it_is(row: Row, raw: bytes) -> Row:
    return row
