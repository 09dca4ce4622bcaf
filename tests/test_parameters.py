"""A changed parameter makes DVC plan the stages that it touches, and no others, each in turn; some run for real."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.repository import PUT_BACK, TOP, Shell, ran
from tests.test_dvc_yaml import STAGES, body, script_of, stages_of_the_pipeline

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure

PARAMS = YAML(typ="safe").load(TOP / "params.yaml")

TRAININGS = {"train@model2vec", "train@contrastive", "train@fasttext"}
EVALUATIONS = {"eval@model2vec", "eval@contrastive", "eval@fasttext"}
STATIC_TRAININGS = TRAININGS - {"train@fasttext"}
TOPICS = {"find_topics"}


def of_datasets(*stages: str, names: tuple[str, ...] = ("sample", "unseen")) -> set[str]:
    return {f"{stage}@{name}" for stage in stages for name in names}


EACH_DATASET = {"inputs"} | TRAININGS | TOPICS | EVALUATIONS

# node of params.yaml -> the stages that read it; a leaf is read by those of its longest prefix here
READ_BY = {
    "datasets.sample.import": of_datasets("import_hf_dataset", "transform_dataset", names=("sample",)) | EACH_DATASET,
    "datasets.unseen.import": of_datasets("import_hf_dataset", "transform_dataset", names=("unseen",)) | EACH_DATASET,
    "transform": of_datasets("transform_dataset"),
    "kinds.model2vec": {"train@model2vec", "select"},
    "kinds.contrastive": {"train@contrastive", "select"},
    "kinds.fasttext": {"train@fasttext", "select"},
    "labels": TRAININGS,
    "tokenizer": {"inputs"} | of_datasets("normalize_dataset", "convert_to_fasttext") | EVALUATIONS,
    "on_error": of_datasets("import_hf_dataset", "transform_dataset", "balance_dataset")
    | of_datasets("normalize_dataset", "embed_dataset", "convert_to_fasttext")
    | TRAININGS
    | TOPICS
    | EVALUATIONS,
    "balance": of_datasets("balance_dataset"),
    "normalize": of_datasets("normalize_dataset"),
    "convert": of_datasets("convert_to_fasttext"),
    "base_model": {"base_model"},
    "base_model.name": {"base_model", "inputs"},
    "train.n_clusters": {"train@contrastive"},
    "train.seed": TRAININGS,
    "train.model2vec": {"train@model2vec"},
    "train.contrastive": {"train@contrastive"},
    "train.fasttext": {"train@fasttext"},
    "train.fasttext.pretrained_vectors": {"train@fasttext", "inputs"},
    "topics": TOPICS,
    "eval": EVALUATIONS,
    "select": {"select"},
}
PRINTS_THEM_ALL = {"compare"}
# stage -> those that read what it writes
FEEDS = {
    "inputs": of_datasets("import_hf_dataset") | {"base_model"} | TRAININGS,
    "balance_dataset": TOPICS | EVALUATIONS,
    "find_topics": EVALUATIONS | {"compare"},
    "embed_dataset": STATIC_TRAININGS,
    "convert_to_fasttext": {"train@fasttext"},
    "base_model": of_datasets("embed_dataset") | TOPICS | STATIC_TRAININGS,
    "train@model2vec": {"eval@model2vec", "compare", "select"},
    "train@contrastive": {"eval@contrastive", "compare", "select"},
    "train@fasttext": {"eval@fasttext", "compare", "select"},
    "eval@model2vec": {"compare", "select"},
    "eval@contrastive": {"compare", "select"},
    "eval@fasttext": {"compare", "select"},
}
# the same, from one stage of a dataset to another of that dataset
FEEDS_OF_DATASET = {
    "import_hf_dataset": {"transform_dataset"},
    "transform_dataset": {"balance_dataset"},
    "balance_dataset": {"normalize_dataset", "convert_to_fasttext"},
    "normalize_dataset": {"embed_dataset"},
}


def and_downstream(stages: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(stages)
    while waiting:
        stage = waiting.pop()
        found.add(stage)
        step, _, name = stage.partition("@")
        fed = FEEDS.get(stage, FEEDS.get(step, set())) | of_datasets(*FEEDS_OF_DATASET.get(step, ()), names=(name,))
        waiting |= fed - found
    return found


def leaves(node: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def covers(node: str, other: str) -> bool:
    return f"{other}.".startswith(f"{node}.")


def longest_prefix(leaf: str) -> str:
    return max((node for node in READ_BY if covers(node, leaf)), key=len)


def readers(leaf: str) -> set[str]:
    return READ_BY[longest_prefix(leaf)]


# what DVC finds, in place of what `kinds` names
INSTEAD = {
    "data/embedded": "data/fasttext",
    "models/base": "data/inputs/base_model.json",
    "train.seed": "train.n_clusters",
}
INSTEAD |= {other: value for value, other in INSTEAD.items()} | {"data/inputs/pretrained_vectors.json": "models/base"}


def other(value: Any) -> Any:
    """Another value of the same type."""
    if value in list(INSTEAD):
        return INSTEAD[value]
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


# one process for all of them, and each file read and hashed once: to start DVC, and to read, takes longer than to plan.
# Nothing runs here, so that nothing can say whether an output will differ: --force-downstream takes it that it does
EACH_IN_TURN = """
import sys
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
import dvc.rwlock
from dvc.cli import main
from dvc.output import Output
from ruamel.yaml import YAML

def once(made, key_of):
    known = {}
    def memory(self, *args):
        key = key_of(self, *args)
        if key not in known:
            known[key] = made(self, *args)
        return deepcopy(known[key])
    return memory

YAML.load = once(YAML.load, lambda self, text: (tuple(self.typ), text))
Output.get_hash = once(Output.get_hash, lambda self: self.fs_path)
dvc.rwlock.rwlock = lambda *_: nullcontext()
for file in map(Path, sys.argv[1:]):
    Path("params.yaml").write_bytes(file.read_bytes())
    print("changed:", file.name, flush=True)
    assert main(["repro", "--dry", "--force-downstream"]) == 0
"""
ONE_OF_EACH = {longest_prefix(leaf): leaf for leaf in leaves(PARAMS)}


@pytest.fixture(scope="module")
def planned(shell: Shell, copy: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What DVC would run after a change of one leaf of each node in the table; and of none, under the name `none`."""
    folder, yaml = tmp_path_factory.mktemp("params"), YAML(typ="safe", pure=True)
    few_rows_params = yaml.load(copy / "params.yaml")
    yaml.dump(few_rows_params, folder / "none")
    for leaf in ONE_OF_EACH.values():
        yaml.dump(changed(few_rows_params, leaf), folder / leaf)
    printed = shell(f"python -c {quote(EACH_IN_TURN)} {quote(str(folder))}/*").stdout
    shell(PUT_BACK)
    parts = (part.partition("\n") for part in printed.split("changed: ")[1:])
    return {name: ran(lines) for name, _, lines in parts}


def test_no_change_plans_nothing(planned: dict[str, set[str]]) -> None:
    assert planned["none"] == set()


@pytest.mark.parametrize("leaf", ONE_OF_EACH.values())
def test_a_parameter_plans_its_readers_and_what_follows_from_them(planned: dict[str, set[str]], leaf: str) -> None:
    # from `inputs` on all is planned: only a run says that it writes the digests that it wrote before
    assert planned[leaf] == and_downstream(readers(leaf)) | PRINTS_THEM_ALL


@pytest.mark.parametrize("node", list(READ_BY))
def test_each_entry_of_the_table_is_of_a_parameter(node: str) -> None:
    assert node in ONE_OF_EACH


def declared(stage: str) -> set[str]:
    """The nodes under `params:` of a stage in dvc.yaml, for its dataset or kind."""
    name, _, item = stage.partition("@")
    nodes = (node.replace("${key}", item) for node in body(name)["params"])
    return {PARAMS["kinds"][item]["shared"] if node == "${item.shared}" else node for node in nodes}


@pytest.mark.parametrize("leaf", list(leaves(PARAMS)))
def test_a_parameter_is_declared_by_its_readers_alone(leaf: str) -> None:
    found = {stage for stage in stages_of_the_pipeline() if any(covers(node, leaf) for node in declared(stage))}
    assert found == readers(leaf) | PRINTS_THEM_ALL


@pytest.mark.parametrize("name", sorted(STAGES))
def test_a_stage_reads_what_it_declares_and_declares_what_it_reads(
    values_read: dict[str, list[str]], name: str
) -> None:
    script = script_of(name)
    runs = {run: nodes for run, nodes in values_read.items() if run.partition("@")[0] == script}
    assert runs
    for run, nodes in runs.items():
        named = declared(run.replace(script, name))
        assert {node for node in nodes if not any(covers(own, node) for own in named)} == set(), run
        assert {own for own in named if not any(covers(own, node) for node in nodes)} == set(), run
