"""The pipeline run again: with other parameters only what they touch, with other inputs only what uses them, and
elsewhere to the same bytes."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from model2vec import StaticModel

from tests.repository import PUT_BACK, Shell, ran
from tests.system.test_wrong_params import edit
from tests.test_parameters import EVALUATIONS, FEEDS_OF_DATASET, TOPICS, TRAININGS, and_downstream, of_datasets
from tests.tiny import DIM, tiny_base

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure


def test_forced_repro_elsewhere_gives_the_same_lock(reproduced: str, shell: Shell, copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "-q", str(copy), str(other)], check=True)
    (other / "dvc.lock").unlink()
    shell(f"cd {quote(str(other))} && BONEPICK_NUM_PROC=2 PYTHONHASHSEED=7 dvc repro --force --no-run-cache")
    assert (other / "dvc.lock").read_text() == (copy / "dvc.lock").read_text()


@pytest.fixture
def experiment(shell: Shell, copy: Path) -> Iterator[Callable[..., set[str]]]:
    """Run `dvc exp run` with one `-S` for each argument, and return which stages ran; go back afterwards."""

    def run(*overrides: str, stages: str = "") -> set[str]:
        return ran(shell(f"dvc exp run {' '.join(f'-S {override}' for override in overrides)} {stages}").stdout)

    yield run
    shell(f"rm -rf data/*/third && {PUT_BACK}")


def described(dataset: Path) -> dict[str, Any]:
    return json.loads((dataset / "dataset.json").read_text())


def manifest(model: Path) -> dict[str, Any]:
    return json.loads((model / "manifest.json").read_text())


THIRD = """'+datasets.third={import: {source: local, name: inputs/rows/seen, test_split: 0.5, valid_split: 0.1}}'"""


def test_another_dataset(experiment: Callable[..., set[str]], copy: Path) -> None:
    of_third = of_datasets(*FEEDS_OF_DATASET, "normalize_dataset", "convert_to_fasttext", names=("third",))
    assert experiment(THIRD) == {"inputs", "compare", "select"} | of_third | TOPICS | TRAININGS | EVALUATIONS
    assert len(manifest(copy / "models/kinds/fasttext")["datasets"]) == 3
    figures = json.loads((copy / "evals/fasttext/metrics.json").read_text())["fasttext"]
    assert {"sample", "unseen", "third"} < set(figures)


def test_a_jq_expression_balance_normalizers_and_base_model(experiment: Callable[..., set[str]], copy: Path) -> None:
    words = ["the", "a", "of", "and", "in", "film"]
    tiny_base(copy / "inputs/tiny", words)
    # the quotes inside are for DVC's own parser, without which `{` begins a mapping
    expression = r"""{score: (.score | numbers | if . < 3 then \"neg\" else \"pos\" end)}"""
    before = described(copy / "data/transformed/sample")["splits"]["train"]["labels"]

    stages = experiment(
        f"\"transform.label='{expression}'\"",
        "balance.enabled=true",
        *("normalize.normalizer=whitespace", "convert.normalizer=plsfix"),
        *("base_model.source=local", "base_model.name=inputs/tiny"),
    )

    # inputs runs, and writes the digests that it wrote before
    assert stages == {"inputs"} | and_downstream(of_datasets("transform_dataset") | {"base_model"})
    after = described(copy / "data/transformed/sample")["splits"]["train"]["labels"]
    assert after["neg"] > before["neg"]
    balanced = described(copy / "data/balanced/sample")["splits"]["train"]["labels"]
    assert balanced["neg"] == balanced["pos"] == after["pos"]
    assert manifest(copy / "models/kinds/model2vec")["label_shares"] == {"neg": 0.5, "pos": 0.5}
    assert manifest(copy / "models/kinds/model2vec")["normalizer"]["name"] == "whitespace"
    assert manifest(copy / "models/kinds/fasttext")["normalizer"]["name"] == "plsfix"
    assert StaticModel.from_pretrained(copy / "models/base").dim == DIM
    assert json.loads((copy / "evals/contrastive/metrics.json").read_text())["contrastive"]["auc"] != 0


@pytest.fixture
def put_back(shell: Shell) -> Iterator[None]:
    yield
    shell("git checkout -q . && git clean -qfd && dvc checkout -q")


def test_inputs_run_again_only_what_uses_them(put_back: None, copy: Path, shell: Shell) -> None:
    (copy / "inputs/third.jsonl").write_text('{"text": "of nobody", "score": 1}\n')
    assert ran(shell("dvc repro").stdout) == {"inputs"}
    edit(copy, "datasets", "third", value={"import": {"source": "local", "name": "inputs/third.jsonl"}})
    shell("dvc repro balance_dataset@third")
    with (copy / "inputs/third.jsonl").open("a") as file:
        file.write('{"text": "one more", "score": 3}\n')
    stages = {f"{stage}@third" for stage in ("import_hf_dataset", "transform_dataset", "balance_dataset")}
    assert ran(shell("dvc repro balance_dataset@third").stdout) == {"inputs", *stages}
    assert ran(shell("dvc repro base_model import_hf_dataset@sample").stdout) == set()
