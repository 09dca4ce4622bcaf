"""Rows from JSONL files behind a URL."""

import re
from pathlib import Path, PurePosixPath

from bonepick.core.params import OnError
from bonepick.core.urls import without_secrets
from bonepick.data.files import find_remote_files
from bonepick.data.rows import Row
from bonepick.data.shards import no_shards
from bonepick.preparation.importing.shard_readers import shard_readers, shards_by_split
from bonepick.preparation.importing.split_readers import SplitReaders


def url_readers(url: str, on_error: OnError, workers: int) -> SplitReaders[Row]:
    """Return the readers of the JSONL shards below a URL (see `find_remote_files`), as a stream: nothing is copied.

    Raises:
        BonepickError: it cannot be read, or holds no shards.
    """
    where = without_secrets(url)
    shards = shards_by_split(where, find_remote_files(url))
    if not shards:
        raise no_shards(where)
    return shard_readers(shards, on_error, workers)


def url_name(url: str) -> str:
    """Return what is written down of a URL: the last name in it that is no pattern; the rest can hold a password.

    >>> url_name("s3://me:secret@bucket/corpus/part-*/*.jsonl"), url_name("https://host/a.jsonl?signature=secret")
    ('corpus', 'a.jsonl')
    """
    return PurePosixPath(re.sub(r"/[^/*]*\*.*", "", without_secrets(url))).name


def local_part(url: str) -> Path | None:
    """Return what a URL names on this machine's disk, None where it names nothing there.

    >>> local_part("file:///data/part-*/a.jsonl"), local_part("s3://bucket/corpus")
    (PosixPath('/data/part-'), None)
    """
    return Path(url.removeprefix("file://").partition("*")[0]) if url.startswith("file://") else None
