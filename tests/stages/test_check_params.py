"""All faults of params.yaml are said at once, each with its place, before any stage does anything."""

import math
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
        (setting("speling", 1), "params.yaml: speling is unknown; known here: datasets, transform, corpora, kinds, "),
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
        (setting("tokenizer", None), "params.yaml: tokenizer is null: wanted a text that is not empty"),
        (setting("tokenizer", "s3://b/x"), "params.yaml: tokenizer: s3://b/x is a URL, wanted a local path: "),
        (setting("datasets", {}), "params.yaml: datasets is {}, wanted a mapping of one entry or more"),
        (setting("datasets", 5), "params.yaml: datasets is 5, wanted a mapping of one entry or more"),
        (setting("datasets.sample", None), "params.yaml: datasets.sample is null, wanted a mapping"),
        (setting("kinds", {}), "params.yaml: kinds is {}, wanted a mapping of one entry or more"),
        (setting("kinds.fasttext.rows", "a; touch x"), "params.yaml: kinds.fasttext.rows is 'a; touch x': "),
        (setting("kinds.contrastive.shared", "train.seed"), "params.yaml: kinds.contrastive.shared is train.seed, "),
        (setting("kinds.fasttext.shared", "a b"), "params.yaml: kinds.fasttext.shared is a b, wanted train.seed"),
        (setting("kinds.fasttext.rows", "data/nowhere"), "params.yaml: kinds.fasttext.rows is 'data/nowhere': wanted "),
        (
            setting("kinds.model2vec.rows", "data/fasttext"),
            "params.yaml: kinds.model2vec.rows is data/fasttext, wanted",
        ),
        (
            setting("kinds.model2vec.base", "data/../../x"),
            "params.yaml: kinds.model2vec.base is 'data/../../x': wanted",
        ),
        (
            setting("kinds.fasttext.base", "models/base"),
            "params.yaml: kinds.fasttext.base is models/base, wanted data/",
        ),
        (setting("normalize.normalizer", "Potion"), "params.yaml: normalize.normalizer: unknown normalizer 'Potion': "),
        (setting("convert.normalizer", ""), "params.yaml: convert.normalizer: unknown normalizer '': want one of "),
        (
            setting("transform.label", "{a: .a"),
            "params.yaml: transform.label: jq expression '{a: .a' does not compile: ",
        ),
        (setting("transform.keep", "{"), "params.yaml: transform.keep: jq expression '{' does not compile: "),
        (setting("transform.text", ""), "params.yaml: transform.text: jq expression is empty: write `.`"),
        (
            setting("datasets.sample.transform", {"text": "{"}),
            "params.yaml: datasets.sample.transform.text: jq expression '{' does not compile: ",
        ),
        (
            setting("datasets.sample.import.group_by", ".host["),
            "params.yaml: datasets.sample.import.group_by: jq expression '.host[' does not compile: ",
        ),
        (setting("labels", ["neg", "Neg ", "pos"]), "params.yaml: labels: one is named twice in neg, Neg , pos"),
        (setting("labels", ["neg", ""]), "params.yaml: labels: label is '': nothing is left of it"),
        (setting("labels", ["neg", math.nan]), "params.yaml: labels is ['neg', .nan]: wanted a list, each value "),
        (
            setting("eval.good_from", "nolabel"),
            "params.yaml: eval.good_from is 'nolabel', which labels does not have: wanted one of neg, pos",
        ),
        (
            setting("train.fasttext.pretrained_vectors", "s3://x/y"),
            "params.yaml: train.fasttext.pretrained_vectors: s3://x/y is a URL, wanted a local path: ",
        ),
        (
            setting("train.fasttext.pretrained_vectors", "inputs/none.vec"),
            "params.yaml: train.fasttext.pretrained_vectors is 'inputs/none.vec', which is not there: ",
        ),
        (
            setting("datasets.sample.import", {"source": "local", "name": "inputs/none.jsonl"}),
            "params.yaml: datasets.sample.import.name is 'inputs/none.jsonl', which is not there: ",
        ),
        (setting("base_model.source", "local"), "params.yaml: base_model.name is empty: source 'local' needs one"),
        (
            setting("base_model.name", "s3://b/x"),
            "params.yaml: base_model.name: s3://b/x is a URL, wanted a local path",
        ),
        (
            setting("datasets.sample.import.name", "seeen"),
            "params.yaml: datasets.sample.import.name: the sample has no part 'seeen': it has 'seen' and 'unseen'",
        ),
        (
            setting("datasets.sample.import.test_split", 1.5),
            "params.yaml: datasets.sample.import.test_split 1.5: wanted a share below 1, or a whole number of rows",
        ),
        (
            setting("datasets.sample.import.test_split", 0.95),
            "params.yaml: datasets.sample.import.test_split 0.95 and valid_split 0.1 leave no training rows",
        ),
        (
            setting("datasets.sample.import.valid_split", math.inf),
            "params.yaml: datasets.sample.import.valid_split is .inf: wanted a number",
        ),
        (
            setting("train.n_clusters", 10**20),
            f"params.yaml: train.n_clusters is {10**20}: wanted a whole number from 1",
        ),
        (setting("train.model2vec.learning_rate", math.inf), "params.yaml: train.model2vec.learning_rate is .inf: "),
        (setting("train.fasttext.learning_rate", math.nan), "params.yaml: train.fasttext.learning_rate is .nan: "),
        (
            setting("train.model2vec.l2", [0.1, math.inf]),
            "params.yaml: train.model2vec.l2 is [0.1, .inf]: wanted a number from 0, or a list of such",
        ),
        (setting("train.fasttext.bucket", 2**31), "params.yaml: train.fasttext.bucket is 2147483648: wanted a whole "),
        (setting("train.fasttext.thread", 10**6), "params.yaml: train.fasttext.thread is 1000000: wanted a whole "),
        (
            setting("eval.bootstrap", 10**11),
            "params.yaml: eval.bootstrap is 100000000000: wanted a whole number from 20",
        ),
        (setting("topics.n_topics", 10**7), "params.yaml: topics.n_topics is 10000000: wanted a whole number from 2 "),
        (
            setting("train.fasttext.min_char_ngram", 3),
            "params.yaml: train.fasttext.min_char_ngram is 3: wanted max_char_ngram, which is 0, or less",
        ),
        (setting("convert.multi_label", None), "params.yaml: convert.multi_label is null: wanted true or false"),
        (setting("train.seed", True), "params.yaml: train.seed is true: wanted a whole number from 0"),
        (
            setting("train.model2vec.hidden_units", [4, 0]),
            "params.yaml: train.model2vec.hidden_units is [4, 0]: wanted a list, each value of it a whole number from ",
        ),
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
    assert said.startswith(
        f"params.yaml: convert.{field} is {str(value).lower()}, but model2vec and contrastive cannot learn such "
    )
    assert "dvc exp run -S '~kinds.model2vec' -S '~kinds.contrastive'" in said
    assert faults_of(dropping("kinds.model2vec"), dropping("kinds.contrastive")) == []


def test_all_faults_of_one_node_are_said(faults_of: Callable[..., list[str]]) -> None:
    found = faults_of(
        setting("train.fasttext.word_ngrams", 0),
        setting("train.fasttext.min_count", -1),
        setting("train.fasttext.speling", 1),
        setting("transform.label", "{"),
        setting("transform.text", 3),
        setting("speling", 1),
        setting("spelling", 1),
        dropping("train.fasttext.loss"),
    )
    assert sorted(fault.removesuffix(":").split()[1].rstrip(":") for fault in found) == [
        *("speling", "spelling"),
        *("train.fasttext.loss", "train.fasttext.min_count", "train.fasttext.speling", "train.fasttext.word_ngrams"),
        *("transform.label", "transform.text"),
    ]


@pytest.mark.parametrize(("length", "number"), [(100, 0), (101, 1), (300, 1)])
def test_a_dataset_name_leaves_room_in_file_names(
    faults_of: Callable[..., list[str]], length: int, number: int
) -> None:
    def named(content: dict[str, Any]) -> None:
        content["datasets"]["x" * length] = content["datasets"]["unseen"]

    found = faults_of(named)
    assert len(found) == number
    assert all(f"100 characters at most, and this one has {length}" in fault for fault in found)


@pytest.mark.parametrize("values", [{"test_split": 300, "valid_split": 200}, {"test_split": 300, "valid_split": 0.9}])
def test_counts_of_rows_are_fine(faults_of: Callable[..., list[str]], values: dict[str, float]) -> None:
    assert faults_of(*(setting(f"datasets.sample.import.{name}", value) for name, value in values.items())) == []


@pytest.mark.parametrize("label", ["NEG", "pos", ""])
def test_a_label_that_is_listed_can_be_the_first_good_one(faults_of: Callable[..., list[str]], label: str) -> None:
    assert faults_of(setting("eval.good_from", label)) == []


def test_where_none_are_listed_any_label_can(faults_of: Callable[..., list[str]], params: Path) -> None:
    params.write_text(params.read_text().replace("labels:  #", "labels: []  #").replace("- neg\n- pos\n", ""))
    assert faults_of(setting("eval.good_from", "other")) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("train.fasttext.pretrained_vectors", "inputs/mine.vec"),
        ("datasets.sample.import", {"source": "local", "name": "inputs/*.vec"}),
    ],
)
def test_inputs_that_are_there_or_cannot_be_known_to_be_are_fine(
    faults_of: Callable[..., list[str]], path: str, value: object
) -> None:
    Path("inputs").mkdir()
    Path("inputs/mine.vec").touch()
    assert faults_of(setting(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("train.fasttext.pretrained_vectors", "tmp/elsewhere.vec"),
        ("tokenizer", "tmp/tokenizer.json"),
        ("tokenizer", "rows"),
        ("tokenizer", "~/tokenizer.json"),
        ("datasets.sample.import", {"source": "local", "name": "rows"}),
        ("datasets.sample.import", {"name": "rows"}),
        ("datasets.sample.import", {"name": "file:///rows/a.jsonl"}),
        ("datasets.sample.import", {"source": "local", "name": "inputs/../rows"}),
        ("base_model", {"source": "local", "name": "base", "revision": ""}),
    ],
)
def test_what_lies_on_this_machine_outside_inputs_is_refused(
    faults_of: Callable[..., list[str]], path: str, value: object
) -> None:
    Path("rows").mkdir()
    (fault,) = faults_of(setting(path, value))
    assert "outside inputs/, where a change of it would run nothing again: move it to inputs/, or bring it" in fault


def test_a_dropped_kind_leaves_its_params_where_they_are(faults_of: Callable[..., list[str]]) -> None:
    assert faults_of(dropping("kinds.fasttext")) == []


@pytest.mark.parametrize("content", ["", "# nothing\n", "null\n"])
def test_a_file_of_nothing(params: Path, content: str) -> None:
    params.write_text(content)
    assert faults() == ["params.yaml: it is empty, wanted a mapping of one entry or more"]


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
