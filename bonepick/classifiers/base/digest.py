"""The digest of a model: what has another one is another model."""

import hashlib
from pathlib import Path
from typing import Any

from bonepick.classifiers.base.manifest import MANIFEST_FILE, REMEDY
from bonepick.core.errors import BonepickError
from bonepick.core.reading import is_there, read_json


def model_digest(directory: Path) -> str:
    """Return the sha256 of a model's files and their names, in hex.

    They are the manifest and the files that it names: what an evaluation put beside them is no part of the model. Of
    somebody else's, which has no manifest, they are all that are not hidden.

    Raises:
        BonepickError: the manifest is damaged, or a file is not the one that it was written for.
    """
    named: dict[str, Any] = {}
    files = {path.name: path for path in directory.iterdir() if path.is_file() and not path.name.startswith(".")}
    if is_there(directory / MANIFEST_FILE):
        named = read_json(directory / MANIFEST_FILE, dict[str, Any], REMEDY).get("files") or {}
        files = {name: path for name, path in files.items() if name in named or name == MANIFEST_FILE}
    digest = hashlib.sha256()
    for name in sorted(files):
        with files[name].open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256")
        said = named.get(name)
        if isinstance(said, dict) and said.get("sha256") != found.hexdigest():
            raise BonepickError(f"{files[name]} is not the file that {MANIFEST_FILE} was written for: {REMEDY}")
        digest.update(name.encode() + b"\0" + found.digest())
    return digest.hexdigest()
