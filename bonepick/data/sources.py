"""Where imported rows come from: the sample, local files, or the hub through `datasets`; one stream per split."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.progress import progress
from bonepick.data.rows import BlockDone, OnError, Row, each_block
from bonepick.data.shards import SPLITS, Shard, find_shards, holds_shards

Source = dict[str, Callable[[], Iterator[BlockDone[Row]]]]
"""Split -> a function that reads its rows from the start, in blocks."""

BATCH = 1_000
SPLIT_NAMES = {"validation": "valid", "val": "valid", "dev": "valid"}


def sample_source(part: str) -> Source:
    """Return a part of the sample: `seen` is there to be split, `unseen` is test rows only.

    Raises:
        BonepickError: no such part, or a file of the sample cannot be fetched.
    """
    from bonepick.data.sample import sample_rows

    split = "test" if part == "unseen" else "train"
    return {split: lambda: _in_blocks(part, split, sample_rows(part))}


def local_source(folder: Path, on_error: OnError, workers: int) -> Source:
    """Return the rows of a local folder: JSONL shards with or without split folders, `save_to_disk`, or Parquet.

    Raises:
        BonepickError: there is no such folder, or nothing in it that can be read.
    """
    if not folder.is_dir():
        raise BonepickError(f"{folder} is not a directory: wanted one of JSONL or Parquet files")
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        from datasets import load_from_disk

        return _from_datasets(folder.name, load_from_disk(str(folder)))
    if not holds_shards(folder):
        return hub_source(str(folder), "", "")
    shards: dict[str, list[Shard]] = {}
    for shard in find_shards(folder):
        shards.setdefault(shard.split or "train", []).append(shard)
    return {
        split: partial(each_block, group, _as_it_is, on_error, workers, f"read {split}")
        for split, group in shards.items()
    }


def hub_source(name: str, subset: str, revision: str) -> Source:
    """Return the rows of a dataset that `datasets.load_dataset` reads, as a stream: nothing is copied.

    Raises:
        BonepickError: no network, no such dataset, subset or revision, or files that `datasets` cannot read.
    """
    from datasets import load_dataset

    try:
        return _from_datasets(name, load_dataset(name, subset or None, revision=revision or None, streaming=True))
    except Exception as error:  # its own errors, those of the hub client and of the network have no common base
        reason = " ".join(str(error).split())[:200]
        raise BonepickError(
            f"{name!r} is no folder here and cannot be loaded from the hub ({type(error).__name__}: {reason}): "
            "check the name and the network"
        ) from None


def hub_commit(name: str, revision: str) -> str:
    """Return the commit that a hub dataset's revision stands for now (as given, for a local folder)."""
    from huggingface_hub import HfApi

    return revision if Path(name).exists() else str(HfApi().dataset_info(name, revision=revision or None).sha)


def _from_datasets(name: str, loaded: Any) -> Source:
    found = dict(loaded) if isinstance(loaded, dict) else {"train": loaded}
    source: Source = {}
    for own, rows in found.items():
        split = SPLIT_NAMES.get(own, own)
        if split not in SPLITS or split in source:
            raise BonepickError(f"{name}: split {own!r} is none of {', '.join([*SPLITS, *SPLIT_NAMES])}")
        source[split] = partial(_in_blocks, name, split, rows)
    return source


def _in_blocks(name: str, split: str, rows: Iterable[Row]) -> Iterator[BlockDone[Row]]:
    shard, stream = Shard(Path(name), split, split), iter(rows)
    with progress(f"read {split}") as advance:
        while batch := list(islice(stream, BATCH)):
            yield BlockDone(shard, batch)
            advance(len(batch))


def _as_it_is(row: Row, raw: bytes) -> Row:
    return row
