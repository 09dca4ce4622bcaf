"""What it takes to add a kind, a normalizer and a metric, to drop a kind, and to learn several labels a row."""

import csv
import json
from pathlib import Path
from shlex import quote

import pytest
from ruamel.yaml import YAML

from tests.repository import TOP, Shell, git, ran

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure

KIND = {
    "__init__.py": '"""Train a toy: words weigh by how much more often good texts have them."""\n',
    "params.py": '''"""Params of kind `toy`."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from bonepick.classifiers.base.params import TrainParams


@dataclass(frozen=True, kw_only=True)
class ToyParams(TrainParams):
    """How the toy is trained."""

    smoothing: Annotated[float, Meta(gt=0)] = 1.0
    """Added to the count of each word."""


PARAMS = ToyParams
''',
    "classifier.py": '''"""Kind `toy`: naive Bayes on words, for two labels."""

import json
import math
from collections import Counter

import numpy as np

from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.manifest import Manifest


class Toy(Classifier):
    kind = "toy"

    def __init__(self, weights, manifest):
        self.weights, self.manifest = weights, manifest

    @classmethod
    def fit(cls, rows, params, run):
        counts = Counter(), Counter()
        items = [item for batch in rows.batches("train") for item in batch.items]
        for item in items:
            counts[rows.classes.index(item.labels[0])].update(item.text.split())
        words = sorted(counts[0] | counts[1])
        smooth = params.smoothing
        weights = {word: math.log((counts[1][word] + smooth) / (counts[0][word] + smooth)) for word in words}
        return cls(weights, rows.manifest(cls.kind, ["numpy"]))

    @classmethod
    def load(cls, directory, labels=()):
        return cls(json.loads((directory / "weights.json").read_text()), Manifest.load(directory))

    def save(self, directory):
        (directory / "weights.json").write_text(json.dumps(self.weights))
        self.manifest.save(directory)

    def _probabilities(self, texts):
        means = [sum(self.weights.get(w, 0) for w in text.split()) / (1 + len(text.split())) for text in texts]
        good = 1 / (1 + np.exp(-np.array(means)))
        return np.stack([1 - good, good], axis=1)


CLASSIFIER = Toy
''',
}
NORMALIZER = '''"""`shout`: upper case."""

VERSION = 1


def normalize(text: str) -> str:
    """Return the text in upper case."""
    return text.upper()
'''
METRIC = """    Metric(
        name="toy_accuracy", title="toy accuracy", place="headline", prepare=pooled.accuracy, per_dataset=True,
        compared=True,
    ),
"""


def table(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text().splitlines()))


def insert(file: Path, before: str, line: str) -> None:
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, line + before))


def edit_params(copy: Path, **nodes: object) -> None:
    yaml = YAML()
    params = yaml.load(copy / "params.yaml")
    for path, value in nodes.items():
        *parents, last = path.split(".")
        node = params
        for key in parents:
            node = node[key]
        node[last] = value
    yaml.dump(params, copy / "params.yaml")


@pytest.fixture(scope="module")
def added(copy: Path, shell: Shell) -> set[str]:
    """The stages that `dvc repro` ran after a kind, a normalizer and a metric were added, and two kinds dropped."""
    package = copy / "bonepick/classifiers/toy"
    package.mkdir()
    for name, text in KIND.items():
        (package / name).write_text(text)
    (copy / "bonepick/text/normalizers/shout.py").write_text(NORMALIZER)
    insert(copy / "bonepick/text/normalizer.py", '    "potion",\n', '    "shout",\n')
    insert(copy / "bonepick/metrics/table.py", '    Metric(name="accuracy"', METRIC)
    kinds = {
        "toy": {"rows": "data/normalized", "base": "models/base", "shared": "train.seed"},
        "model2vec": {"rows": "data/normalized", "base": "models/base", "shared": "train.seed"},
    }
    weak = {"train.model2vec.hidden_units": [2], "train.model2vec.max_epochs": 1, "train.model2vec.learning_rate": 1e-9}
    edit_params(copy, **{"kinds": kinds, "train.toy": {"smoothing": 1.0}, "normalize.normalizer": "shout", **weak})
    stages = ran(shell("dvc repro").stdout)
    shell("git add -A && git commit -qm added")
    return stages


def test_the_kind_is_trained_evaluated_compared_plotted_and_selected(added: set[str], copy: Path, shell: Shell) -> None:
    assert added >= {"train@toy", "eval@toy", "train@model2vec", "eval@model2vec", "compare", "select"}
    metrics = json.loads((copy / "evals/toy/metrics.json").read_text())["toy"]
    assert metrics["auc"] > 0.8
    assert "| toy " in (copy / "reports/leaderboard.md").read_text()
    for curve in ("roc", "pr_curve", "calibration", "keep", "confusion"):
        rows = table(copy / f"reports/plots/{curve}.csv")
        assert {row["model"] for row in rows} == {"toy", "model2vec"}, "what was made of dropped kinds is gone"
    selection = json.loads((copy / "models/best/selection.json").read_text())
    assert selection["selected"] == "toy"
    assert set(selection["values"]) == {"toy", "model2vec"}
    assert (copy / "models/best/weights.json").is_file()
    assert "--smoothing" in shell("python -m bonepick.cli train-toy --help").stdout
    assert shell("python -m bonepick.cli eval -d data/balanced/unseen -m models/best").stdout.startswith("Evaluation")


def test_the_metric_stands_in_files_tables_report_and_differences(added: set[str], copy: Path) -> None:
    for kind in ("toy", "model2vec"):
        metrics = json.loads((copy / "evals" / kind / "metrics.json").read_text())[kind]
        assert metrics["toy_accuracy"] == metrics["accuracy"]
        assert set(metrics["unseen"]) == {"auc", "within_topic_auc", "toy_accuracy"}
        lines = table(copy / "evals" / kind / "metrics.csv")
        of_all = next(line for line in lines if (line["level"], line["metric"]) == ("all", "toy_accuracy"))
        assert float(of_all["low"]) <= float(of_all["value"]) <= float(of_all["high"])
    for name in ("leaderboard.md", "report.html", "report.md"):
        assert "toy accuracy" in (copy / "reports" / name).read_text(), name
    assert "toy_accuracy" in {row["metric"] for row in table(copy / "reports/differences.csv")}


def test_the_normalizer_is_in_both_commands_and_in_the_pipeline(added: set[str], copy: Path, shell: Shell) -> None:
    assert json.loads((copy / "models/kinds/toy/manifest.json").read_text())["normalizer"]["name"] == "shout"
    shell("python -m bonepick.cli normalize-dataset -i data/balanced/unseen -o tmp/shouted -n shout")
    shell("python -m bonepick.cli convert-to-fasttext -i data/balanced/unseen -o tmp/lines -n shout")
    text = (copy / "tmp/lines/test.txt").read_text()
    words = " ".join(line.partition(" ")[2] for line in text.splitlines())
    assert words == words.upper() != words.lower()


def test_a_kind_is_dropped_by_params_alone(added: set[str], copy: Path, shell: Shell, tmp_path: Path) -> None:
    edit_params(copy, kinds={"toy": {"rows": "data/normalized", "base": "models/base", "shared": "train.seed"}})
    assert ran(shell("dvc repro").stdout) == {"compare", "select"}
    assert not (copy / "evals/model2vec").exists()
    assert not (copy / "models/kinds/model2vec").exists()
    assert "model2vec" not in (copy / "reports/leaderboard.md").read_text()
    assert json.loads((copy / "models/best/selection.json").read_text())["values"].keys() == {"toy"}
    assert ran(shell("dvc repro").stdout) == set()
    shell("git add -A && git commit -qm dropped")
    clone, cache = tmp_path / "a clone", quote(str(copy / ".dvc/cache"))
    git(tmp_path, "clone", "-q", str(copy), str(clone))
    shell(f"cd {quote(str(clone))} && dvc cache dir --local {cache} && dvc checkout -q && dvc status -q")


def test_a_kind_comes_back_by_params_alone(added: set[str], copy: Path, shell: Shell) -> None:
    shell("git checkout -q HEAD~1 -- params.yaml")
    assert not any(stage.startswith("train@") for stage in ran(shell("dvc repro").stdout)), "DVC's cache kept the model"
    assert "model2vec" in (copy / "reports/leaderboard.md").read_text()
    assert shell("dvc status -q")


LABELS = "{score: {good: (if .score > 1 then 1 else 0 end), long: (if (.text | length) > 700 then 1 else 0 end)}}"


def test_several_labels_a_row_run_to_the_report_with_the_kinds_that_can(copy: Path, shell: Shell) -> None:
    kinds = {kind: YAML(typ="safe").load(TOP / "params.yaml")["kinds"][kind] for kind in ("model2vec", "fasttext")}
    several = {"convert.multi_label": True, "transform.label": LABELS, "train.fasttext.loss": "ova"}
    edit_params(copy, **{"kinds": kinds, "normalize.normalizer": "potion"}, **several)
    refused = shell("dvc repro", code=255).stderr
    assert "convert.multi_label is true, but model2vec cannot learn such labels: leave them out" in refused

    drop = "-S '~kinds.model2vec'"
    assert drop in refused
    done = ran(shell(f"dvc exp run {drop}").stdout)
    assert done >= {"train@fasttext", "eval@fasttext", "compare", "select"}
    assert "fasttext" in (copy / "reports/leaderboard.md").read_text()
    assert "<svg" in (copy / "reports/report.html").read_text()
    assert json.loads((copy / "models/best/manifest.json").read_text())["classes"] == ["good", "long"]
