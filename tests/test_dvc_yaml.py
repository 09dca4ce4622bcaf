"""dvc.yaml declares what stages use: the modules they import; and the lock fits the code."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from ruamel.yaml import YAML

from bonepick.classifiers.base.kinds import kind_names

TOP = Path(__file__).parent.parent
PIPELINE = YAML(typ="safe").load(TOP / "dvc.yaml")
STAGES, ARTIFACTS = PIPELINE["stages"], PIPELINE["artifacts"]
PARAMS = YAML(typ="safe").load(TOP / "params.yaml")
SCRIPTS = sorted(path.stem for path in (TOP / "stages").glob("*.py") if path.stem != "__init__")

IGNORED = [line for line in (TOP / ".dvcignore").read_text().splitlines() if line.endswith(".py")]
CANNOT_CHANGE_A_RESULT = {line.strip("/").removesuffix(".py").replace("/", ".") for line in IGNORED}
"""Modules that DVC does not look at, so that no stage depends on them."""
LOADED_BY_NAME = {
    "bonepick.text.normalizer": [
        f"bonepick.text.normalizers.{path.stem}" for path in TOP.glob("bonepick/text/normalizers/[a-z]*.py")
    ],
}
"""What a module imports by a name that it is given: kinds' packages are added where a stage runs over kinds."""


def body(name: str) -> dict:
    return STAGES[name].get("do", STAGES[name])


def code_deps(name: str, kind: str = "") -> set[str]:
    deps = (dep.replace("${key}", kind) for dep in body(name)["deps"])
    return {dep for dep in deps if dep.startswith(("bonepick", "stages"))}


def script_of(name: str) -> str:
    found = re.match(r"python -m stages\.(\w+) ", body(name)["cmd"])
    assert found, name
    return found[1]


def kinds_of(name: str) -> list[str]:
    """The kinds that a stage runs over, or one that is no kind."""
    return list(PARAMS["kinds"]) if STAGES[name].get("foreach") == "${kinds}" else [""]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    sys.path.insert(0, str(TOP))
    return grimp.build_graph("bonepick", "stages", exclude_type_checking_imports=True, cache_dir=None)


def closure(graph: grimp.ImportGraph, script: str, kind: str = "") -> set[str]:
    """Files that a script imports, directly or not, for one kind of classifier; packages' own files do nothing."""
    found, waiting = set(), [f"stages.{script_of(script)}"]
    if kind:
        waiting += [f"bonepick.classifiers.{kind}.{name}" for name in ("classifier", "params")]
    while waiting:
        module = waiting.pop()
        if module in found or module in CANNOT_CHANGE_A_RESULT:
            continue
        found.add(module)
        waiting += [*graph.find_modules_directly_imported_by(module), *LOADED_BY_NAME.get(module, ())]
    files = {module.replace(".", "/") for module in found}
    return {f"{file}.py" for file in files if (TOP / f"{file}.py").is_file()}


def lies_under(file: str, dep: str) -> bool:
    return file == dep or file.startswith(f"{dep}/")


def test_every_script_is_a_stage_and_every_stage_a_script() -> None:
    assert {script_of(name) for name in STAGES} == set(SCRIPTS)
    # as `select.py`, a stage that is run as a script would find it in place of Python's own module
    assert {name for name in STAGES if script_of(name) != name} == {"select"}


@pytest.mark.parametrize("name", sorted(STAGES))
def test_every_module_that_runs_lies_under_a_dep(graph: grimp.ImportGraph, name: str) -> None:
    for kind in kinds_of(name):
        deps = code_deps(name, kind)
        undeclared = {file for file in closure(graph, name, kind) if not any(lies_under(file, dep) for dep in deps)}
        assert undeclared == set()


@pytest.mark.parametrize("name", sorted(STAGES))
def test_every_dep_holds_a_module_that_runs(graph: grimp.ImportGraph, name: str) -> None:
    kinds = kinds_of(name)
    ran = {kind: closure(graph, name, kind) for kind in kinds}
    deps = [{kind: dep.replace("${key}", kind) for kind in kinds} for dep in code_deps(name, "${key}")]
    idle = [dep for dep in deps if not any(lies_under(file, dep[kind]) for kind in kinds for file in ran[kind])]
    assert idle == []


def test_what_cannot_change_a_result_is_there_and_is_these() -> None:
    assert all((TOP / line.strip("/")).is_file() for line in IGNORED)
    assert {
        *("bonepick.terminal", "bonepick.bars", "bonepick.streams", "bonepick.core.progress"),
        *("stages.running.check_params", "stages.running.checked"),
        *("stages.running.comment_params", "stages.running.named_paths", "stages.running.nodes"),
    } == CANNOT_CHANGE_A_RESULT


def test_the_file_names_no_kind_and_stays_short() -> None:
    text = (TOP / "dvc.yaml").read_text()
    assert not re.findall(rf"(classifiers|models/kinds|evals|reports)/({'|'.join(kind_names())})\b", text)
    assert len(text.splitlines()) <= 340
    assert sum(len(code_deps(name, "${key}")) for name in STAGES) <= 101


def test_package_init_files_do_nothing() -> None:
    # they run with every stage, and no stage declares them all
    for room in ("bonepick", "stages"):
        for path in (TOP / room).glob("*/**/__init__.py"):
            assert [type(node) for node in ast.parse(path.read_text()).body] == [ast.Expr], path


def test_the_library_reads_no_params_by_itself() -> None:
    # what a stage reads stands in its script
    for path in (TOP / "bonepick").rglob("*.py"):
        if path.parent.name != "experiments" and path.name != "params_file.py":
            assert not re.search(r"\bread_(node|params|yaml)\(", path.read_text()), path


def test_artifacts_lie_where_a_stage_puts_them() -> None:
    outs = {out for name in STAGES for out in body(name)["outs"] if isinstance(out, str)}
    assert {artifact["path"] for artifact in ARTIFACTS.values()} <= outs


def test_plots_are_drawn_by_templates_that_are_there() -> None:
    for plot in PIPELINE["plots"]:
        ((file, options),) = plot.items()
        assert file.startswith("reports/plots/")
        assert (TOP / f".dvc/plots/{options['template']}.json").is_file()


def stages_of_the_pipeline() -> Iterator[str]:
    for name, stage in STAGES.items():
        items = PARAMS[stage["foreach"].strip("${}")] if "foreach" in stage else [""]
        yield from (f"{name}@{item}" if item else name for item in items)


def test_the_lock_holds_no_stages_of_the_past() -> None:
    # DVC leaves them there when a stage is renamed, and pushes their files for ever
    lock = YAML(typ="safe").load(TOP / "dvc.lock")["stages"]
    dropped = {f"{stage}@{kind}" for stage in ("train", "eval") for kind in kind_names()}
    assert set(lock) - dropped <= set(stages_of_the_pipeline()) <= set(lock)


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
        if path.endswith(("metrics.json", "metrics.csv")) or not path.startswith(ignored)
    }
    assert not stale, "dvc.lock is older than the code: run `make repro` and commit dvc.lock"
