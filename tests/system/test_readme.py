"""The README's commands, in order, in a copy of the repository, on a few hundred rows of the sample."""

from pathlib import Path

import pytest

from tests.repository import Shell, ran, shell_blocks


@pytest.mark.timeout(900)  # a busy machine is no failure
def test_readme_commands_run_in_order(reproduced: str, shell: Shell, copy: Path) -> None:
    lines = shell_blocks(copy / "README.md")
    assert lines[:2] == ["make repro", "make test"], "CI runs these two"
    printed = {line: shell(line).stdout for line in lines[2:] if not line.startswith("make setup")}
    assert ran(printed["dvc exp run -S train.n_clusters=200"]) == {
        *("train@contrastive", "eval@contrastive", "compare", "select")
    }
    assert "train.n_clusters" in printed["dvc exp show --only-changed"]
    assert "200" in printed["dvc exp show --only-changed"]
    assert printed["make eval"].endswith((copy / "reports/leaderboard.md").read_text())
    assert "macro avg" in printed["bonepick eval-model2vec -d tmp/edu-binary -m tmp/edu-model2vec"]
    assert "P@1" in printed["bonepick eval-fasttext -d tmp/edu-binary -m tmp/edu-fasttext -o tmp/edu-eval"]
