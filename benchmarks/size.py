"""The whole pipeline at real size: what each stage takes, how good the models are, and what another ranker takes then.

Runs in a copy of the repository, on labelled documents of a crawl (see labelled.py), or on a dataset of rows of one's
own, whose labels are taken as they are; splits that it lacks are carved as the pipeline does it. Prints for each stage
the seconds, the CPU seconds and the peak memory of its largest process; the leaderboard; the same of
`dvc exp run -S train.n_clusters=200`.

    PYTHONPATH=. python benchmarks/size.py [DOCUMENTS | DIRECTORY]
"""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import msgspec
from labelled import DOCUMENTS, write_labelled
from ruamel.yaml import YAML

from tests.repository import commit_all, copy_repository

NAME, ROWS, TENTH = "rows", "inputs/rows", 0.1
AGAIN = ["dvc", "exp", "run", "-S", "train.n_clusters=200"]
# `sitecustomize` of all processes: those that DVC starts, one a stage, add a line at their end
RECORDER = """
import atexit, json, os, resource, sys, time
from pathlib import Path

def record():
    if os.getpid() != pid:
        return
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds, cpu = time.perf_counter() - began, sum(used.ru_utime + used.ru_stime for used in both)
    words = sys.orig_argv[2].removeprefix("stages."), sys.orig_argv[sys.orig_argv.index("-o") + 1]
    line = " ".join(words), seconds, cpu, max(used.ru_maxrss for used in both) / 1024
    with (Path(__file__).parent / "usage").open("a") as stream:
        stream.write(json.dumps(line) + "\\n")

pid, began = os.getpid(), time.perf_counter()
if sys.orig_argv[2:] and sys.orig_argv[2].startswith("stages.") and "-o" in sys.orig_argv:
    atexit.register(record)
"""


class Usage(NamedTuple):
    """What a stage took: seconds on the clock and of the processor, and MB of its largest process."""

    stage: str
    seconds: float
    cpu: float
    memory: float


def point_at_rows(params_file: Path, labels_as_they_are: bool) -> None:
    """Make the rows in the copy the pipeline's only dataset."""
    yaml = YAML(typ="safe", pure=True)
    params = yaml.load(params_file)
    source = {"source": "local", "name": ROWS, "test_split": TENTH, "valid_split": TENTH}
    # rows of which it is not known where they are from are each a group
    params["datasets"] = {NAME: {"import": source | {"group_by": ".group // .text"}}}
    if labels_as_they_are:
        params["transform"]["label"] = "{score: .score}"
        params["labels"] = []
    yaml.dump(params, params_file)


def measured(command: Sequence[str], copy: Path, scratch: Path) -> tuple[list[Usage], Usage]:
    """Run a command of DVC, and return what each of its stages took, and all of it."""
    (scratch / "sitecustomize.py").write_text(RECORDER)
    (scratch / "usage").write_text("")
    paths = {"PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(scratch)}
    before, began = _children_cpu(), perf_counter()
    with (scratch / "log").open("w") as log:
        done = subprocess.run(command, cwd=copy, env=os.environ | paths, stdout=log, stderr=subprocess.STDOUT)
    seconds = perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{(scratch / 'log').read_text()[-3_000:]}")
    stages = [Usage(*msgspec.json.decode(line)) for line in (scratch / "usage").read_text().splitlines()]
    largest = max((usage.memory for usage in stages), default=0.0)
    return stages, Usage("all, with DVC", seconds, _children_cpu() - before, largest)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(stages: Sequence[Usage], whole: Usage) -> None:
    """Print a line for each."""
    print(f"{'stage':<44} {'seconds':>8} {'CPU s':>8} {'peak MB':>8}")
    for usage in [*stages, whole]:
        print(f"{usage.stage:<44} {usage.seconds:>8.1f} {usage.cpu:>8.1f} {usage.memory:>8.0f}")
    print()


def main(wanted: str) -> None:
    """Run all of it on so many documents, or on a dataset."""
    with TemporaryDirectory() as folder:
        scratch, copy = Path(folder), Path(folder, "copy")
        copy.mkdir()
        copy_repository(copy)
        (copy / ".git/info/exclude").write_text(f"/{ROWS}\n")
        if wanted.isdigit():
            began = perf_counter()
            write_labelled(copy / ROWS, int(wanted))
            print(f"{int(wanted):,} labelled documents, made in {perf_counter() - began:.0f} s", flush=True)
        else:
            shutil.copytree(wanted, copy / ROWS)
            print(f"{wanted}, labels as they are", flush=True)
        point_at_rows(copy / "params.yaml", labels_as_they_are=not wanted.isdigit())
        commit_all(copy)
        for command in (["dvc", "repro"], AGAIN):
            print(f"\n{' '.join(command)}", flush=True)
            show(*measured(command, copy, scratch))
            print((copy / "reports/leaderboard.md").read_text(), flush=True)
            commit_all(copy, "results")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(DOCUMENTS))
