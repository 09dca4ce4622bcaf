"""docs/evaluation.md, in order, in a copy of the repository on few rows."""

import json
import re
from pathlib import Path

from tests.repository import Shell, ran, shell_blocks
from tests.test_pipeline import EVALUATED


def test_commands_of_the_page_on_evaluation_run_in_order(reproduced: str, shell: Shell, copy: Path) -> None:
    printed = {line: shell(line).stdout for line in shell_blocks(copy / "docs/evaluation.md")}
    pairs = [(a, b) for i, a in enumerate(sorted(EVALUATED)) for b in sorted(EVALUATED)[i + 1 :]]
    one_run, two_runs = printed["bonepick compare evals"], printed["bonepick compare HEAD evals"]
    verdict = "({0}|{1}) is better|no difference that .* rows can show: ({0}|{1}) "
    assert all(re.search(verdict.format(a, b), one_run) for a, b in pairs)
    assert all(f"| HEAD:{name} " in two_runs and f"| evals:{name} " in two_runs for name in EVALUATED)
    assert ran(printed["dvc exp run -S eval.prior=0.1 -S eval.target_precision=0.8"]) == {
        *("eval@model2vec", "eval@contrastive", "eval@fasttext", "compare", "select")
    }
    assert "precision_0.8" in json.loads((copy / "models/best/thresholds.json").read_text())
    for page in ("tmp/two-models/report.html", "tmp/report/report.html", "reports/report.html"):
        assert "<svg" in (copy / page).read_text()
