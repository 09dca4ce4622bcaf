"""A URL where a local path is wanted is refused, with what to do: as a path, it would be a folder `s3:` here."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.base_model import BaseModelParams, make_base_model
from bonepick.cli import make_app
from bonepick.core.errors import UsageError
from bonepick.core.outputs import atomic_directory
from bonepick.core.urls import FOR_OUTPUT, refuse_url
from bonepick.data.rows import RowParams
from bonepick.preparation.balance import link_dataset
from bonepick.preparation.label_distribution import label_distribution
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset

Run = Callable[..., Any]
URL = "s3://user:secret@bucket/x"
SHOWN = "s3://bucket/x is a URL, wanted a local path: "
HINTS = {
    **dict.fromkeys(("--output-dir", "--output"), "write to a local folder and copy it"),
    "--input-dir": "bring its rows here first (import-hf-dataset -n s3://bucket/x -o DIR)",
    "--dataset-dir": "bring its rows here first (import-hf-dataset -n s3://bucket/x -o DIR)",
    **dict.fromkeys(
        (
            "--model-dir",
            "--scores",
            "--model-name",
            "--topics-dir",
            "--tokenizer",
            "--pretrained-vectors",
            "RUN",
            "OTHER",
        ),
        "copy it to a local folder and name that",
    ),
}
REQUIRED = {
    **{"--output-dir": "out", "--input-dir": "in", "--dataset-dir": "in", "--model-dir": "model", "RUN": "evals"},
    **{"--output": "out", "--input": "in", "--scores": "scores"},
}


def path_flags() -> list[tuple[str, str]]:
    found = []
    for command in make_app():
        if not command.startswith("-"):
            for argument in make_app()[command].assemble_argument_collection():
                if "Path" in str(argument.hint) or argument.name in HINTS:
                    found.append((command, argument.name))
    return found


def test_every_flag_that_takes_a_path_is_known() -> None:
    assert {flag for _, flag in path_flags()} == HINTS.keys()
    commands = {command for command in make_app() if not command.startswith("-")}
    assert {command for command, _ in path_flags()} == commands - {"sweep"}


@pytest.mark.parametrize(("command", "flag"), path_flags())
def test_a_url_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bonepick: Run, command: str, flag: str
) -> None:
    monkeypatch.chdir(tmp_path)
    needed = {argument.name for argument in make_app()[command].assemble_argument_collection() if argument.required}
    words = ["-n", "nowhere"] if command == "import-hf-dataset" else []
    positional = ["evals"] if command == "compare" else []
    if flag in ("RUN", "OTHER"):
        positional = [URL] if flag == "RUN" else ["evals", URL]
    else:
        words += [flag, URL]
    for name in sorted(needed & REQUIRED.keys() - {flag, "RUN"}):
        words += [name, REQUIRED[name]]
    ended = bonepick(command, *positional, *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: {SHOWN}{HINTS[flag]}\n"
    assert list(tmp_path.iterdir()) == []


def test_any_of_several_inputs_is_looked_at(tmp_path: Path, bonepick: Run) -> None:
    ended = bonepick("label-distribution", "-i", tmp_path, "-i", URL)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {SHOWN}")


@pytest.mark.parametrize("scheme", ["s3", "gs", "http", "https", "file", "hf", "git+ssh", "s3a"])
def test_every_scheme_is_one_also_where_a_path_has_lost_a_slash(scheme: str) -> None:
    for given in (f"{scheme}://host/x", Path(f"{scheme}://host/x")):
        shown = "file:///host/x" if scheme == "file" and isinstance(given, Path) else f"{scheme}://host/x"
        with pytest.raises(UsageError, match=rf"^{re.escape(shown)} is a URL, wanted a local path"):
            refuse_url(given, FOR_OUTPUT)


@pytest.mark.parametrize(
    "given", ["out", "/out", "a:b", "./s3", "2024-01-01T10:00/x", "C:/out", "deep/s3://x", "", "~"]
)
def test_other_names_are_paths(given: str) -> None:
    refuse_url(given, FOR_OUTPUT)


URL_PATH = Path("s3://bucket/x")
CALLS: dict[str, Callable[[Path], object]] = {
    "an output": lambda here: atomic_directory(URL_PATH, "dataset").__enter__(),
    "normalize": lambda here: normalize_dataset(URL_PATH, here / "out", NormalizeParams(), RowParams()),
    "link": lambda here: link_dataset(URL_PATH, here / "out"),
    "labels": lambda here: label_distribution([URL_PATH], RowParams()),
    "train on lines": lambda here: train("fasttext", TrainingInput([URL_PATH]), here / "out", FastTextParams()),
    "train on rows": lambda here: train("model2vec", TrainingInput([URL_PATH]), here / "out", Model2VecParams()),
    "base model": lambda here: make_base_model(BaseModelParams(source="local", name="s3://bucket/x"), here / "out"),
    "vectors": lambda here: FastTextParams(pretrained_vectors="s3://bucket/x"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_library_refuses_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[[Path], object]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^s3://bucket/x is a URL, wanted a local path: "):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_import_takes_urls(tmp_path: Path, bonepick: Run) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x", "score": 1}\n')
    assert bonepick("import-hf-dataset", "-n", f"file://{tmp_path}/a.jsonl", "-o", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "dataset.json").is_file()
