"""What is not installed is said in one line, with the command that installs it; `pyproject.toml` names all of it."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.extras import how_to_install, require, what_is_missing

TOP = Path(__file__).parents[2]
COMMAND = "in bonepick's clone run pip install -c constraints.txt -e "
BROUGHT_BY_DVC = {"dvc_data"}


def imported() -> Iterator[tuple[str, Path]]:
    """Every module of others that our code imports anywhere, with a file that does."""
    for path in [*TOP.glob("bonepick/**/*.py"), *TOP.glob("stages/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            yield from ((name.partition(".")[0], path) for name in names)


def test_all_that_the_code_imports_is_asked_for() -> None:
    ours = {"bonepick", "stages", *sys.stdlib_module_names, *BROUGHT_BY_DVC}
    others = {name: path for name, path in imported() if name not in ours}
    assert {"torch", "jq", "numpy", "vl_convert"} <= set(others)
    assert {name: path for name, path in others.items() if not how_to_install(name)} == {}


def test_all_names_every_extra_but_that_of_the_tests() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    (line,) = project["optional-dependencies"]["all"]
    named = line.removeprefix("bonepick[").removesuffix("]").split(",")
    assert sorted([*named, "all", "dev"]) == sorted(project["optional-dependencies"])
    declared = {name for name in requires("bonepick") or () if "extra ==" not in name}
    assert declared == set(project["dependencies"]), "what is installed is older than pyproject.toml: make setup"


@pytest.mark.parametrize(
    ("module", "distribution", "place"),
    [
        ("torch", "torch", "'.[train]'"),
        ("sklearn.metrics", "scikit-learn", "'.[eval]'"),
        ("scipy", "scipy", "'.[eval]'"),
        ("datasets", "datasets", "'.[import]'"),
        ("s3fs", "s3fs", "'.[s3]'"),
        ("dvc.api", "dvc", "'.[pipeline]'"),
        ("ruamel.yaml", "ruamel.yaml", "'.[pipeline]'"),
        ("altair", "altair", "'.[plots]'"),
        ("vl_convert", "vl-convert-python", "'.[plots]'"),
        ("fasttext", "fasttext-community", "."),
    ],
)
def test_a_module_is_installed_with_the_extra_that_brings_it(module: str, distribution: str, place: str) -> None:
    said = how_to_install(module)
    assert said == f"{distribution} is not installed, which this needs: {COMMAND}{place}"
    assert what_is_missing(ModuleNotFoundError("No module named", name=module)) == said


def test_what_others_miss_is_no_fault_of_an_install() -> None:
    assert how_to_install("sympy") == ""
    assert what_is_missing(ModuleNotFoundError("No module named 'sympy'", name="sympy")) == ""
    assert what_is_missing(ImportError("cannot import name 'x' from 'torch'", name="torch")) == ""


def test_what_a_library_makes_of_it_is_seen_through() -> None:
    """fsspec says `Install s3fs to access S3`."""
    error = ImportError("Install s3fs")
    error.__cause__ = ModuleNotFoundError("No module named 's3fs'", name="s3fs")
    assert "'.[s3]'" in what_is_missing(error)


def test_an_import_that_was_only_tried_hides_no_defect() -> None:
    error = ImportError("a defect")
    error.__context__ = ModuleNotFoundError("No module named 'torch'", name="torch")
    assert what_is_missing(error) == ""


def test_what_is_needed_later_is_missed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    require("json", "numpy")
    monkeypatch.setattr("bonepick.core.extras.find_spec", lambda module: None)
    with pytest.raises(BonepickError, match=r"scikit-learn is not installed.*'\.\[eval\]'"):
        require("sklearn", "torch")
