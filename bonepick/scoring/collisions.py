"""Shards that would be written over each other: two with one output, or one's file where another's folder has to be."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from bonepick.core.errors import BonepickError, shortened
from bonepick.scoring.corpus import OURS
from bonepick.scoring.records import record_name, sidecar_name, tally_name


def refuse_collisions(outputs: Mapping[str, str]) -> None:
    """Refuse shards that cannot be written beside each other.

    Args:
        outputs: name of each shard -> name of its output.

    Raises:
        BonepickError: there are such.

    >>> refuse_collisions({"a.jsonl": "a.parquet", "a.jsonl.zst": "a.parquet"})
    Traceback (most recent call last):
    bonepick.core.errors.BonepickError: shards 'a.jsonl' and 'a.jsonl.zst' would both be written to 'a.parquet': ...
    """
    owners = dict[str, str]()
    for shard, output in outputs.items():
        for path in (output, sidecar_name(shard), *(f"{OURS}/{name(shard)}" for name in (record_name, tally_name))):
            if (other := owners.setdefault(path, shard)) != shard:
                raise _collision(other, shard, path)
    folders = {folder: path for path in owners for folder in map(str, PurePosixPath(path).parents)}
    if both := next((path for path in owners if path in folders), None):
        raise _collision(owners[both], owners[folders[both]], both)


def _collision(one: str, other: str, path: str) -> BonepickError:
    return BonepickError(
        f"shards {shortened(one)} and {shortened(other)} would both be written to {shortened(path)}: rename one, or "
        "score them to two outputs"
    )
