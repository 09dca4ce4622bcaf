"""Readers of JSONL shards, here or behind a URL, sorted into splits by their folders or names."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.data.files import File
from bonepick.data.row_loop import each_block
from bonepick.data.rows import Row
from bonepick.data.shards import SPLITS, Shard, as_shards
from bonepick.preparation.importing.split_readers import SPLIT_NAMES, SplitReaders


def shard_readers(shards: Mapping[str, list[Shard]], on_error: OnError, workers: int) -> SplitReaders[Row]:
    """Return the readers of the shards of each split."""
    return {
        split: partial(each_block, group, _as_it_is, on_error, workers, f"read {split}")
        for split, group in shards.items()
    }


def _as_it_is(row: Row, raw: bytes) -> Row:
    return row


def shards_by_split(where: Path | str, files: Mapping[str, File]) -> dict[str, list[Shard]]:
    """Return the shards of each split: by their first folders, else by their names, else all are train.

    Args:
        where: what the files lie below, for people.
        files: path below that -> file.

    Raises:
        BonepickError: shards that belong to no split lie beside those of splits, or two folders are one split.
    """
    folders = {name.partition("/")[0] for name in files if "/" in name}
    if not {SPLIT_NAMES.get(folder, folder) for folder in folders} & set(SPLITS):
        return _by_name(as_shards(files, "train"))
    shards: dict[str, list[Shard]] = {}
    for folder in sorted(folders):
        split = SPLIT_NAMES.get(folder, folder)
        top = f"{folder}/"
        inside = {name.removeprefix(top): file for name, file in files.items() if name.startswith(top)}
        if group := as_shards(inside, split):
            if split not in SPLITS or split in shards:
                raise BonepickError(f"{where}/{folder} is no split, or one twice: wanted train/, valid/ and test/")
            shards[split] = group
    return shards


def _by_name(shards: list[Shard]) -> dict[str, list[Shard]]:
    """Sort shards by names like `test.jsonl` and `data/test-00000.jsonl`, if there are some of train and of others."""
    groups: dict[str, list[Shard]] = {}
    for shard in shards:
        groups.setdefault(_named_split(shard.name), []).append(shard)
    if "train" not in groups or len(groups.keys() - {""}) < 2:
        return {"train": shards} if shards else {}
    if "" in groups:
        raise BonepickError(
            f"{groups[''][0].path} belongs to no split, and other files do by their names: move it away"
        )
    return {split: [replace(shard, split=split) for shard in group] for split, group in groups.items()}


def _named_split(name: str) -> str:
    """Return the split that a file's folder or name stands for.

    >>> _named_split("en/validation-00000-of-00002"), _named_split("dev/part"), _named_split("testimony")
    ('valid', 'valid', '')
    """
    names = [re.sub(r"[-_.]\d.*", "", part) for part in name.split("/")]
    return next((split for part in names if (split := SPLIT_NAMES.get(part, part)) in SPLITS), "")
