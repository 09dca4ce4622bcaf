"""Stage: digests of what lies in `inputs/`, one small file a user of it, so that nothing else runs again."""

import hashlib
import os
import re
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from bonepick.core.json_format import json_bytes
from bonepick.core.outputs import atomic_directory
from bonepick.core.params_file import read_node
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.core.walking import everything_below
from stages.running.run_stage import run_stage

INPUTS = Path("inputs")


def main(args: Namespace, run: Run) -> None:
    """Write a digest file for each dataset, for the base model, for the tokenizer and for pretrained vectors.

    Every stage that is named by a dataset or a kind hangs on this one, which does not begin unless the names are such
    that a shell takes them for nothing else.
    """
    used = {f"datasets/{name}": node["import"]["name"] for name, node in read_node("datasets").items()}
    used["base_model"] = read_node("base_model.name")
    used["tokenizer"] = read_node("tokenizer")
    used["pretrained_vectors"] = read_node("train.fasttext.pretrained_vectors")
    with atomic_directory(args.output_dir, "digests", run.overwrite, [INPUTS]) as folder:
        (folder / "checked.json").write_bytes(json_bytes({}))
        for user, name in used.items():
            target = folder / f"{user}.json"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(json_bytes({path.as_posix(): _digest(path) for path in _files(name)}))


def _files(name: str) -> Sequence[Path]:
    """Return the files below `inputs/` that a path names, or those below the folder that a pattern begins in.

    Where a link leads out of there, that is said.
    """
    before, *pattern = re.split(r"[*?[]", name.removeprefix("file://"), maxsplit=1)
    path = Path(f"{before}x").parent if pattern else Path(before)
    if not name or not Path(os.path.abspath(path)).is_relative_to(INPUTS.absolute()):  # noqa: PTH100  # follows no link
        return []
    if not path.resolve().is_relative_to(INPUTS.resolve()):
        note(f"{path} leads out of {INPUTS}/, where DVC does not look: nothing runs again when files there change")
        return []
    if path.is_file():
        return [path]
    return [file for file in everything_below(path) if file.is_file()] if path.is_dir() else []


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    run_stage(main, ("-o", "--output-dir"))
