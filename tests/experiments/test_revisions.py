"""Runs by name: a folder is itself, what is neither folder nor revision is said; test_pipeline.py takes a revision."""

from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.experiments.revisions import evaluations_of


def test_a_folder_is_itself(tmp_path: Path) -> None:
    with evaluations_of([str(tmp_path)]) as runs:
        assert runs == {str(tmp_path): tmp_path}


def test_a_run_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="is named twice: wanted two runs"), evaluations_of([str(tmp_path)] * 2):
        pass
