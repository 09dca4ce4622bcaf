"""`make sweep` on few rows: it goes on after Ctrl-C, kill -9 and failures, and never runs an experiment twice."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.repository import Shell
from tests.system.processes import PATIENCE, kill_processes_in, wait_until_nothing_runs_in
from tests.system.test_experiments import PAGE, sections
from tests.system.test_walkthrough_page import blocks, commands

pytestmark = pytest.mark.timeout(900)  # a hundred stages

GRIDS = """
clusters:
  train.n_clusters: [4, 6, 8]
one:
  train.n_clusters: [7]
seeds:
  train.n_clusters: [10]
  train.seed: [1, 2]
wrong:
  train.n_clusters: [0, 10]
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture(scope="module", autouse=True)
def grids(copy: Path, shell: Shell) -> Iterator[None]:
    (copy / "sweeps.yaml").write_text(GRIDS)
    shell("git add -A && git commit -qm grids")
    yield
    kill_processes_in(copy)


@pytest.fixture
def start(copy: Path) -> Iterator[Start]:
    """Start a sweep as a process."""
    begun: list[subprocess.Popen[str]] = []

    def sweep(grid: str) -> "subprocess.Popen[str]":
        path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "BONEPICK_NUM_PROC": "1"}
        words = [sys.executable, "-m", "bonepick.cli", "sweep", "--grid", grid]
        pipe = subprocess.PIPE
        begun.append(subprocess.Popen(words, cwd=copy, env=env, stdout=pipe, stderr=pipe, text=True))
        return begun[-1]

    yield sweep
    for process in begun:
        process.kill()
        process.communicate()


def until_one_is_finished(sweep: "subprocess.Popen[str]") -> str:
    assert sweep.stderr is not None
    for line in sweep.stderr:
        if "is finished" in line:
            return line.split()[0]
    raise AssertionError("the sweep ended before an experiment was finished")


def revisions(shell: Shell, grid: str = "clusters") -> dict[str, str]:
    """Finished experiments of a grid, and their commits."""
    lines = shell(f"git for-each-ref --format='%(refname:lstrip=4) %(objectname)' 'refs/exps/**/{grid}-*'").stdout
    return dict(line.split() for line in lines.splitlines())


def clusters_in(table: str) -> list[str]:
    return sorted(re.findall(r"^\| contrastive \| +(\d+) \|", table, re.MULTILINE))


def test_a_sweep_goes_on_after_it_was_interrupted_and_after_its_workers_were_killed(
    start: Start, shell: Shell, copy: Path
) -> None:
    sweep = start("clusters")
    until_one_is_finished(sweep)
    sweep.send_signal(signal.SIGINT)
    _, said = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 130
    assert said.endswith("the same command goes on from here\nerror: interrupted: nothing half-written was left\n")
    wait_until_nothing_runs_in(copy)
    before = revisions(shell)

    sweep = start("clusters")
    until_one_is_finished(sweep)
    kill_processes_in(copy)
    sweep.communicate(timeout=PATIENCE)
    between = revisions(shell)

    done = shell("make sweep GRID=clusters")
    assert f"sweep: 3 experiments, {len(between)} of them finished" in done.stderr
    assert clusters_in(done.stdout) == ["4", "6", "8"]
    assert done.stdout.endswith("Not touched by this grid: fasttext, model2vec.\n")
    after = revisions(shell)
    assert 1 <= len(before) < len(between) <= len(after) == 3
    assert before.items() < between.items() <= after.items(), "no experiment was run twice"

    again = shell("make sweep GRID=clusters")
    assert again.stderr == "sweep: 3 experiments, 3 of them finished, 0 to queue\n"
    assert again.stdout == done.stdout


def test_a_commit_begins_a_new_sweep_and_does_not_disturb_one(start: Start, shell: Shell) -> None:
    sweep = start("one")
    assert sweep.stderr is not None
    assert "1 to queue" in next(sweep.stderr)
    assert "sweep: running, 1 at a time" in next(sweep.stderr)
    shell("git commit --allow-empty -qm meanwhile")
    table, _ = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 0
    assert clusters_in(table) == ["7"]
    again = shell("bonepick sweep --grid one")
    assert "sweep: 1 experiments, 0 of them finished, 1 to queue" in again.stderr
    assert clusters_in(again.stdout) == ["7"]
    assert revisions(shell, "one").keys() == set(re.findall(r"one-\w+", table + again.stdout))


def test_a_queue_with_other_experiments_is_left_alone(shell: Shell, copy: Path) -> None:
    kill_processes_in(copy)  # a worker that has just become idle would take it
    shell("dvc exp run --queue -n mine -S train.n_clusters=3")
    done = shell("bonepick sweep --grid one", code=2)
    shell("dvc queue remove mine")
    assert done.stderr.startswith("error: DVC's queue holds mine, which is not of this sweep and would run with it: ")


def test_experiments_that_fail_are_named_and_the_others_shown(shell: Shell) -> None:
    done = shell("bonepick sweep --grid wrong", code=1)
    assert clusters_in(done.stdout) == ["10"]
    fault = done.stderr.splitlines()[-1]
    (name,) = re.findall(r"error: 1 of the experiments did not finish \((wrong-\w+)\): wrong-\w+ ended with ", fault)
    assert "ERROR: failed to reproduce " in fault
    assert "train.n_clusters is 0" in shell(f"dvc queue logs {name}").stdout
    again = shell("bonepick sweep --grid wrong", code=1)
    assert "sweep: 2 experiments, 1 of them finished, 1 to queue" in again.stderr


def test_seeds_end_with_their_spread(shell: Shell) -> None:
    (line,) = [line for block in blocks(sections(PAGE.read_text())["Sweeps"]) for line in commands(block)]
    spread = shell(line).stdout.partition("How far the seed alone moves them:")[2]
    for kind in ("contrastive", "fasttext"):  # a seed moves a linear head hardly, or not at all
        for metric in ("valid_auc", "auc", "sample.auc", "unseen.auc", "accuracy", "macro_f1"):
            interval = "-" if metric.startswith("valid") else r"\[\d\.\d+, \d\.\d+\]"
            row = rf"^\| {kind} +\| +10 \| +{metric} \|( +\d\.\d+ \|){{4}} +{interval} \|$"
            assert re.search(row, spread, re.MULTILINE), row


def test_a_sweep_belongs_to_a_commit(shell: Shell) -> None:
    shell("echo '# a comment' >> bonepick/data/rows.py")
    done = shell("bonepick sweep --grid clusters", code=2)
    shell("git restore bonepick")
    assert done.stderr == (
        "error: bonepick/data/rows.py differs from the last commit, which a sweep's experiments belong to: "
        "commit it, or put it back (git restore)\n"
    )
