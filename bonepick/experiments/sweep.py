"""Sweeps: all experiments of a grid through DVC's queue. What is finished stays so, whatever stops the sweep."""

import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from time import sleep

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.extras import require
from bonepick.core.params_file import read_node
from bonepick.core.progress import note
from bonepick.evaluation.file_names import VALID_PREFIX
from bonepick.experiments.grids import Point, read_grid
from bonepick.experiments.programs import DVC, dvc, fault_of, git
from bonepick.experiments.results import intervals_of, metrics_of
from bonepick.experiments.summary import Result, summarize

PAUSE = 1.0  # seconds between two looks at what has finished
LOOKS = 10  # of these, before one at the queue, which takes a second of a core
IDLE = 30  # looks at a queue where nothing runs, after which its workers are replaced
NO_WORKER = 6  # looks where there is none; one takes long to begin where others are at work
ENDED = ("Failed", "Success")
TRIES = 10
ROUNDS = 3
STAGE_FAILED = "failed to reproduce"  # DVC's words

Experiments = Mapping[str, Point]
"""By the names that DVC knows them under."""


def sweep(grid: str, jobs: int = 1) -> tuple[str, dict[str, str]]:
    """Run the experiments of a grid that are not finished yet; return the summary, and what unfinished ones ended with.

    Experiments belong to the commit that is checked out, under names that follow from it and from their params: a
    sweep that was stopped goes on where it was. Interrupting it ends what runs; DVC's run cache keeps the stages that
    had finished.

    Args:
        grid: its name in `sweeps.yaml`.
        jobs: experiments to run at a time.

    Raises:
        UsageError: see `read_grid`; tracked files differ from the commit, or DVC's queue holds other experiments.
        BonepickError: DVC or git fails, or the experiments have no metric to rank them by.
    """
    require("dvc")
    commit = git("rev-parse", "HEAD").strip()
    experiments = {point.name_at(commit): point for point in read_grid(grid)}
    metric = VALID_PREFIX + read_node("select.metric")
    _refuse_uncommitted()
    faults = _until_only_stages_fail(experiments, jobs)
    refs = _finished(experiments)
    finished = [(name, point, refs[name]) for name, point in experiments.items() if name in refs]
    results = [Result(name, point, metrics_of(ref), intervals_of(ref)) for name, point, ref in finished]
    summary = summarize(results, metric) if results else ""
    return summary, faults


def _until_only_stages_fail(experiments: Experiments, jobs: int) -> dict[str, str]:
    """Run experiments, anew those that DVC itself failed at, as it does where several take its locks at once."""
    faults: dict[str, str] = {}
    todo = experiments
    for _ in range(ROUNDS):
        _queue(todo)
        _run(todo, jobs)
        finished = _finished(todo)
        faults |= {name: _end_of_log(name) for name in todo if name not in finished}
        faults = {name: fault for name, fault in faults.items() if name not in finished}
        todo = {name: experiments[name] for name, fault in faults.items() if STAGE_FAILED not in fault}
        if not todo:
            break
    return faults


def _end_of_log(name: str) -> str:
    """Return the last line that an experiment printed, or why there is none."""
    try:
        said = dvc("queue", "logs", name)
    except BonepickError as fault:
        said = str(fault)
    return (said.strip().splitlines() or ["it printed nothing"])[-1]


def _refuse_uncommitted() -> None:
    if changed := git("status", "--porcelain", "--untracked-files=no").splitlines():
        raise UsageError(
            f"{changed[0][3:]} differs from the last commit, which a sweep's experiments belong to: "
            "commit it, or put it back (git restore)"
        )


def _queue(experiments: Experiments) -> None:
    """Queue what is neither finished nor in the queue, once more where it failed or its worker is gone."""
    _fail_what_no_worker_does()
    tasks = {name: state for name, state in _tasks().items() if state != "Success"}
    waiting = {name for name, state in tasks.items() if state != "Failed"}
    if unknown := sorted(waiting - set(experiments)):
        raise UsageError(
            f"DVC's queue holds {unknown[0]}, which is not of this sweep and would run with it: "
            "let it end, or remove it (dvc queue remove)"
        )
    if failed := sorted(set(tasks) & set(experiments) - waiting):
        dvc("queue", "remove", *failed)
    finished = _finished(experiments)
    todo = [name for name in experiments if name not in finished and name not in waiting]
    note(f"sweep: {len(experiments)} experiments, {len(finished)} of them finished, {len(todo)} to queue")
    for name in todo:
        changes = [word for override in experiments[name].overrides for word in ("-S", override)]
        dvc("exp", "run", "--queue", "--name", name, *changes)


def _run(experiments: Experiments, jobs: int) -> None:
    """Let DVC's workers empty the queue.

    What is waited for are the tasks. `dvc exp run --run-all` waits for workers too: for one that has lost its monitor
    and neither takes a task nor ends, for ever.
    """
    shown = set(_finished(experiments))
    if len(shown) == len(experiments):
        return
    note(f"sweep: running, {jobs} at a time; what each one prints: `dvc queue logs NAME`")
    try:
        for _ in range(TRIES):
            _start_workers(jobs)
            shown, waiting = _watch(experiments, shown)
            dvc("queue", "stop", *(["--kill"] if waiting else []))
            if not waiting:
                return
            _fail_what_no_worker_does()
    except KeyboardInterrupt:
        dvc("queue", "stop", "--kill")
        note("sweep: stopped; the same command goes on from here")
        raise
    raise BonepickError(f"{waiting[0]} is not taken up by DVC's workers: look at `dvc queue status`")


def _start_workers(jobs: int) -> None:
    """They outlive the command: a pipe that they inherit would never end."""
    with TemporaryFile("w+") as said:
        command = [*DVC, "queue", "start", "--jobs", str(jobs)]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True).returncode:
            said.seek(0)
            raise fault_of("dvc queue start", said.read())


def _watch(experiments: Experiments, shown: set[str]) -> tuple[set[str], list[str]]:
    """Say what finishes, until all has ended or nothing runs; return what is finished, and what has not ended."""
    idle = 0
    while True:
        for _ in range(LOOKS):
            sleep(PAUSE)
            finished = _show_progress(experiments, shown)
            if finished != shown:
                shown = finished
                break
        states = _tasks()
        left = [name for name in experiments if name not in shown and states.get(name) not in ENDED]
        if not left:
            return _show_progress(experiments, shown), []
        lives = _a_worker_lives()
        idle = 0 if lives and "Running" in states.values() else idle + 1
        if idle >= (IDLE if lives else NO_WORKER):
            return shown, left


def _show_progress(experiments: Experiments, shown: set[str]) -> set[str]:
    finished = set(_finished(experiments))
    for name, point in experiments.items():
        if name in finished - shown:
            note(f"{name} is finished ({', '.join(point.overrides)}): {len(finished)} of {len(experiments)}")
    return finished


def _finished(experiments: Experiments) -> dict[str, str]:
    """Return name -> ref of the experiments that are finished."""
    refs = git("for-each-ref", "--format=%(refname)", "refs/exps").split()
    return {ref.rpartition("/")[2]: ref for ref in refs if ref.rpartition("/")[2] in experiments}


def _tasks() -> dict[str, str]:
    """Return name -> state of the tasks in DVC's queue."""
    status = dvc("queue", "status")
    return dict(re.findall(r"^\w{7} +(\S+) .* (Queued|Running|Failed|Success) *$", status, re.MULTILINE))


def _fail_what_no_worker_does() -> None:
    """Let tasks count as failed whose worker was killed: DVC takes them for running, and would wait for ever."""
    for _ in range(TRIES):  # the first time, DVC only interrupts what outlived its worker
        lost = [] if _a_worker_lives() else sorted(name for name, state in _tasks().items() if state == "Running")
        if not lost:
            return
        with suppress(BonepickError):  # it ended in between
            dvc("queue", "kill", *lost)
    raise BonepickError(f"{lost[0]} has no worker, and DVC cannot end it: look at `dvc queue status`")


def _a_worker_lives() -> bool:
    """Look at the processes: `dvc queue status` counts a worker that is too busy to answer as none."""
    numbers = [file.read_text() for file in Path(".dvc/tmp/exps/celery").glob("*.pid")]
    commands = [subprocess.run(["ps", "-o", "command=", "-p", n], capture_output=True, text=True) for n in numbers]
    return any("queue-worker" in command.stdout for command in commands)
