"""The queue's lines of docs/experiments.md, and what is left of a run that is stopped: workers are other processes."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from tests.repository import Shell, ran
from tests.system.processes import PATIENCE, kill_processes_in, wait_until_nothing_runs_in
from tests.system.test_experiments import PAGE, copy, run_section, sections, table
from tests.system.test_traps import EDIT_OF_COMPARE, MODULE_OF_COMPARE

pytestmark = pytest.mark.timeout(900)  # several runs, each a background process
__all__ = ["copy"]  # a fixture: the repository on few rows, reproduced

SHOW = "dvc exp show --only-changed --hide-failed --sort-by contrastive.valid_auc"


def states(shell: Shell) -> dict[str, str]:
    return dict(re.findall(r"^\w{7} +(\S+) .* (\w+)$", shell("dvc queue status").stdout, re.MULTILINE))


def wait_until_all_ended(shell: Shell) -> None:
    end = time.monotonic() + PATIENCE
    while {"Queued", "Running"} & set((left := states(shell)).values()):
        assert time.monotonic() < end, left


@pytest.fixture(autouse=True)
def ended(reproduced: str, copy: Path, shell: Shell) -> Iterator[None]:
    yield
    shell("dvc queue stop --kill")
    kill_processes_in(copy)
    shell("dvc queue remove --all")


def test_the_lines_of_the_page(copy: Path, shell: Shell, tmp_path: Path) -> None:
    def run(line: str) -> str:
        if not line.startswith("dvc queue start"):
            return shell(line).stdout
        shell(f"{line} > {quote(str(tmp_path / 'started'))} 2>&1")  # workers would hold a pipe
        assert re.fullmatch(r"\w{7} .*", shell("dvc queue status").stdout.splitlines()[1])
        wait_until_all_ended(shell)
        return (tmp_path / "started").read_text()

    printed = run_section(sections(PAGE.read_text())["Many at once"], run)
    assert printed["dvc queue start -j 2"] == "Started '2' new experiments task queue workers.\n"
    status = printed["dvc queue status"]
    assert len(re.findall(r" Success$", status, re.MULTILINE)) == 3
    assert re.search(r" broken .* Failed$", status, re.MULTILINE)
    assert "unwanted" not in status
    rows = table(printed[SHOW])
    assert {row["train.n_clusters"] for row in rows.values()} == {"50", "100", "200"}
    figures = [float(row["contrastive.valid_auc"]) for row in rows.values()]
    assert figures == sorted(figures)
    assert "broken" not in rows


def test_the_edited_code_of_its_copy_runs(copy: Path, shell: Shell, tmp_path: Path) -> None:
    module = copy / MODULE_OF_COMPARE
    module.write_text(module.read_text().replace(*EDIT_OF_COMPARE))
    shell("dvc exp run --queue -n edited")
    shell("git restore bonepick")
    shell(f"dvc queue start > {quote(str(tmp_path / 'started'))} 2>&1")
    wait_until_all_ended(shell)
    shell("dvc exp apply edited")
    edited = (copy / "reports/report.md").read_text()
    shell("git restore . && dvc checkout")
    assert edited.endswith("edited")


def test_a_failed_experiment_is_shown_with_the_figures_of_its_commit(copy: Path, shell: Shell, tmp_path: Path) -> None:
    shell("dvc exp run --queue -n broken -S train.contrastive.loss=nonsense")
    shell(f"dvc queue start > {quote(str(tmp_path / 'started'))} 2>&1")
    wait_until_all_ended(shell)
    row = table(shell("dvc exp show").stdout)["broken"]
    committed = json.loads(shell("git show HEAD:evals/contrastive/metrics.json").stdout)["contrastive"]
    assert row["State"] == "Failed"
    assert float(row["contrastive.auc"]) == pytest.approx(committed["auc"], abs=1e-5)


def test_a_stopped_run_costs_the_stage_that_it_was_in(copy: Path, shell: Shell, tmp_path: Path) -> None:
    for name, value in (("stopped", 25), ("waiting", 30)):
        shell(f"dvc exp run --queue -n {name} -S train.n_clusters={value}")
    shell(f"dvc queue start > {quote(str(tmp_path / 'started'))} 2>&1")
    end = time.monotonic() + PATIENCE
    while "Running stage 'eval@contrastive'" not in shell("dvc queue logs stopped || true").stdout:
        assert time.monotonic() < end, shell("dvc queue status").stdout
        time.sleep(0.5)
    assert states(shell) == {"stopped": "Running", "waiting": "Queued"}
    shell("dvc queue stop --kill")
    wait_until_nothing_runs_in(copy)
    assert states(shell) == {"stopped": "Failed", "waiting": "Queued"}
    assert shell("git status --porcelain --untracked-files=no").stdout == ""
    again = shell("dvc exp run --temp -S train.n_clusters=25").stdout
    assert "train@contrastive" not in ran(again)
    assert "Stage 'train@contrastive' is cached - skipping run" in again
