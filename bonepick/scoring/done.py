"""Which shards are done: their record, input, outputs and tally are there and fit each other."""

import hashlib

from bonepick.core.progress import note
from bonepick.data.files import File, stamp_of
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.publish import output_of
from bonepick.scoring.records import Output, Record, Records


def record_if_done(shard: CorpusShard, records: Records, verify: bool) -> Record | None:
    """Return the record of a shard that is done; None, and say why, where there was one that does not count any more.

    Args:
        shard: of the corpus.
        records: of the place where it goes.
        verify: whether digests are compared, and not sizes and times alone.

    Raises:
        BonepickError: the record is damaged.
    """
    record = records.load(shard.name)
    if record is None or not records.has_tally(shard.name):
        return None
    if not _is_read_of(shard.file, record, verify):
        note(f"{shard.file} is not as it was when it was done: it is done again")
        return None
    if wrong := next((output.path for output in record.outputs if not _is_there(records, output, verify)), ""):
        note(f"{records.root / wrong} is not what was written: its shard is done again")
        return None
    return record


def _is_read_of(file: File, record: Record, verify: bool) -> bool:
    try:
        if not record.is_of(stamp_of(file)):
            return False
        unsure = verify or not record.input.tag
        return not (unsure and record.input.sha256) or _digest(file) == record.input.sha256
    except OSError:  # it went away: who does it again says so
        return False


def _is_there(records: Records, output: Output, verify: bool) -> bool:
    path = records.root / output.path
    if not path.is_file() or path.stat().st_size != output.size:
        return False
    return not verify or output_of(path, output.path) == output


def _digest(file: File) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
