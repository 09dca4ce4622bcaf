"""A corpus: shards of JSON lines and Parquet files in a folder, behind a URL or a pattern, ordered by name."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path, PurePosixPath

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.progress import note
from bonepick.core.regular_files import refuse_irregular
from bonepick.core.url_secrets import without_secrets
from bonepick.core.walking import refuse_closed
from bonepick.data.files import File, find_remote_files, visible, walk_files
from bonepick.preparation.importing.archives import how_to_read
from bonepick.preparation.importing.formats import CARDS, NO_ROWS, Format, format_of

OURS = "_bonepick"
"""Folder of an output that holds what is said of it; no shards."""
SHOWN = 3


@dataclass(frozen=True)
class CorpusShard:
    """A file of a corpus.

    Attributes:
        file: where it lies.
        name: its path inside the corpus, with `/`: what stands for it in an output has the same.
        format: what it holds.
    """

    file: File
    name: str
    format: Format


def find_corpus(where: str) -> list[CorpusShard]:
    """Return the shards of a corpus, in the order of their names; files that are none are left out, and said.

    Args:
        where: a folder, a file, a URL of one (`s3://bucket/prefix`), or a pattern (`crawl/*/part-*.jsonl.zst`).

    Raises:
        BonepickError: nothing is there, nothing that can be scored, or it is out of reach.
    """
    shown = without_secrets(where)
    files = {name: file for name, file in _files(where).items() if OURS not in PurePosixPath(name).parts}
    formats = {name: format_of(name) for name in sorted(files) if PurePosixPath(name).name not in (*NO_ROWS, *CARDS)}
    shards = [CorpusShard(files[name], name, form) for name, form in formats.items() if form in ("JSONL", "Parquet")]
    left_out = [name for name, form in formats.items() if form not in ("JSONL", "Parquet")]
    if not shards:
        came = f"; there are {_some(left_out)}{how_to_read(left_out)}" if left_out else ""
        tables = any(form for form in formats.values())
        advice = "; import-hf-dataset makes shards of CSV and Arrow files" if tables else ""
        raise BonepickError(f"{shown} holds no shards of JSON lines (.jsonl, .jsonl.zst ...) or Parquet{came}{advice}")
    if unreadable := next((name for name in formats if not _is_utf8(name)), None):
        raise BonepickError(f"{shown} holds {shortened(unreadable)}, whose name is not UTF-8: rename it")
    if left_out:
        note(f"{shown}: left out, no JSON lines or Parquet by their names: {_some(left_out)}")
    return shards


def names_digest(shards: Sequence[CorpusShard]) -> str:
    """Return a digest of the names of a corpus's shards: tasks that see other names would share them otherwise."""
    return hashlib.sha256("\n".join(shard.name for shard in shards).encode(errors="surrogateescape")).hexdigest()[:16]


def _files(where: str) -> Mapping[str, File]:
    if "://" in where:
        return find_remote_files(where)
    path = Path(where)
    if path.is_dir():
        return walk_files(path)
    if path.exists():
        refuse_irregular(path)
        return {path.name: path}
    if has_magic(where):
        parts = path.parts
        first = next(number for number, part in enumerate(parts) if has_magic(part))
        root = Path(*parts[:first])
        for end in range(first, len(parts)):
            refuse_closed(root.glob("/".join(parts[first:end])) if end > first else [root])
        matches = {match.relative_to(root).as_posix(): match for match in root.glob("/".join(parts[first:]))}
        matches = {name: match for name, match in matches.items() if visible(name)}
        for match in matches.values():
            refuse_irregular(match)
        return matches
    raise BonepickError(f"{where} is not there: wanted a folder, file, pattern or URL of JSON lines or Parquet")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
