"""The base install alone, in an environment of its own: it applies a model, and says in a line what it lacks."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import pytest

import bonepick
from bonepick.classifiers.base.kinds import kind_names
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.text.normalizer import NormalizerParams
from tests.repository import TOP
from tests.test_light_install import SMALL, WORDS
from tests.tiny import tiny_base, tiny_dataset, tiny_rows

pytestmark = pytest.mark.timeout(900)  # a busy machine is no failure

TEXTS = ["the treaty of 1648", "BUY now\n\nclick", "", "orbit é"]
LACKS = ("torch", "dvc", "datasets", "sklearn", "scipy", "pandas", "altair", "vl_convert", "s3fs", "lxml")
APPLY = f"""
import json, sys, bonepick
model = bonepick.load(sys.argv[1])
print(json.dumps([bonepick.__file__, model.predict_proba({TEXTS!r}).tolist(), model.score({TEXTS!r}).tolist()]))
"""


class Light(NamedTuple):
    """An environment, and a folder where models and what they are trained on lie."""

    bin: Path
    place: Path

    def run(self, program: str, *words: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        command = [str(self.bin / program), *words]
        return subprocess.run(command, cwd=self.place, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Light:
    place = tmp_path_factory.mktemp("light")
    rows = tiny_dataset(place / "rows", 2, train=tiny_rows(80, WORDS, 1), valid=tiny_rows(20, WORDS, 2))
    base = str(tiny_base(place / "base", [word for words in WORDS.values() for word in words]))
    training_input = TrainingInput([rows], conversion=NormalizerParams(normalizer="ultrafine"), base_model=base)
    for kind in kind_names():
        train(kind, training_input, place / kind, SMALL[kind])
    code, environment = place / "code", place / "environment"
    for name in ("bonepick", "stages"):  # building leaves folders beside them
        shutil.copytree(TOP / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        shutil.copy(TOP / name, code)
    venv.create(environment, with_pip=True)
    install = [environment / "bin/python", "-m", "pip", "install", "-q", "-c", "constraints.txt", "."]
    done = subprocess.run(install, cwd=code, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return Light(environment / "bin", place)


def test_it_lacks_what_trains_plots_and_runs_pipelines(light: Light) -> None:
    found = light.run("python", "-c", f"import importlib.util as u; print([m for m in {LACKS!r} if u.find_spec(m)])")
    assert (found.stdout, found.stderr) == ("[]\n", "")


@pytest.mark.parametrize("kind", kind_names())
def test_a_model_says_the_same_there_to_the_bit(light: Light, kind: str) -> None:
    done = light.run("python", "-c", APPLY, str(light.place / kind))
    assert done.returncode == 0, done.stderr
    where, probabilities, scores = json.loads(done.stdout)
    package = Path(where).parent
    assert package.is_relative_to(light.bin.parent)
    assert (
        {path.name for path in package.rglob("*.j2")} == {path.name for path in TOP.glob("bonepick/**/*.j2")} != set()
    )
    model = bonepick.load(light.place / kind)
    assert probabilities == model.predict_proba(TEXTS).tolist()
    assert scores == model.score(TEXTS).tolist()


@pytest.mark.parametrize("kind", kind_names())
def test_a_corpus_is_scored_there_to_the_byte(light: Light, kind: str) -> None:
    done = light.run("bonepick", "score", "-m", kind, "-i", "rows", "-o", f"{kind}-there", "-p", "2")
    assert done.returncode == 0, done.stderr
    here = [sys.executable, "-m", "bonepick.cli", "score", "-m", kind, "-i", "rows", "-o", f"{kind}-here"]
    subprocess.run(here, cwd=light.place, check=True, capture_output=True)
    names = [path.relative_to(light.place / f"{kind}-here") for path in (light.place / f"{kind}-here").rglob("*.jsonl")]
    assert len(names) == 4
    for name in names:
        there = light.place / f"{kind}-there" / name
        assert there.read_bytes() == (light.place / f"{kind}-here" / name).read_bytes(), name
    kept = light.run("bonepick", "filter", "-s", f"{kind}-there", "-i", "rows", "-o", f"{kind}-kept", "--keep-rows=.5")
    assert kept.returncode == 0, kept.stderr


def test_a_command_that_needs_an_extra_says_which(light: Light) -> None:
    done = light.run("bonepick", "train-model2vec", "-d", "rows", "-n", "whitespace", "-m", "base", "-o", "out")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: torch is not installed, which this needs: in bonepick's clone run "
        "pip install -c constraints.txt -e '.[train]'"
    )
    assert "Traceback" not in done.stderr
    assert not (light.place / "out").exists()


def test_its_size_and_how_soon_it_begins(light: Light, capsys: pytest.CaptureFixture[str]) -> None:
    (light.place / "one.jsonl").write_text('{"text": "the treaty"}\n')
    seconds: dict[str, list[float]] = {"--help": [], "score -m fasttext -i one.jsonl -o one -p 1": []}
    for words, times in seconds.items():
        for _ in range(5):
            shutil.rmtree(light.place / "one", ignore_errors=True)
            start = perf_counter()
            assert light.run("bonepick", *words.split()).returncode == 0
            times.append(perf_counter() - start)
    size = subprocess.run(["du", "-sm", str(light.bin.parent)], capture_output=True, text=True, check=True).stdout
    megabytes = int(size.split()[0])
    with capsys.disabled():
        took = "; ".join(f"`bonepick {words}`: {sorted(times)[2]:.2f} s" for words, times in seconds.items())
        print(f"\nlight install: {megabytes:,} MB with pip; {took}", file=sys.stderr)
    assert megabytes < 1_000, "torch alone would be more"
