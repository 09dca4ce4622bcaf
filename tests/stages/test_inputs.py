"""Only what lies in `inputs/` is digested: what DVC watches there."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from bonepick.core.run import Run
from stages.inputs import main


def digested(folder: Path, name: str, tokenizer: str = "packaged", user: str = "datasets/mine") -> list[str]:
    """The files of `inputs/` that a dataset of this name, or another user of files, rests on."""
    nodes = {"datasets": {"mine": {"import": {"name": name}}}, "base_model": {"name": ""}, "tokenizer": tokenizer}
    (folder / "params.yaml").write_text(json.dumps({**nodes, "train": {"fasttext": {"pretrained_vectors": ""}}}))
    main(Namespace(output_dir=Path("data/inputs")), Run(overwrite=True))
    return sorted(json.loads(Path(f"data/inputs/{user}.json").read_bytes()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("inputs/a/part-0.jsonl", "inputs/a/part-1.jsonl", "inputs/b.jsonl", "outside/c.jsonl"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("{}")
    return tmp_path


def test_the_files_that_a_path_or_pattern_names(folder: Path) -> None:
    parts = ["inputs/a/part-0.jsonl", "inputs/a/part-1.jsonl"]
    assert digested(folder, "inputs/a") == parts
    assert digested(folder, "inputs/b.jsonl") == ["inputs/b.jsonl"]
    assert digested(folder, f"file://{folder}/inputs/a/part-*") == [str(folder / part) for part in parts]
    assert digested(folder, f"file://{folder}/inputs/a/part-[01].jsonl") == [str(folder / part) for part in parts]
    assert digested(folder, "outside") == digested(folder, "seen") == []


def test_the_files_of_a_tokenizer(folder: Path) -> None:
    """What it is called alone would not tell that another file lies there now."""
    (folder / "inputs/tokenizer.json").write_text("{}")
    assert digested(folder, "", "inputs/tokenizer.json", "tokenizer") == ["inputs/tokenizer.json"]
    assert digested(folder, "", "inputs/a", "tokenizer") == ["inputs/a/part-0.jsonl", "inputs/a/part-1.jsonl"]
    assert digested(folder, "", "packaged", "tokenizer") == digested(folder, "", "org/name", "tokenizer") == []


def test_a_link_that_leads_out_is_said(folder: Path, notes: list[str]) -> None:
    (folder / "inputs/linked").symlink_to(folder / "outside")
    assert digested(folder, "inputs/linked") == []
    assert any(note.startswith("inputs/linked leads out of inputs/") for note in notes)
