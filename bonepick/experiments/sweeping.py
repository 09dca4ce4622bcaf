"""Sweeps: all experiments of a grid through DVC's queue. What is finished stays so, whatever stops the sweep."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.experiments.grids import Point, read_grid
from bonepick.experiments.summarizing import Result, summarize

PAUSE = 1.0  # seconds between two looks at what has finished


def sweep(grid: str, jobs: int = 1) -> tuple[str, list[str]]:
    """Run the experiments of a grid that are not finished yet, and return the summary and the names of failed ones.

    Experiments belong to the commit that is checked out, under names that follow from their params: a sweep that was
    stopped goes on where it was. Interrupting it ends what runs; DVC's run cache keeps the stages that had finished.

    Args:
        grid: its name in `sweeps.yaml`.
        jobs: experiments to run at a time.

    Raises:
        UsageError: see `read_grid`; or tracked files differ from the commit.
        BonepickError: DVC or git fails.
    """
    points = read_grid(grid)
    _refuse_uncommitted()
    _queue(points)
    _run(points, jobs)
    refs = _finished(points)
    results = [Result(point, _metrics(refs[point.name])) for point in points if point.name in refs]
    failed = [point.name for point in points if point.name not in refs]
    return (summarize(results) if results else ""), failed


def _refuse_uncommitted() -> None:
    if changed := _git("status", "--porcelain", "--untracked-files=no").splitlines():
        raise UsageError(
            f"{changed[0][3:]} differs from the last commit, which a sweep's experiments belong to: "
            "commit it, or put it back (git restore)"
        )


def _queue(points: Sequence[Point]) -> None:
    """Queue what is neither finished nor in the queue, once more where it failed or its worker is gone."""
    names = {point.name for point in points}
    _fail_what_no_worker_does()
    tasks = {name: state for name, state in _tasks().items() if name in names}
    if failed := sorted(name for name, state in tasks.items() if state == "Failed"):
        _dvc("queue", "remove", *failed)
    finished = _finished(points)
    there = {*finished, *tasks} - set(failed)
    todo = [point for point in points if point.name not in there]
    note(f"sweep: {len(points)} experiments, {len(names & set(finished))} of them finished, {len(todo)} to queue")
    for point in todo:
        changes = [word for override in point.overrides for word in ("-S", override)]
        _dvc("exp", "run", "--queue", "--name", point.name, *changes)


def _run(points: Sequence[Point], jobs: int) -> None:
    """Let DVC's workers empty the queue."""
    shown = set(_finished(points))
    command = [sys.executable, "-m", "dvc", "exp", "run", "--run-all", "--jobs", str(jobs)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while running.poll() is None:
            sleep(PAUSE)
            shown = _show_progress(points, shown)
    except KeyboardInterrupt:
        running.kill()
        _dvc("queue", "stop", "--kill")
        note("sweep: stopped; the same command goes on from here")
        raise
    _show_progress(points, shown)


def _show_progress(points: Sequence[Point], shown: set[str]) -> set[str]:
    finished = set(_finished(points))
    for point in points:
        if point.name in finished - shown:
            values = ", ".join(point.overrides)
            note(f"{point.name} is finished ({values}): {len(finished)} of {len(points)}")
    return finished


def _finished(points: Sequence[Point]) -> dict[str, str]:
    """Return name -> ref of the experiments that are finished on this commit."""
    head = _git("rev-parse", "HEAD").strip()
    refs = _git("for-each-ref", "--format=%(refname)", f"refs/exps/{head[:2]}/{head[2:]}").split()
    names = {point.name for point in points}
    return {ref.rpartition("/")[2]: ref for ref in refs if ref.rpartition("/")[2] in names}


def _tasks() -> dict[str, str]:
    """Return name -> state of the tasks in DVC's queue."""
    status = _dvc("queue", "status")
    return dict(re.findall(r"^\w{7} +(\S+) .* (Queued|Running|Failed|Success) *$", status, re.MULTILINE))


def _fail_what_no_worker_does() -> None:
    """Let tasks count as failed whose worker was killed: DVC takes them for running, and would wait for ever."""
    while not _a_worker_lives():
        lost = sorted(name for name, state in _tasks().items() if state == "Running")
        if not lost:
            return
        _dvc("queue", "kill", *lost)


def _a_worker_lives() -> bool:
    """Look at the processes: `dvc queue status` counts a worker that is too busy to answer as none."""
    numbers = [file.read_text() for file in Path(".dvc/tmp/exps/celery").glob("*.pid")]
    commands = [subprocess.run(["ps", "-o", "command=", "-p", n], capture_output=True, text=True) for n in numbers]
    return any("queue-worker" in command.stdout for command in commands)


def _metrics(ref: str) -> dict[str, Any]:
    """Return the metrics of an experiment: kind -> figure -> value."""
    files = _git("ls-tree", "-r", "--name-only", ref, "evals").splitlines()
    return {
        kind: figures
        for file in files
        if file.endswith("/metrics.json")
        for kind, figures in msgspec.json.decode(_git("show", f"{ref}:{file}")).items()
    }


def _git(*words: str) -> str:
    return _output("git", *words)


def _dvc(*words: str) -> str:
    return _output(sys.executable, "-m", "dvc", *words)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-500:]
        raise BonepickError(f"`{' '.join(command[-3:])}` failed ({done.returncode}): {said}")
    return done.stdout
