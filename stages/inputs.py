"""Stage: digests of what lies in `inputs/`, one small file a user of it, so that nothing else runs again."""

import hashlib
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from bonepick.core.json_format import json_bytes

from bonepick.core.outputs import atomic_directory
from bonepick.core.params_file import read_node
from bonepick.core.run import Run
from stages.running.run_stage import run_stage

INPUTS = Path("inputs")


def main(args: Namespace, run: Run) -> None:
    """Write a digest file for each dataset, for the base model and for pretrained vectors.

    Every stage that is named by a dataset or a kind hangs on this one, which does not begin unless the names are such
    that a shell takes them for nothing else.
    """
    named = {f"datasets/{name}": node["import"]["name"] for name, node in read_node("datasets").items()}
    named |= {"base_model": read_node("base_model.name")}
    named |= {"pretrained_vectors": read_node("train.fasttext.pretrained_vectors")}
    with atomic_directory(args.output_dir, "digests", run.overwrite) as folder:
        (folder / "checked.json").write_bytes(json_bytes({}))
        for user, name in named.items():
            target = folder / f"{user}.json"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(json_bytes({path.as_posix(): _digest(path) for path in _files(name)}))


def _files(name: str) -> Iterable[Path]:
    """Return the files below `inputs/` that a path or pattern names."""
    path = Path(name.removeprefix("file://").partition("*")[0])
    if not name or not path.resolve().is_relative_to(INPUTS.resolve()):
        return []
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    run_stage(main, ("-o", "--output-dir"))
