"""The pipeline, reproduced in a copy of the repository on a few hundred rows, and what the README says of it."""

import json
import re
from pathlib import Path
from shlex import quote

import pytest

from bonepick.core.tables import parsed_csv
from bonepick.evaluation.store import parsed_metrics
from bonepick.metrics.evaluation import MetricRow
from bonepick.reporting.costs import TITLES, Cost, Rate
from tests.repository import TOP, Shell, ran

EVALUATED = ("model2vec", "contrastive", "fasttext")


def test_repro_ends_with_the_table(reproduced: str, copy: Path) -> None:
    table = (copy / "reports/leaderboard.md").read_text()
    assert reproduced.endswith(table)
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    assert {row[1].strip() for row in rows} == {"model", "model2vec", "contrastive", "fasttext"}
    assert [cell.strip() for cell in rows[0][-4:-1]] == list(TITLES)
    assert "auc sample" in table
    assert "auc unseen" in table


def test_repro_leaves_a_clean_pipeline(reproduced: str, shell: Shell) -> None:
    assert shell("dvc status -q")
    assert ran(shell("dvc repro").stdout) == set()
    assert shell("git status --porcelain").stdout == ""


def test_metrics_have_one_top_key_per_kind(reproduced: str, copy: Path) -> None:
    for kind in ("model2vec", "contrastive", "fasttext"):
        metrics = json.loads((copy / "evals" / kind / "metrics.json").read_text())
        assert set(metrics) == {kind}
        assert set(metrics[kind]) == {
            *(names := ("accuracy", "macro_f1", "auc", "average_precision", "within_topic_auc")),
            *(f"valid_{name}" for name in names),
            *("sample", "unseen"),
        }
        assert set(metrics[kind]["unseen"]) == {"auc", "within_topic_auc"}


def test_a_dataset_that_params_no_longer_name_is_refused(reproduced: str, shell: Shell, copy: Path) -> None:
    stray = copy / "data/embedded/stray"
    stray.mkdir()
    done = shell("python -m stages.train --kind model2vec -o tmp/model", code=2)
    stray.rmdir()
    assert done.stderr.startswith("error: data/embedded/stray belongs to no dataset of params.yaml: remove it")
    assert done.stderr.count("\n") == 1


def test_stages_refuse_code_of_another_working_copy(reproduced: str, shell: Shell, tmp_path: Path) -> None:
    here, there = quote(str(tmp_path)), quote(str(TOP))
    places = "-e evals -m models -t data/topics -r benchmarks/rates.csv -o reports"
    done = shell(f"cd {here} && PYTHONPATH={there} python -m stages.compare {places}", code=2)
    assert "bonepick was imported from" in done.stderr
    assert done.stderr.count("\n") == 1


def committed_metrics(kind: str) -> dict[tuple[str, str, str], MetricRow]:
    file = TOP / "evals" / kind / "metrics.csv"
    rows = parsed_metrics(file.read_text(encoding="utf-8"), file)
    return {(row.slice.level, row.slice.name, row.metric): row for row in rows}


def test_readme_tables_are_what_the_committed_metrics_say() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    found = {kind: committed_metrics(kind) for kind in EVALUATED}
    rows = re.findall(r"^\| (\w+) +\|([ .,\d|\[\]]+)\|([ .\d]+ MB) \|([ .,\d|]+) \|$", readme, re.MULTILINE)
    assert [name for name, *_ in rows] == ["fasttext", "contrastive", "model2vec"]
    rates = {rate.kind: rate for rate in parsed_csv((TOP / "benchmarks/rates.csv").read_text(), Rate)}
    with_interval = (("all", "", "auc"), ("dataset", "sample", "auc"), ("dataset", "unseen", "auc"))
    for name, cells, _, rate in rows:
        assert [cell.strip() for cell in rate.split("|")] == Cost(None, rates[name]).cells()[1:]
        lines = [found[name][key] for key in (*with_interval, ("all", "", "within_topic_auc"))]
        wanted = [number for line in lines for number in line[3:]]
        plain = (("all", "", "accuracy"), ("all", "", "macro_f1"), ("valid", "", "auc"))
        wanted += [found[name][key].value for key in plain]
        # other processors move the last digits of trained models
        assert [float(number) for number in re.findall(r"[\d.]+", cells)] == pytest.approx(wanted, abs=0.003)
    for name in ("sample", "unseen"):
        line = rf"^\| {name} \| ([-+.\d]+) \[.*?\] \| ([-+.\d]+) \["
        ((pooled, within),) = re.findall(line, readme, re.MULTILINE)
        for shown, metric in ((pooled, "auc"), (within, "within_topic_auc")):
            values = [found[k]["dataset", name, metric].value for k in ("contrastive", "model2vec")]
            assert float(shown) == pytest.approx(values[0] - values[1], abs=0.004)
