"""All faults of params.yaml are said at once, each with its place, before any stage does anything."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bonepick.classifiers.base.kinds import kind_names
from stages.running.check_params import faults

TOP = Path(__file__).parents[2]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(TOP / "params.yaml", tmp_path)
    return tmp_path / "params.yaml"


@pytest.fixture
def faults_of(params: Path) -> Callable[..., list[str]]:
    """Change what params.yaml holds, and return what is said of it."""

    def changed(*changes: Change) -> list[str]:
        yaml = YAML()
        content = yaml.load(params)
        for change in changes:
            change(content)
        yaml.dump(content, params)
        return faults()

    return changed


def test_the_committed_file_has_no_faults(params: Path) -> None:
    assert faults() == []


def setting(path: str, value: Any) -> Change:
    def change(content: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for key in parents:
            content = content[key]
        content[last] = value

    return change


def dropping(path: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for key in parents:
            content = content[key]
        del content[last]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (setting("speling", 1), "params.yaml: speling is unknown; known here: datasets, transform, kinds, "),
        (setting("train.fastext", {}), "params.yaml: train.fastext is unknown; known here: n_clusters, seed, "),
        (setting("train.fasttext.epochs", 3), "params.yaml: train.fasttext.epochs is unknown; known here: "),
        (setting("datasets.sample.imports", {}), "params.yaml: datasets.sample.imports is unknown; known here: import"),
        (setting("datasets.sample.import.x", 1), "params.yaml: datasets.sample.import.x is unknown; known here: "),
        (setting("datasets.sample.transform", {"x": 1}), "params.yaml: datasets.sample.transform.x is unknown; "),
        (setting("kinds.bert", {}), "params.yaml: kinds.bert is unknown; known here: contrastive, fasttext, model2vec"),
        (setting("kinds.fasttext.row", "x"), "params.yaml: kinds.fasttext.row is unknown; known here: rows, base, "),
        (dropping("datasets.unseen.import.name"), "params.yaml: datasets.unseen.import.name is missing"),
        (dropping("kinds.fasttext.base"), "params.yaml: kinds.fasttext.base is missing"),
        (dropping("train.fasttext"), "params.yaml: train.fasttext is missing"),
        (dropping("eval.prior"), "params.yaml: eval.prior is missing"),
        (dropping("topics"), "params.yaml: topics is missing"),
        (setting("select.metric", "f1"), "params.yaml: select.metric is 'f1': wanted "),
        (setting("normalize.name", "potion"), "params.yaml: normalize.name is called normalize.normalizer now"),
        (setting("convert.name", "potion"), "params.yaml: convert.name is called convert.normalizer now"),
        (setting("eval.precision", 0.9), "params.yaml: eval.precision is called eval.target_precision now"),
        (setting("eval.words", 0.9), "params.yaml: eval.words is called eval.word_budget now"),
        (setting("select.figure", "auc"), "params.yaml: select.figure is called select.metric now"),
        (setting("train.seed", -1), "params.yaml: train.seed is -1: "),
        (setting("train.n_clusters", 2.7), "params.yaml: train.n_clusters is 2.7: "),
        (setting("labels", "neg"), "params.yaml: labels is 'neg': "),
        (setting("on_error", "ignore"), "params.yaml: on_error is 'ignore': wanted fail or quarantine"),
        (setting("tokenizer", None), "params.yaml: tokenizer is None: "),
        (setting("tokenizer", "s3://b/x"), "params.yaml: convert: s3://b/x is a URL, wanted a local path: "),
        (setting("datasets", {}), "params.yaml: datasets is {}, wanted a mapping of one entry or more"),
        (setting("datasets", 5), "params.yaml: datasets is 5, wanted a mapping of one entry or more"),
        (setting("datasets.sample", None), "params.yaml: datasets.sample is None, wanted a mapping"),
        (setting("kinds", {}), "params.yaml: kinds is {}, wanted a mapping of one entry or more"),
        (setting("kinds.fasttext.rows", "a; touch x"), "params.yaml: kinds.fasttext.rows is 'a; touch x': "),
        (setting("kinds.contrastive.shared", "train.seed"), "params.yaml: kinds.contrastive.shared is train.seed, "),
    ],
)
def test_each_fault_is_one_sentence_with_its_place(
    faults_of: Callable[..., list[str]], change: Change, said: str
) -> None:
    found = faults_of(change)
    assert any(fault.startswith(said) for fault in found), found
    assert all("\n" not in fault for fault in found)


@pytest.mark.parametrize(
    "name",
    [
        *("a; touch x", "$(touch x)", "a|b", "a b", "a'b", 'a"b', "`x`", "a\nb", "../x", "a/b", "org/name", "a@b"),
        *("2023", 2023, "1e3", 1000.0, "c4.en", "-x", "_x", "", "é", True, None, "auc", "macro_f1", "valid_auc"),
    ],
)
def test_names_that_something_would_read_as_something_else_are_refused(
    faults_of: Callable[..., list[str]], name: object
) -> None:
    def named(content: dict[str, Any]) -> None:
        content["datasets"][name] = content["datasets"]["unseen"]

    (said,) = faults_of(named)
    assert said.startswith("params.yaml: dataset ")
    assert said.endswith(
        "a name has letters, digits, - and _, begins with a letter, and is no name of a metric: rename it"
    )


def test_names_that_nothing_reads_as_something_else_will_do(faults_of: Callable[..., list[str]]) -> None:
    def named(content: dict[str, Any]) -> None:
        for name in ("c4-en", "Fine_Web", "x1e3", "auc2"):
            content["datasets"][name] = content["datasets"]["unseen"]

    assert faults_of(named) == []


def test_all_faults_are_said_at_once(faults_of: Callable[..., list[str]]) -> None:
    found = faults_of(
        setting("train.fasttext.epoch", 0),
        setting("topics.n_topics", 1),
        setting("datasets.sample.import.batch_size", 0),
        setting("select.metric", "f1"),
    )
    places = ("datasets.sample.import.batch_size", "topics.n_topics", "select.metric", "train.fasttext.epoch")
    assert [fault.split()[1] for fault in found] == list(places)


@pytest.mark.parametrize(("field", "value"), [("multi_label", True), ("auto", 3)])
def test_labels_that_a_kind_cannot_learn_are_refused_with_what_helps(
    faults_of: Callable[..., list[str]], field: str, value: object
) -> None:
    (said,) = faults_of(setting(f"convert.{field}", value))
    assert said.startswith(f"params.yaml: convert.{field} is {value}, but model2vec and contrastive cannot learn such ")
    assert "dvc exp run -S '~kinds.model2vec' -S '~kinds.contrastive'" in said
    assert faults_of(dropping("kinds.model2vec"), dropping("kinds.contrastive")) == []


def test_a_dropped_kind_leaves_its_params_where_they_are(faults_of: Callable[..., list[str]]) -> None:
    assert faults_of(dropping("kinds.fasttext")) == []


def test_a_file_that_is_no_mapping(params: Path) -> None:
    params.write_text("- a\n")
    assert faults() == ["params.yaml: it is ['a'], wanted a mapping of one entry or more"]


def test_every_stage_says_them_and_does_nothing(tmp_path: Path) -> None:
    for folder in ("bonepick", "stages"):
        shutil.copytree(TOP / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (TOP / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(text.replace("  n_topics: 50", "  n_topics: 1") + "speling: 1\n")
    line = [sys.executable, "-m", "stages.inputs", "-o", "data/inputs"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert [said.split(" is ")[0] for said in done.stderr.splitlines()] == [
        *("error: params.yaml: speling", "error: params.yaml: topics.n_topics")
    ]
    assert not (tmp_path / "data").exists()


def test_all_kinds_are_trained_by_default(params: Path) -> None:
    assert set(YAML(typ="safe").load(params)["kinds"]) == set(kind_names())
