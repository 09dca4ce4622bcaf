"""Adding a metric is one row of the table: it then stands wherever the row says."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bonepick.core.run import Run
from bonepick.evaluation.store import save_evaluation
from bonepick.evaluation.terminal_report import terminal_report
from bonepick.metrics import table
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.table import Metric
from bonepick.metrics.weighted import Mean
from bonepick.reporting.compare import compare
from bonepick.reporting.save_comparison import save_comparison

QUICK = EvalParams(bootstrap=20)
Tree = Callable[[Path], dict[str, bytes]]


def sure(predictions: Predictions) -> Mean:
    """The share of rows whose highest probability is above .8."""
    return Mean((predictions.probabilities.max(axis=1) > 0.8).astype(np.float64))


SURE = {"name": "sure", "title": "Share of sure rows", "prepare": sure}


def evaluations(make_random: Any, evals: Path) -> list[Evaluation]:
    columns = {"dataset": ["seen", "unseen"] * 60, "split": ["test", "test", "valid"] * 40}
    models = [make_random(120, ["neg", "pos"], seed, kind=kind, **columns) for seed, kind in ((1, "a"), (2, "b"))]
    models = [Predictions(m.kind, m.classes, models[0].columns, m.probabilities) for m in models]
    measured = [measure(model, [""] * 120, QUICK) for model in models]
    for model in measured:
        save_evaluation(model, evals / model.name, Run(overwrite=True))
    return measured


def test_a_row_stands_wherever_it_says(
    make_random: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tree: Tree
) -> None:
    row = Metric(**SURE, place="headline", per_dataset=True, compared=True)
    monkeypatch.setattr(table, "METRICS", (*table.METRICS, row))
    measured = evaluations(make_random, tmp_path / "evals")
    test = measured[0].predictions.test
    value = float(np.mean(test.probabilities.max(axis=1) > 0.8))
    numbers = json.loads((tmp_path / "evals/a/metrics.json").read_bytes())["a"]
    assert numbers["sure"] == pytest.approx(value, abs=1e-6)
    assert {"valid_sure"} < set(numbers) and "sure" in numbers["unseen"]
    with (tmp_path / "evals/a/metrics.csv").open(encoding="utf-8", newline="") as stream:
        lines = [line for line in csv.DictReader(stream) if line["metric"] == "sure"]
    assert [(line["level"], line["slice"]) for line in lines] == [
        ("all", ""), ("valid", ""), ("dataset", "seen"), ("dataset", "unseen"),
    ]  # fmt: skip
    assert float(lines[0]["low"]) < float(lines[0]["value"]) < float(lines[0]["high"])
    assert f"{value:.3f} [{float(lines[0]['low']):.3f}, " in terminal_report(measured[0])
    assert "  sure" in terminal_report(measured[0])
    save_comparison(compare({"": tmp_path / "evals"}, QUICK), tmp_path / "reports")
    files = {name: data.decode() for name, data in tree(tmp_path / "reports").items()}
    assert " share of sure rows |" in files["leaderboard.md"]
    for page in ("report.html", "report.md"):
        assert "Share of sure rows" in files[page] and "Share of sure rows, unseen" in files[page]
    compared = list(csv.DictReader(io.StringIO(files["differences.csv"])))
    assert {line["slice"] for line in compared if line["metric"] == "sure"} == {"", "seen", "unseen"}


def test_a_row_stands_nowhere_else(make_random: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain = Metric(
        name="least", title="Least score", place="details", compute=lambda p: float(p.score.min()),
        higher_is_better=False,
    )  # fmt: skip
    monkeypatch.setattr(table, "METRICS", (*table.METRICS, Metric(**SURE, place="details"), plain))
    measured = evaluations(make_random, tmp_path / "evals")
    numbers = json.loads((tmp_path / "evals/a/metrics.json").read_bytes())["a"]
    assert "sure" in numbers and "sure" not in numbers["unseen"] and "least" not in numbers
    assert "sure" not in terminal_report(measured[0])
    comparison = compare({"": tmp_path / "evals"}, QUICK)
    assert not any("sure" in title for title in comparison.leaderboard[0])
    assert {one.metric for one in comparison.differences} == {"auc"}
    save_comparison(comparison, tmp_path / "reports")
    page = (tmp_path / "reports/report.html").read_text(encoding="utf-8")
    head = page.index("More metrics of all test rows")
    section = page[head : page.index("</table>", head)]
    assert "Least score" in section and "Share of sure rows" in section
    lowest = min(model.predictions.test.score.min() for model in measured)
    assert f'<td class="n best">{lowest:.3f}' in section
