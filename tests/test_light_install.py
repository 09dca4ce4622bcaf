"""A light install applies models: in interpreters where what it lacks cannot be imported, as if it were not there.

`tests/system/test_light_install.py` does the same in a real one.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.text.normalizer import NormalizerParams
from tests.tiny import tiny_base, tiny_dataset, tiny_rows

LACKS = (
    *("torch", "sklearn", "scipy", "datasets", "pandas", "lxml", "s3fs", "dvc", "ruamel"),
    *("altair", "vl_convert", "jinja2", "pytest", "hypothesis"),
)
"""What no part of a light install may need. jinja2 is there, for model2vec asks for it, and takes time to import."""
WITHOUT = f"""
import sys

class Lacks:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LACKS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Lacks())
"""
WORDS = {"neg": ["buy", "deal", "click"], "pos": ["treaty", "orbit", "cell"]}
SMALL = {
    "fasttext": FastTextParams(bucket=500, dimension=4),
    "model2vec": Model2VecParams(),
    "contrastive": ContrastiveParams(n_clusters=1, n_pairs=100),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset `rows`, a base model, and a model of each kind that goes through a tokenizer."""
    folder = tmp_path_factory.mktemp("light")
    rows = tiny_dataset(folder / "rows", 2, train=tiny_rows(80, WORDS, 1), valid=tiny_rows(20, WORDS, 2))
    base = str(tiny_base(folder / "base", [word for words in WORDS.values() for word in words]))
    training_input = TrainingInput([rows], conversion=NormalizerParams(normalizer="ultrafine"), base_model=base)
    for kind in kind_names():
        train(kind, training_input, folder / kind, SMALL.get(kind) or params_of(kind)())
    return folder


def light(code: str, place: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", WITHOUT + code], cwd=place, capture_output=True, text=True)


APPLIED = """
import json, bonepick
model = bonepick.load({kind!r})
texts = ["the treaty", "buy now"]
print(json.dumps([model.predict_proba(texts).tolist(), model.score(texts).tolist(), model.predict(texts)]))
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


@pytest.mark.parametrize("kind", ["fasttext", "model2vec"])  # all of them: make test-system
def test_a_model_is_applied_without_what_trains_plots_imports_and_runs(kind: str, place: Path) -> None:
    done = light(APPLIED.format(kind=kind), place)
    assert done.returncode == 0, done.stderr
    results, loaded = map(json.loads, done.stdout.splitlines())
    here = subprocess.run(
        [sys.executable, "-c", "import sys\n" + APPLIED.format(kind=kind)], cwd=place, capture_output=True, text=True
    )
    results_here, loaded_here = map(json.loads, here.stdout.splitlines())
    assert results == results_here
    assert {"bonepick", "numpy"} <= set(loaded)
    assert not set(LACKS) & {*loaded, *loaded_here}, "not even where they are installed"


def test_no_command_needs_them_to_be_listed_or_imported(place: Path) -> None:
    modules = ", ".join(f"bonepick.commands.{name}" for name in ("prepare", "train", "evaluate", "score"))
    done = light(f"import {modules}\nprint(sorted(sys.modules.keys() & set({LACKS!r})))", place)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    done = light("from bonepick.cli import main\nsys.argv[1:] = ['--help']\nmain()", place)
    assert done.returncode == 0, done.stderr
    assert "train-model2vec" in done.stdout


@pytest.mark.parametrize("kind", ["fasttext", "model2vec"])
def test_scoring_needs_no_extra(kind: str, place: Path) -> None:
    code = f"{WITHOUT}from bonepick.cli import main\nsys.argv[1:] = 'score -m {kind} -i - -o - -p 1'.split()\nmain()"
    code += f"\nassert not sys.modules.keys() & set({LACKS!r})"
    text = b'{"text": "the treaty"}\n'
    done = subprocess.run([sys.executable, "-c", code], cwd=place, input=text, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["metadata"][kind]["score"] > 0
