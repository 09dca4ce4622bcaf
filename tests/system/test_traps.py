"""What DVC's own ways, YAML's and Python's would let go wrong unseen: each once, on purpose."""

import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.repository import PUT_BACK, Shell, link_copy, ran
from tests.test_dvc_yaml import lies_under
from tests.test_parameters import EVALUATIONS, TOPICS, TRAININGS, of_datasets

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure

LONG = "a long path with spaces " * 5
MODULE_OF_COMPARE = "bonepick/reporting/save_comparison.py"
START_OF_COMPARE = "    files = comparison_files("
EDIT_OF_COMPARE = ("as_report_markdown(comparison),", 'as_report_markdown(comparison) + "edited",')


@pytest.fixture(scope="module")
def copy(reproduced_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository on few rows, at a path that is long and has spaces."""
    folder = tmp_path_factory.mktemp("traps") / LONG.strip() / LONG.strip()
    link_copy(reproduced_once / "a copy", folder)
    return folder


@pytest.fixture
def clean(shell: Shell) -> Iterator[None]:
    """A pipeline that is up to date, and again afterwards."""
    yield
    shell(f"rm -rf tmp data/*/third data/*/.third.partial-dead && {PUT_BACK}")


Edit = Callable[[str, str, str], None]


@pytest.fixture
def edit(clean: None, copy: Path) -> Edit:
    """Replace a text that a file has."""

    def replace(name: str, old: str, new: str) -> None:
        text = (copy / name).read_text()
        assert old in text
        (copy / name).write_text(text.replace(old, new))

    return replace


def errors(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """The lines that a stage wrote about its fault, without DVC's own."""
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("error: ")]


def content(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_a_path_that_is_long_and_has_spaces(clean: None, shell: Shell, copy: Path) -> None:
    assert len(str(copy)) > 200
    assert " " in str(copy)
    shell("dvc status -q")
    assert (copy / "reports/leaderboard.md").exists()


def test_temp_runs_the_edited_code_of_its_copy(edit: Edit, shell: Shell, copy: Path) -> None:
    before = (copy / "reports/report.md").read_text()
    edit(MODULE_OF_COMPARE, *EDIT_OF_COMPARE)
    done = shell("dvc exp run --temp --name edited")
    assert ran(done.stdout) == {"compare"}
    assert (copy / "reports/report.md").read_text() == before
    shell("dvc exp apply edited")
    assert (copy / "reports/report.md").read_text() == f"{before}edited"


def test_a_small_number_without_a_dot_is_a_number(edit: Edit, shell: Shell, copy: Path) -> None:
    assert ran(shell("dvc exp run -s train@model2vec -S train.model2vec.learning_rate=1e-5").stdout)
    assert content(copy / "models/kinds/model2vec/manifest.json")["params"]["learning_rate"] == 1e-5
    edit("params.yaml", "learning_rate: 1e-05", "learning_rate: 2e-5")
    shell("python -m stages.train --kind model2vec -o tmp/model")
    assert content(copy / "tmp/model/manifest.json")["params"]["learning_rate"] == 2e-5


def test_yes_and_no_are_labels(edit: Edit, shell: Shell, copy: Path) -> None:
    edit("params.yaml", '"neg"', '"yes"')
    edit("params.yaml", '"pos"', '"no"')
    edit("params.yaml", "- neg\n- pos\n", "- yes\n- no\n")
    shell("dvc repro train@fasttext")
    # not the alphabet's order, which stands in where the list names no label of the data
    assert content(copy / "models/kinds/fasttext/manifest.json")["classes"] == ["yes", "no"]


def test_null_is_an_error_that_names_its_place(edit: Edit, shell: Shell) -> None:
    (error,) = errors(shell("dvc exp run -s base_model -S base_model.name=null", code=255))
    assert error.startswith("error: params.yaml: base_model.name is null")
    shell(PUT_BACK)
    edit("params.yaml", "tokenizer: packaged", "tokenizer: null")
    (error,) = errors(shell("dvc repro -s normalize_dataset@sample", code=255))
    assert error.startswith("error: params.yaml: tokenizer is null")


def test_bytecode_is_no_dependency(clean: None, shell: Shell, copy: Path) -> None:
    shell(
        "env -u PYTHONDONTWRITEBYTECODE python -m stages.compare -e evals -m models/kinds -t data/topics "
        "-r benchmarks/rates.csv -o tmp/reports"
    )
    assert list((copy / "bonepick/core/__pycache__").glob("run.*.pyc"))
    for room in ("core", "text"):
        (copy / "bonepick" / room / "__pycache__").mkdir(exist_ok=True)
        (copy / "bonepick" / room / "__pycache__/stray.cpython-311.pyc").write_bytes(b"stray")
        (copy / "bonepick" / room / "stray.pyc").write_bytes(b"stray")
    shell("dvc status -q")


def test_code_that_is_edited_while_its_stage_runs(edit: Edit, shell: Shell, copy: Path) -> None:
    lock = (copy / "dvc.lock").read_text()
    (copy / "tmp").mkdir()
    (copy / "tmp/edit me").touch()
    somebody = (
        'if (marker := Path("tmp/edit me")).exists():\n        marker.unlink()\n'
        '        Path(__file__).open("a").write("# edited\\n")'
    )
    edit(MODULE_OF_COMPARE, START_OF_COMPARE, f"    {somebody}\n{START_OF_COMPARE}")

    (error,) = errors(shell("dvc repro", code=255))
    assert error.startswith(f"error: {MODULE_OF_COMPARE} was edited while the stage ran")
    assert (copy / "dvc.lock").read_text() == lock

    assert ran(shell("dvc repro").stdout) == {"compare"}
    shell("dvc status -q")


def test_a_first_run_that_fails_leaves_nothing_and_what_lies_there_is_no_result(
    clean: None, shell: Shell, copy: Path
) -> None:
    yaml = YAML()
    params, target = yaml.load(copy / "params.yaml"), copy / "data/transformed/third"
    unseen = params["datasets"]["unseen"]
    params["datasets"]["third"] = {"import": unseen["import"], "transform": {"keep": 'error("x")'}}
    yaml.dump(params, copy / "params.yaml")

    (error,) = errors(shell("dvc repro balance_dataset@third", code=255))
    assert "jq expression 'error(\"x\")' fails" in error
    assert [path.name for path in target.parent.iterdir() if "third" in path.name] == []
    assert "transform_dataset@third:" not in (copy / "dvc.lock").read_text()

    partial = target.with_name(".third.partial-dead")
    for folder in (target / "train", partial):
        folder.mkdir(parents=True)
        (folder / "half.jsonl").write_text('{"text": "half')
    params["datasets"]["third"]["transform"]["keep"] = "{}"
    yaml.dump(params, copy / "params.yaml")
    stages = {"transform_dataset@third", "balance_dataset@third"}
    assert ran(shell("dvc repro balance_dataset@third").stdout) == {"inputs"} | stages
    assert not partial.exists()
    assert not (target / "train").exists()
    assert content(target / "dataset.json")["splits"]["test"]["rows"] == 200
    shell(f"dvc status -q {' '.join(stages)}")


def test_a_dataset_that_params_do_not_name_any_more(clean: None, shell: Shell, copy: Path) -> None:
    for state in ("balanced", "normalized", "fasttext"):
        shell(f"cp -r data/{state}/unseen data/{state}/third")
    (error,) = errors(shell("dvc repro", code=255))
    assert "/third belongs to no dataset of params.yaml: remove it (data/*/third)" in error
    shell("rm -rf data/*/third")
    assert ran(shell("dvc repro").stdout) == set()
    shell("dvc status -q")


def test_two_at_once(edit: Edit, shell: Shell, copy: Path) -> None:
    gate = copy / "tmp/gate"
    gate.parent.mkdir()
    os.mkfifo(gate)
    wait = 'if (gate := Path("tmp/gate")).exists():\n        gate.read_text()\n'
    edit(MODULE_OF_COMPARE, START_OF_COMPARE, f"    {wait}{START_OF_COMPARE}")

    both = shell(
        "dvc repro > tmp/first 2>&1 & "
        "exec 3> tmp/gate; "  # opens when the stage of the first one does
        "dvc repro > tmp/second 2>&1; echo second: $?; "
        "exec 3>&-; wait $!; echo first: $?"
    ).stdout

    assert both == "second: 255\nfirst: 0\n"
    assert "it is being blocked by" in (copy / "tmp/second").read_text()
    assert ran((copy / "tmp/first").read_text()) == {"compare"}
    assert ran(shell("dvc repro").stdout) == set()
    shell("dvc status -q")
    lock = (copy / "dvc.lock").read_text()
    gate.unlink()
    assert ran(shell("dvc repro --force -s compare").stdout) == {"compare"}
    assert (copy / "dvc.lock").read_text() == lock


NORMALIZING = of_datasets("normalize_dataset", "convert_to_fasttext")
SHAPING = of_datasets("import_hf_dataset", "transform_dataset", "balance_dataset")
WITH_CLASSIFIERS = of_datasets("embed_dataset") | TRAININGS | TOPICS | EVALUATIONS
READING = SHAPING | NORMALIZING | WITH_CLASSIFIERS | {"compare"}
ALL = READING | {"inputs", "base_model", "select"}

RUN_AGAIN_BY_A_COMMENT_IN = {
    "bonepick/core/outputs.py": ALL,
    "bonepick/text/normalizers/ultrafine.py": {"base_model"} | NORMALIZING | WITH_CLASSIFIERS,
    "bonepick/text/identity.py": {"base_model"} | SHAPING | NORMALIZING | WITH_CLASSIFIERS,
    "bonepick/data/rows.py": READING,
    "bonepick/preparation/importing/import_dataset.py": of_datasets("import_hf_dataset") | TRAININGS,
    "bonepick/preparation/transform.py": of_datasets("transform_dataset") | TRAININGS,
    "bonepick/preparation/balance.py": of_datasets("balance_dataset") | TRAININGS,
    "bonepick/preparation/normalize.py": NORMALIZING | TRAININGS,
    "bonepick/classifiers/base/classifier.py": WITH_CLASSIFIERS,
    "bonepick/classifiers/static/base_model.py": {"base_model"} | WITH_CLASSIFIERS,
    "bonepick/classifiers/static/clusters.py": {"base_model"} | WITH_CLASSIFIERS,
    "bonepick/classifiers/contrastive/pairs.py": {"train@contrastive", "eval@contrastive"},
    "bonepick/classifiers/model2vec/head.py": {"train@model2vec", "eval@model2vec"},
    "bonepick/classifiers/fasttext/classifier.py": {"train@fasttext", "eval@fasttext"},
    "bonepick/metrics/measure.py": EVALUATIONS | {"compare"},
    "bonepick/evaluation/find_topics.py": TOPICS | EVALUATIONS | {"compare", "select"},
    "bonepick/reporting/compare.py": {"compare"},
    "bonepick/experiments/sweep.py": set(),
    "bonepick/commands/train.py": set(),
    "bonepick/terminal.py": set(),
    "stages/train.py": TRAININGS,
    "stages/running/guard.py": ALL,
}


def test_a_comment_in_one_room_runs_no_stage_of_another(clean: None, shell: Shell, copy: Path) -> None:
    for name in RUN_AGAIN_BY_A_COMMENT_IN:
        with (copy / name).open("r+") as file:  # not "a", which would make a file that is not there
            file.seek(0, os.SEEK_END)
            file.write("# a comment\n")
    found = defaultdict(set)
    for stage, changes in json.loads(shell("dvc status --json").stdout).items():
        for change in changes:
            for path in change["changed deps"]:
                found[path].add(stage)
    # DVC names the dep that a stage declares: the file, or a folder that it lies in
    by_file = {
        name: {stage for dep, stages in found.items() if lies_under(name, dep) for stage in stages}
        for name in RUN_AGAIN_BY_A_COMMENT_IN
    }
    assert by_file == RUN_AGAIN_BY_A_COMMENT_IN
    assert all(any(lies_under(name, dep) for name in RUN_AGAIN_BY_A_COMMENT_IN) for dep in found)
