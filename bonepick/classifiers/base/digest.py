"""The digest of a model directory: what has another one is another model."""

import hashlib
from pathlib import Path


def model_digest(directory: Path) -> str:
    """Return the sha256 of a directory's files and their names, in hex; of hidden ones nothing."""
    digest = hashlib.sha256()
    for path in sorted(path for path in directory.iterdir() if path.is_file() and not path.name.startswith(".")):
        with path.open("rb") as stream:
            digest.update(path.name.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
