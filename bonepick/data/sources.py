"""Where imported rows come from: the sample, local files, or the hub through `datasets`; one stream per split."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.core.progress import progress
from bonepick.data.rows import BlockDone, Row, each_block
from bonepick.data.shards import QUARANTINE, SPLITS, Shard, walk_shards

T = TypeVar("T")
Source = dict[str, Callable[[], Iterator[BlockDone[T]]]]
"""Split -> a function that reads its rows from the start, in blocks."""

BATCH = 1_000
SPLIT_NAMES = {"validation": "valid", "val": "valid", "dev": "valid"}


def sample_source(part: str) -> Source[Row]:
    """Return a part of the sample: `seen` is there to be split, `unseen` is test rows only.

    Raises:
        BonepickError: no such part, or a file of the sample cannot be fetched.
    """
    from bonepick.data.sample import sample_rows

    split = "test" if part == "unseen" else "train"
    return {split: lambda: _in_blocks(part, split, sample_rows(part))}


def local_source(folder: Path, on_error: OnError, workers: int) -> Source[Row]:
    """Return the rows of a local folder: JSONL shards with or without split folders, `save_to_disk`, or Parquet.

    Raises:
        BonepickError: there is no such folder, or nothing in it that can be read.
    """
    if not folder.is_dir():
        raise BonepickError(f"{folder} is not a directory: wanted one of JSONL or Parquet files")
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        from datasets import load_from_disk

        return _from_datasets(folder.name, load_from_disk(str(folder)))
    shards = _split_shards(folder)
    if not shards:
        try:
            return _from_datasets(folder.name, _load(str(folder), "", ""))
        except Exception as error:
            raise BonepickError(f"{folder} holds nothing that can be read ({_reason(error)})") from None
    return {
        split: partial(each_block, group, _as_it_is, on_error, workers, f"read {split}")
        for split, group in shards.items()
    }


def _split_shards(folder: Path) -> dict[str, list[Shard]]:
    """Return the shards of each split; a tree without split folders is all train."""
    own = {path.name: SPLIT_NAMES.get(path.name, path.name) for path in folder.glob("[!.]*") if path.is_dir()}
    if not set(own.values()) & set(SPLITS):
        return {"train": found} if (found := list(walk_shards(folder, "train"))) else {}
    shards: dict[str, list[Shard]] = {}
    for name in sorted(own.keys() - {QUARANTINE}):
        if found := list(walk_shards(folder / name, own[name])):
            if own[name] not in SPLITS or own[name] in shards:
                raise BonepickError(f"{folder / name} is no split, or one twice: wanted train/, valid/ and test/")
            shards[own[name]] = found
    return shards


def hub_source(name: str, subset: str, revision: str) -> Source[Row]:
    """Return the rows of a dataset that `datasets.load_dataset` reads, as a stream: nothing is copied.

    Raises:
        BonepickError: no network, no such dataset, subset or revision, or files that `datasets` cannot read.
    """
    try:
        return _from_datasets(name, _load(name, subset, revision))
    except BonepickError:
        raise
    except Exception as error:  # its own errors, those of the hub client and of the network have no common base
        raise BonepickError(
            f"{name!r} is no folder here and cannot be loaded from the hub ({_reason(error)}): "
            "check the name and the network"
        ) from None


def _load(name: str, subset: str, revision: str) -> Any:
    from datasets import load_dataset

    return load_dataset(name, subset or None, revision=revision or None, streaming=True)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def hub_commit(name: str, revision: str) -> str:
    """Return the commit that a hub dataset's revision stands for now (as given, for a local folder)."""
    from huggingface_hub import HfApi

    return revision if Path(name).exists() else str(HfApi().dataset_info(name, revision=revision or None).sha)


def _from_datasets(name: str, loaded: Any) -> Source[Row]:
    found = dict(loaded) if isinstance(loaded, dict) else {"train": loaded}
    source: Source[Row] = {}
    for own, rows in found.items():
        split = SPLIT_NAMES.get(own, own)
        if split not in SPLITS or split in source:
            raise BonepickError(f"{name}: split {own!r} is none of {', '.join([*SPLITS, *SPLIT_NAMES])}")
        source[split] = partial(_in_blocks, name, split, rows)
    return source


def _in_blocks(name: str, split: str, rows: Iterable[Row]) -> Iterator[BlockDone[Row]]:
    shard, stream = Shard(Path(name), split, split), iter(rows)
    done = 0
    with progress(f"read {split}") as advance:
        while batch := list(islice(stream, BATCH)):
            yield BlockDone(shard, batch, list(range(done + 1, done + len(batch) + 1)))
            done += len(batch)
            advance(len(batch))


def _as_it_is(row: Row, raw: bytes) -> Row:
    return row
