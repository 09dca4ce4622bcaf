"""Stages take paths, run the code of their own working copy alone, and know which datasets are theirs."""

import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

import bonepick
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from stages.running.run_stage import refuse_other_working_copy, run_stage

ROOT = Path(bonepick.__file__).resolve().parent.parent
FLAGS = (("-i", "--input-dir"), ("-o", "--output-dir"))


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch, own_process_state: None) -> None:
    monkeypatch.chdir(ROOT)


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[Namespace]:
    calls: list[Namespace] = []
    monkeypatch.setattr("sys.argv", ["stage", *words])
    run_stage(lambda args, run: calls.append(args), *FLAGS)
    return calls


def test_flags_are_paths(monkeypatch: pytest.MonkeyPatch, at_root: None) -> None:
    (args,) = run(monkeypatch, "-i", "data/raw", "--output-dir", "out")
    assert vars(args) == {"input_dir": Path("data/raw"), "output_dir": Path("out")}


def test_names_of_datasets_and_kinds_are_no_paths(monkeypatch: pytest.MonkeyPatch, at_root: None) -> None:
    monkeypatch.setattr("sys.argv", ["stage", "--dataset", "a"])
    calls: list[tuple[Namespace, Run]] = []
    run_stage(lambda *given: calls.append(given), ("--dataset",))
    ((args, how),) = calls
    assert vars(args) == {"dataset": "a"}
    assert how.overwrite


def test_a_missing_flag_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, at_root: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "-i", "data/raw")
    assert ended.value.code == 2
    assert "-o/--output-dir" in capsys.readouterr().err


def test_a_fault_inside_is_one_line(
    monkeypatch: pytest.MonkeyPatch, at_root: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(args: Namespace, run: Run) -> None:
        raise BonepickError(f"{args.input_dir} is no dataset")

    monkeypatch.setattr("sys.argv", ["stage", "-i", "a", "-o", "b"])
    with pytest.raises(SystemExit) as ended:
        run_stage(main, *FLAGS)
    assert (ended.value.code, capsys.readouterr().err) == (1, "error: a is no dataset\n")


def test_the_own_working_copy_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    refuse_other_working_copy()


def test_another_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"bonepick was imported from {ROOT}, not from {tmp_path}: run `python -m"):
        refuse_other_working_copy()


def test_a_copy_of_the_repository_runs_its_own_code_as_a_module_and_nothing_as_a_script(tmp_path: Path) -> None:
    """What `dvc exp run --temp` does: the installed package is the main copy's, editable."""
    for folder in ("bonepick", "stages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    own = [sys.executable, "-m", "stages.balance_dataset", "-i", "in", "-o", "out"]
    done = subprocess.run(own, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == f"error: params.yaml is not in {tmp_path}: run this from the top of the repository\n"
    wrong = [sys.executable, "stages/balance_dataset.py", "-i", "in", "-o", "out"]
    done = subprocess.run(wrong, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"bonepick was imported from {ROOT}, not from {tmp_path}" in done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository whose params name a file."""
    for folder in ("bonepick", "stages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("pretrained_vectors: ''", "pretrained_vectors: inputs/a.vec")
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    for folder in ("inputs", ".dvc"):
        (tmp_path / folder).mkdir()
    (tmp_path / "inputs/a.vec").write_text("1 1\na 0\n")
    return tmp_path


BEGIN = """
import subprocess, sys
from stages.running import run_stage

run = subprocess.run
run_stage.subprocess.run = lambda *given: print("checks", flush=True) or run(*given)
sys.argv = ["stage"]
run_stage.run_stage(lambda args, how: print("runs"))
"""


def begun(copy: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", BEGIN], cwd=copy, capture_output=True, text=True)


def test_one_check_of_the_params_does_for_stages_until_it_would_fail(copy: Path) -> None:
    assert [begun(copy).stdout.split() for _ in range(2)] == [["checks", "runs"], ["runs"]]
    (copy / "inputs/a.vec").unlink()
    for _ in range(2):
        refused = begun(copy)
        assert (refused.returncode, refused.stdout) == (2, "checks\n")
        assert "pretrained_vectors is 'inputs/a.vec', which is not there" in refused.stderr
