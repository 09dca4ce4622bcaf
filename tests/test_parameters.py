"""A changed parameter makes DVC plan the stages that it touches, and no others, each in turn; some run for real."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import pytest
from model2vec import StaticModel
from ruamel.yaml import YAML
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from bonepick.classifiers.static.base_model import save_without_card
from tests.repository import TOP, Shell, ran

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure

PARAMS = YAML(typ="safe").load(TOP / "params.yaml")

TRAININGS = {"train@model2vec", "train@contrastive", "train@fasttext"}
EVALUATIONS = {"eval@model2vec", "eval@contrastive", "eval@fasttext"}
STATIC_TRAININGS = TRAININGS - {"train@fasttext"}
TOPICS = {"find_topics"}


def of_datasets(*stages: str, names: tuple[str, ...] = ("sample", "unseen")) -> set[str]:
    return {f"{stage}@{name}" for stage in stages for name in names}


# node of params.yaml -> the stages that read it; a leaf is read by those of its longest prefix here
READ_BY = {
    "datasets.sample.import": {"import_hf_dataset@sample"} | TRAININGS | TOPICS | EVALUATIONS,
    "datasets.sample.transform": {"transform_dataset@sample"} | TRAININGS | TOPICS | EVALUATIONS,
    "datasets.unseen.import": {"import_hf_dataset@unseen"} | TRAININGS | TOPICS | EVALUATIONS,
    "datasets.unseen.transform": {"transform_dataset@unseen"} | TRAININGS | TOPICS | EVALUATIONS,
    "labels": TRAININGS,
    "tokenizer": of_datasets("normalize_dataset", "convert_to_fasttext") | EVALUATIONS,
    "on_error": of_datasets("import_hf_dataset", "transform_dataset", "balance_dataset")
    | of_datasets("normalize_dataset", "convert_to_fasttext")
    | STATIC_TRAININGS
    | TOPICS
    | EVALUATIONS,
    "balance": of_datasets("balance_dataset"),
    "normalize": of_datasets("normalize_dataset"),
    "convert": of_datasets("convert_to_fasttext"),
    "base_model": {"base_model"},
    "train.n_clusters": {"train@contrastive"},
    "train.seed": TRAININGS,
    "train.model2vec": {"train@model2vec"},
    "train.contrastive": {"train@contrastive"},
    "train.fasttext": {"train@fasttext"},
    "topics": TOPICS,
    "eval": EVALUATIONS,
    "select": {"select"},
}
PRINTS_THEM_ALL = {"compare"}
# stage -> those that read what it writes
FEEDS = {
    "balance_dataset": TOPICS | EVALUATIONS,
    "find_topics": EVALUATIONS,
    "normalize_dataset": STATIC_TRAININGS,
    "convert_to_fasttext": {"train@fasttext"},
    "base_model": TOPICS | STATIC_TRAININGS,
    "train@model2vec": {"eval@model2vec", "select"},
    "train@contrastive": {"eval@contrastive", "select"},
    "train@fasttext": {"eval@fasttext", "select"},
    "eval_model2vec": {"compare", "select"},
    "eval@fasttext": {"compare", "select"},
}
# the same, from one stage of a dataset to another of that dataset
FEEDS_OF_DATASET = {
    "import_hf_dataset": {"transform_dataset"},
    "transform_dataset": {"balance_dataset"},
    "balance_dataset": {"normalize_dataset", "convert_to_fasttext"},
}


def and_downstream(stages: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(stages)
    while waiting:
        stage = waiting.pop()
        found.add(stage)
        kind, _, name = stage.partition("@")
        fed = FEEDS.get(kind, set()) | of_datasets(*FEEDS_OF_DATASET.get(kind, ()), names=(name,))
        waiting |= fed - found
    return found


def leaves(node: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def readers(leaf: str) -> set[str]:
    return READ_BY[max((node for node in READ_BY if f"{leaf}.".startswith(f"{node}.")), key=len)]


@pytest.fixture
def experiment(shell: Shell, copy: Path) -> Iterator[Callable[..., set[str]]]:
    """Run `dvc exp run` with one `-S` for each argument, and return which stages ran; go back afterwards."""

    def run(*overrides: str) -> set[str]:
        return ran(shell("dvc exp run " + " ".join(f"-S {override}" for override in overrides)).stdout)

    yield run
    shell("git restore . && dvc checkout && rm -rf data/*/third")


def described(dataset: Path) -> dict[str, Any]:
    return json.loads((dataset / "dataset.json").read_text())


def manifest(model: Path) -> dict[str, Any]:
    return json.loads((model / "manifest.json").read_text())


def test_a_jq_expression(experiment: Callable[..., set[str]], copy: Path) -> None:
    # the quotes inside are for DVC's own parser, without which `{` begins a mapping
    expression = r"""{score: (.score | numbers | if . < 3 then \"neg\" else \"pos\" end)}"""
    before = described(copy / "data/transformed/sample")["splits"]["train"]["labels"]
    stages = experiment(f"\"datasets.sample.transform.label='{expression}'\"")
    assert stages == and_downstream(of_datasets("transform_dataset", names=("sample",)))
    after = described(copy / "data/transformed/sample")["splits"]["train"]["labels"]
    assert after["neg"] > before["neg"]
    shares = manifest(copy / "models/kinds/model2vec")["label_shares"]
    assert shares["neg"] == pytest.approx(after["neg"] / sum(after.values()), abs=1e-6)


THIRD = """'+datasets.third={
  import: {source: local, name: rows/seen, subset: "", revision: "", test_split: 0.5, valid_split: 0.1,
    group_by: "", seed: 42, batch_size: 100000},
  transform: {text: "{text: .text}", keep: "{}",
    label: "{score: (.score | numbers | if . < 2 then \\"neg\\" else \\"pos\\" end)}"}
}'"""


def test_another_dataset(experiment: Callable[..., set[str]], copy: Path) -> None:
    of_third = of_datasets(*FEEDS_OF_DATASET, "normalize_dataset", "convert_to_fasttext", names=("third",))
    assert experiment(THIRD.replace("\n", "")) == of_third | and_downstream(TRAININGS | TOPICS)
    assert len(manifest(copy / "models/kinds/fasttext")["datasets"]) == 3
    figures = json.loads((copy / "evals/fasttext/metrics.json").read_text())["fasttext"]
    assert {"sample", "unseen", "third"} < set(figures)


def test_balance_normalizers_and_base_model(experiment: Callable[..., set[str]], copy: Path) -> None:
    words = [f"w{number}" for number in range(50)] + ["the", "a", "of", "and", "in", "film", "[UNK]", "[PAD]"]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    vectors = np.random.default_rng(0).standard_normal((len(words), 8)).astype(np.float32)
    (copy / "tmp/tiny").mkdir(parents=True)
    save_without_card(StaticModel(vectors, tokenizer), copy / "tmp/tiny")

    stages = experiment(
        "balance.enabled=true",
        *("normalize.normalizer=whitespace", "convert.normalizer=plsfix"),
        *("base_model.source=local", "base_model.name=tmp/tiny"),
    )

    assert stages == and_downstream(of_datasets("balance_dataset") | {"base_model"})
    labels = described(copy / "data/balanced/sample")["splits"]["train"]["labels"]
    assert labels["neg"] == labels["pos"]
    assert manifest(copy / "models/kinds/model2vec")["normalizer"]["name"] == "whitespace"
    assert manifest(copy / "models/kinds/fasttext")["normalizer"]["name"] == "plsfix"
    assert StaticModel.from_pretrained(copy / "models/base").dim == 8
    assert json.loads((copy / "evals/contrastive/metrics.json").read_text())["contrastive"]["auc"] != 0


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [*value, *(value or [7])]
    return f"{value}x" if isinstance(value, str) else value + 1


def changed(params: dict[str, Any], leaf: str) -> dict[str, Any]:
    """The params with one leaf of another value."""
    params = node = deepcopy(params)
    *parents, last = leaf.split(".")
    for key in parents:
        node = node[key]
    node[last] = other(node[last])
    return params


# one process for all of them, and each file read once: to start DVC, and to read YAML, takes longer than to plan.
# Nothing runs here, so that nothing can say whether an output will differ: --force-downstream takes it that it does
EACH_IN_TURN = """
import sys
from copy import deepcopy
from pathlib import Path
from dvc.cli import main
from ruamel.yaml import YAML

load, loaded = YAML.load, {}

def load_once(self, stream):
    text = stream if isinstance(stream, str) else stream.read()
    key = tuple(self.typ), text
    if key not in loaded:
        loaded[key] = load(self, text)
    return deepcopy(loaded[key])

YAML.load = load_once
for file in map(Path, sys.argv[1:]):
    Path("params.yaml").write_bytes(file.read_bytes())
    print("changed:", file.name, flush=True)
    assert main(["repro", "--dry", "--force-downstream"]) == 0
"""


@pytest.fixture(scope="module")
def planned(shell: Shell, copy: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What DVC would run after a change of each leaf; and of none, under the name `none`."""
    folder, yaml = tmp_path_factory.mktemp("params"), YAML(typ="safe", pure=True)
    few_rows_params = yaml.load(copy / "params.yaml")
    yaml.dump(few_rows_params, folder / "none")
    for leaf in leaves(few_rows_params):
        yaml.dump(changed(few_rows_params, leaf), folder / leaf)
    printed = shell(f"python -c {quote(EACH_IN_TURN)} {quote(str(folder))}/*").stdout
    shell("git restore params.yaml")
    parts = (part.partition("\n") for part in printed.split("changed: ")[1:])
    return {name: ran(lines) for name, _, lines in parts}


def test_no_change_plans_nothing(planned: dict[str, set[str]]) -> None:
    assert planned["none"] == set()


@pytest.mark.parametrize("leaf", list(leaves(PARAMS)))
def test_a_parameter_plans_its_readers_and_what_follows_from_them(planned: dict[str, set[str]], leaf: str) -> None:
    assert planned[leaf] == and_downstream(readers(leaf)) | PRINTS_THEM_ALL


@pytest.mark.parametrize("node", list(READ_BY))
def test_each_entry_of_the_table_is_of_a_parameter(node: str) -> None:
    assert any(f"{leaf}.".startswith(f"{node}.") for leaf in leaves(PARAMS))
