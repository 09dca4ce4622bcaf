"""What DVC and the shell would make of wrong parameters: nothing runs, and a sentence says what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.repository import Shell, ran

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure


@pytest.fixture
def clean(shell: Shell) -> Iterator[None]:
    yield
    shell("git checkout -q . && git clean -qfd && dvc checkout -q")


def edit(copy: Path, *path: str, value: object) -> None:
    yaml = YAML()
    params = node = yaml.load(copy / "params.yaml")
    *parents, last = path
    for key in parents:
        node = node[key]
    node[last] = value
    yaml.dump(params, copy / "params.yaml")


LOCAL = {"import": {"source": "local", "name": "inputs/rows/unseen"}}


@pytest.mark.parametrize("name", ["a; touch x", "$(touch x)", "a|touch x", "`touch x`", "auc"])
def test_a_shell_never_sees_a_wrong_name(clean: None, copy: Path, shell: Shell, name: str) -> None:
    edit(copy, "datasets", name, value=LOCAL)
    done = shell("dvc repro", code=255)
    assert ran(done.stdout) == {"inputs"}
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert said.startswith(f"error: params.yaml: dataset {name!r}: a name has letters, digits, - and _, begins with")
    assert not (copy / "x").exists()


@pytest.mark.parametrize("name", ["a@b", "2023", "1e3", "c4.en", "org/name", "a; touch x"])
def test_make_says_it_before_dvc_stops(clean: None, copy: Path, shell: Shell, name: str) -> None:
    edit(copy, "datasets", name, value=LOCAL)
    done = shell("make repro", code=2)
    assert done.stderr.startswith(f"error: params.yaml: dataset {name!r}: a name has letters")
    assert ran(done.stdout) == set()
    assert not (copy / "x").exists()


def test_all_that_is_wrong_is_said_before_anything_runs(clean: None, copy: Path, shell: Shell) -> None:
    edit(copy, "train", "fasttext", "epochs", value=3)
    edit(copy, "train", "fasttext", "word_ngrams", value=0)
    edit(copy, "transform", "label", value="{")
    edit(copy, "eval", "good_from", value="nolabel")
    edit(copy, "select", "metric", value="f1")
    for line in ("make eval", "make sweep"):
        done = shell(line, code=2)
        found = [said.split()[2].rstrip(":") for said in done.stderr.splitlines() if said.startswith("error: ")]
        assert found == [
            *("transform.label", "select.metric"),
            *("train.fasttext.epochs", "train.fasttext.word_ngrams", "eval.good_from"),
        ]
        assert ran(done.stdout) == set()
