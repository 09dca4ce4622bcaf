"""Runs by name: a folder is itself, what is neither folder nor revision is said; test_pipeline.py takes a revision."""

import subprocess
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.experiments.revisions import evaluations_of

TOP = Path(__file__).parents[2]


def test_a_folder_is_itself(tmp_path: Path) -> None:
    with evaluations_of([str(tmp_path)]) as runs:
        assert runs == {str(tmp_path): tmp_path}


def test_a_run_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="is named twice: wanted two runs"), evaluations_of([str(tmp_path)] * 2):
        pass


def test_a_revision_that_the_cache_lacks_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "clone", "-q", TOP, tmp_path / "clone"], check=True)
    monkeypatch.chdir(tmp_path / "clone")
    matched = r"'HEAD' is no folder, and no revision whose evals/ .*`dvc fetch`"
    with pytest.raises(BonepickError, match=matched) as said, evaluations_of(["HEAD"]):
        pass
    assert "\n" not in str(said.value)
