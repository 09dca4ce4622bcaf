"""dvc.yaml declares what stages use: the modules they import, the params they read; and the lock fits the code."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import grimp
import pytest
from ruamel.yaml import YAML

from bonepick.classifiers.base_model import BaseModelParams
from bonepick.classifiers.contrastive import ContrastiveParams
from bonepick.classifiers.fasttext import FastTextParams
from bonepick.classifiers.model2vec import Model2VecParams
from bonepick.core.params import Params
from bonepick.data.balancing import BalanceStageParams
from bonepick.data.importing import ImportParams
from bonepick.data.transforming import TransformParams
from bonepick.evaluation.finding_topics import TopicsParams
from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.selecting import SelectParams

TOP = Path(__file__).parent.parent
PIPELINE = YAML(typ="safe").load(TOP / "dvc.yaml")
STAGES, ARTIFACTS = PIPELINE["stages"], PIPELINE["artifacts"]
PARAMS = YAML(typ="safe").load(TOP / "params.yaml")
SCRIPTS = sorted(path.stem for path in (TOP / "stages").glob("*.py") if path.stem != "__init__")


def body(name: str) -> dict:
    return STAGES[name].get("do", STAGES[name])


def code_deps(name: str) -> set[str]:
    return {dep for dep in body(name)["deps"] if dep.startswith(("bonepick", "stages"))}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    sys.path.insert(0, str(TOP))
    return grimp.build_graph("bonepick", "stages", exclude_type_checking_imports=True, cache_dir=None)


def closure(graph: grimp.ImportGraph, script: str) -> set[str]:
    """Files that a script imports, directly or not; `core/` and `text/` (once normalizers are used) count whole."""
    found, waiting = set(), [f"stages.{script}"]
    while waiting:
        module = waiting.pop()
        if module in found or module == "bonepick" or module.startswith("bonepick.core"):
            continue
        found.add(module)
        waiting += graph.find_modules_directly_imported_by(module)
    files = {module.replace(".", "/") + ".py" for module in found} | {"bonepick/core"}
    files |= {f"{name}.html.j2" for file in files if (TOP / f"{(name := file.removesuffix('.py'))}.html.j2").is_file()}
    if "bonepick/text/normalizers.py" in files:
        files = {file for file in files if not file.startswith("bonepick/text/")} | {"bonepick/text"}
    return files


def test_every_script_is_a_stage_and_every_stage_a_script() -> None:
    assert set(SCRIPTS) == set(STAGES)


@pytest.mark.parametrize("name", sorted(STAGES))
def test_deps_are_the_modules_that_run(graph: grimp.ImportGraph, name: str) -> None:
    assert code_deps(name) == closure(graph, name)


def test_package_init_files_do_nothing() -> None:
    # they run with every stage, and no stage declares them
    for path in (TOP / "bonepick").glob("*/__init__.py"):
        assert [type(node) for node in ast.parse(path.read_text()).body] == [ast.Expr], path


@pytest.mark.parametrize("script", SCRIPTS)
def test_params_that_are_read_are_declared_and_no_others(script: str) -> None:
    tree = ast.parse((TOP / "stages" / f"{script}.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    read = set()
    for call in calls:
        if call.func.id in ("read_node", "read_params"):
            texts = [ast.unparse(arg).strip("f'\"") for arg in [*call.args, *[word.value for word in call.keywords]]]
            read |= {text.replace("{args.dataset}", "${key}") for text in texts[call.func.id == "read_params" :]}
        if call.func.id == "dataset_dirs":
            read.add("datasets")
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NODES":
            read = (read - {"name"}) | set(ast.literal_eval(node.value))
    if "**shared" in ast.unparse(tree):
        read = (read - {"shared"}) | {"train.n_clusters", "train.seed"}
    assert read == set(body(script).get("params", []))


def test_the_report_shows_all_params() -> None:
    assert set(body("compare")["params"]) == set(PARAMS)


def test_the_library_reads_no_params_by_itself() -> None:
    # what a stage reads stands in its script, where the test above finds it
    files = (path for path in (TOP / "bonepick").rglob("*.py") if path.parent.name != "experiments")
    readers = {path.name for path in files if re.search(r"\bread_(node|params|yaml)\(", path.read_text())}
    assert readers == {"params.py", "stage.py"}


@pytest.mark.parametrize(
    ("kind", "node", "shared"),
    [
        (BalanceStageParams, PARAMS["balance"], ()),
        (BaseModelParams, PARAMS["base_model"], ()),
        (Model2VecParams, PARAMS["train"]["model2vec"], ("seed",)),
        (ContrastiveParams, PARAMS["train"]["contrastive"], ("seed", "n_clusters")),
        (FastTextParams, PARAMS["train"]["fasttext"], ("seed",)),
        (TopicsParams, PARAMS["topics"], ()),
        (EvalParams, PARAMS["eval"], ()),
        (SelectParams, PARAMS["select"], ()),
    ],
)
def test_params_yaml_holds_the_defaults(kind: type[Params], node: dict, shared: tuple[str, ...]) -> None:
    defaults = {own.name: own.default for own in fields(kind) if own.name not in shared}
    assert {name: tuple(v) if isinstance(v, list) else v for name, v in node.items()} == defaults


def test_shared_params_hold_the_defaults() -> None:
    defaults = {own.name: own.default for own in fields(ContrastiveParams)}
    assert {name: PARAMS["train"][name] for name in ("seed", "n_clusters")} == {
        name: defaults[name] for name in ("seed", "n_clusters")
    }


def test_every_dataset_names_every_import_and_transform_param() -> None:
    # -S can only override keys that are there
    for node in PARAMS["datasets"].values():
        assert set(node["import"]) == {own.name for own in fields(ImportParams)}
        assert set(node["transform"]) == {own.name for own in fields(TransformParams)}


def test_artifacts_lie_where_a_stage_puts_them() -> None:
    outs = {out for name in STAGES for out in body(name)["outs"] if isinstance(out, str)}
    assert {artifact["path"] for artifact in ARTIFACTS.values()} <= outs


def test_the_lock_holds_no_stages_of_the_past() -> None:
    # DVC leaves them there when a stage is renamed, and pushes their files for ever
    lock = YAML(typ="safe").load(TOP / "dvc.lock")["stages"]
    items = {name: stage.get("foreach", ()) for name, stage in STAGES.items()}
    each = {name: PARAMS["datasets"] if found == "${datasets}" else found for name, found in items.items()}
    assert set(lock) == {f"{name}@{item}" if item else name for name in each for item in each[name] or [""]}


def test_the_lock_fits_the_code() -> None:
    """Also in a bare clone, where the outs that git ignores are not there and `evals` holds only its metrics."""
    done = subprocess.run([sys.executable, "-m", "dvc", "status", "--json"], cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ignored = ("data", "models", "evals", "reports")
    stale = {
        f"{stage}: {path}"
        for stage, changes in json.loads(done.stdout).items()
        for change in changes
        for paths in (change.values() if isinstance(change, dict) else [change])
        for path in ([paths] if isinstance(paths, str) else paths)
        if path.endswith(("metrics.json", "figures.csv")) or not path.startswith(ignored)
    }
    assert not stale, "dvc.lock is older than the code: run `make repro` and commit dvc.lock"
