"""Commands in an install that lacks extras, as if they were not there: what needs one says which, in a line."""

import subprocess
from pathlib import Path

import pytest

from tests.test_light_install import light, place

__all__ = ["place"]  # a fixture


def run_command(line: str, place: Path) -> "subprocess.CompletedProcess[str]":
    return light(f"from bonepick.cli import main\nsys.argv[1:] = {line.split()!r}\nmain()", place)


@pytest.mark.parametrize(
    ("line", "name", "extra"),
    [
        ("train-model2vec -d rows -n whitespace -m base -o out", "torch", "train"),
        ("train-contrastive -d rows -n whitespace -m base -o out", "torch", "train"),
        ("eval -d rows -m fasttext -o out", "scikit-learn", "eval"),
        ("find-topics -d rows -m base -o out", "scikit-learn", "eval"),
        ("compare evals -o out", "altair", "plots"),
        ("sweep -g seeds", "dvc", "pipeline"),
        ("import-hf-dataset -n card -o out", "datasets", "import"),
        ("import-hf-dataset -n s3://bucket/rows -o out", "s3fs", "s3"),
    ],
)
def test_a_command_whose_extra_is_missing_says_how_to_install_it(line: str, name: str, extra: str, place: Path) -> None:
    (place / "card/data").mkdir(parents=True, exist_ok=True)
    (place / "card/README.md").write_text("---\nconfigs:\n- config_name: a\n  data_files: data/*.jsonl\n---\n")
    (place / "card/data/a.jsonl").write_text('{"text": "x", "score": 1}\n')
    (place / "evals").mkdir(exist_ok=True)
    done = run_command(line, place)
    assert done.returncode == 1, done.stderr
    said = done.stderr.splitlines()[-1]
    assert said.startswith("error: ") and done.stderr.count("error: ") == 1 and "Traceback" not in done.stderr
    wanted = f"{name} is not installed, which this needs: in bonepick's clone run pip install -c constraints.txt -e"
    assert said.endswith(f"{wanted} '.[{extra}]'")
    assert not (place / "out").exists()


@pytest.mark.parametrize(
    "line",
    [
        "import-hf-dataset -n rows -o {out}",
        "transform-dataset -i rows -o {out} -k {score}",
        "convert-to-fasttext -i rows -o {out} -n ultrafine",
        "sample-dataset -i rows -o {out} --rate 0.5",
        "train-fasttext -d rows -n whitespace -o {out} --bucket 500",
        "count-tokens -i rows",
    ],
)
def test_what_prepares_rows_and_trains_fasttext_needs_no_extra(line: str, place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_command(line.replace("{out}", str(out)) + " -p 1" * ("train" not in line), place)
    assert done.returncode == 0, done.stderr
    assert out.is_dir() or "{out}" not in line
