"""The pipeline of docs/walkthrough.md, on stand-ins for its datasets."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.repository import Shell, copy_repository
from tests.system.test_walkthrough_page import (
    FEW_ROWS,
    PAGE,
    PIPELINE,
    Away,
    assert_shown,
    away,
    blocks,
    commands,
    stand_in_hub,
)

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure
__all__ = ["away"]  # a fixture


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, with the stand-ins."""
    folder = tmp_path_factory.mktemp("a copy")
    copy_repository(folder)
    stand_in_hub(folder, FEW_ROWS)
    return folder


def test_the_pipeline_of_the_page_gives_each_dataset_its_figures(copy: Path, shell: Shell, away: Away) -> None:
    yaml, printed = YAML(), ""
    params = yaml.load(copy / "params.yaml")
    params["train"]["fasttext"]["bucket"] = 10_000  # 128 MB a model otherwise
    params["train"]["contrastive"]["n_pairs"] = 10_000
    for block in blocks(PAGE.read_text(encoding="utf-8").partition(PIPELINE)[2]):
        if block.kind == "yaml":
            shown = yaml.load(block.body)
            assert set(shown) < set(params), "nodes that params.yaml has"
            yaml.dump(params | shown, copy / "params.yaml")
        elif block.kind == "shell":
            printed = "".join(shell(away.put_into(line)).stdout for line in commands(block))
        else:
            assert_shown(block.body, printed, "the pipeline")
    names = {"fineweb_edu", "fw_pp_ref", "fw_pp_ref_mini"}
    for kind in ("model2vec", "contrastive", "fasttext"):
        metrics = json.loads((copy / "evals" / kind / "metrics.json").read_text())[kind]
        assert {name for name, own in metrics.items() if isinstance(own, dict)} == names
        assert all("auc" in metrics[name] for name in names)
