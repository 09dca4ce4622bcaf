"""What is there of shards that are others now, or no more: it would look as if it were done."""

from collections.abc import Sequence

from bonepick.core.progress import note
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.place import remove_outputs
from bonepick.scoring.records import Records


def remove_stale(records: Records, shard: str) -> None:
    """Remove what an earlier input of a shard came to, and then its record, which says until then whose that is.

    Raises:
        BonepickError: the record is damaged.
    """
    record = records.load(shard)
    if record is not None:
        remove_outputs(records, record)
        records.forget(shard)


def take_away_others(records: Records, corpus: Sequence[CorpusShard], overwrite: bool) -> None:
    """Say which shards were done that the corpus has no more; remove what was written of them if that is allowed.

    Raises:
        BonepickError: the record of one is damaged.
    """
    others = sorted(set(records.names()) - {shard.name for shard in corpus})
    if others and not overwrite:
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        note(f"{others[0]}{more}: done before, and no more in the corpus; --overwrite removes what was written of it")
    for name in others if overwrite else ():
        remove_stale(records, name)
