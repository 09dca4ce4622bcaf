"""A shard's files, published: whole, and with what is put on record of them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bonepick.scoring.partials import written_whole
from bonepick.scoring.records import Output


@contextmanager
def whole_file(root: Path, name: str) -> Iterator[tuple[Path, list[Output]]]:
    """Yield a path to write a file to, which becomes `root/name` when the block ends well, and is removed else.

    Yields the path, and a list that holds the `Output` afterwards.

    Raises:
        BonepickError: the disk is full.
    """
    outputs: list[Output] = []
    with written_whole(root / name) as path:
        yield path, outputs
        outputs.append(output_of(path, name))


def output_of(path: Path, name: str) -> Output:
    """Return size and digest of a file, which is called `name`."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Output(name, path.stat().st_size, digest)
