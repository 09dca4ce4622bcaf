"""Splits by the names of folders and files: ours, and those that they have elsewhere."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.files import walk_files
from bonepick.data.origins import origins_file
from bonepick.data.shards import SPLITS, SUFFIXES, TABLES, Shard, as_shards

SPLIT_NAMES = {"validation": "valid", "val": "valid", "dev": "valid", **{split: split for split in SPLITS}}
"""What our splits are called elsewhere."""
SHOWN = 3


def bare_name(part: str) -> str:
    """Return a name without its number: `validation` of `validation-00000-of-00002`."""
    return re.sub(r"[-_.]\d.*", "", part)


def split_in_name(name: str, split_of: Callable[[str], str | None] = SPLIT_NAMES.get) -> str | None:
    """Return the split that the first part of a path without its ending stands for; None where none does.

    >>> split_in_name("en/validation-00000-of-00002"), split_in_name("en/a")
    ('valid', None)
    """
    found = (split_of(bare_name(part)) for part in name.split("/"))
    return next((split for split in found if split is not None), None)


def flat_splits(folder: Path, shards: Sequence[Shard]) -> str:
    """Return a sentence where shards of a plain tree are named such that import makes splits of them; else nothing."""
    named = [(shard.path.name, split) for shard in shards if not shard.split and (split := split_in_name(shard.name))]
    splits = {split for _, split in named}
    if "train" not in splits or len(splits) < 2:
        return ""
    files = ", ".join(name for name, _ in named[:SHOWN]) + " ..." * (len(named) > SHOWN)
    return f"{folder}: {files} are named like splits, and lie in no folders train/, valid/, test/: {_import_it(folder)}"


def no_splits(folder: Path) -> str:
    """Return what is to be said of a plain tree of shards where splits are wanted."""
    return f"{folder} has no train/, valid/ or test/ folder: wanted a dataset with splits; {_import_it(folder)}"


def say_beside_splits(folder: Path, shards: Sequence[Shard]) -> None:
    """Say what lies beside the folders of splits and is named like one, and is not read."""
    if not any(shard.split for shard in shards):
        return
    others = [entry for entry in sorted(folder.iterdir()) if entry.name not in SPLITS and _is_like_split(entry)]
    if others:
        names = ", ".join(entry.name for entry in others)
        note(f"{folder}: not read beside the folders of splits, and named like one: {names}: {_import_it(folder)}")


def refuse_rows_beside_lines(folder: Path) -> None:
    """Refuse a folder of fastText lines that holds shards as well: which of them are meant is not ours to guess.

    Raises:
        BonepickError: they lie in folders of splits, or beside the lines.
    """
    lines = ", ".join(f"{split}.txt" for split in SPLITS if os.path.lexists(folder / f"{split}.txt"))
    ours = {origins_file(folder / f"{split}.txt") for split in SPLITS}
    others = [path for path in folder.iterdir() if path.is_file() and path not in ours]
    beside = {path.name: path for path in others if ".json" not in path.suffixes}
    rows = [split for split in SPLITS if (folder / split).is_dir() and as_shards(walk_files(folder / split), split)]
    if found := [f"{split}/" for split in rows] or [shard.path.name for shard in as_shards(beside, "")]:
        raise BonepickError(
            f"{folder} holds fastText lines ({lines}) and rows ({', '.join(found[:SHOWN])}): move away those not meant"
        )


def _is_like_split(entry: Path) -> bool:
    if entry.is_dir():
        return entry.name in SPLIT_NAMES
    holds_rows = entry.name.lower().endswith((*SUFFIXES, *TABLES))
    return holds_rows and split_in_name(entry.name.partition(".")[0]) is not None


def _import_it(folder: Path) -> str:
    return f"import-hf-dataset -n {folder} -o DIR makes a dataset of all"
