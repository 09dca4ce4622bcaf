"""jq programs that never end, grow without end, or look around: one clear error each, no hang, no leak."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bonepick.core import parallel
from bonepick.core.errors import BonepickError
from bonepick.preparation import transform as transforming
from bonepick.preparation.transform import TransformParams, transform_dataset

ROWS = [{"text": "a", "score": 1}]


@pytest.fixture
def few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforming, "Limits", lambda: parallel.Limits(seconds=2, memory=1 << 30))


@pytest.mark.parametrize("expression", ["def f: f; f", "[range(1e12)]", "[limit(1e12; repeat(1))]"])
@pytest.mark.parametrize("on_error", ["fail", "quarantine"])
def test_runaway_programs_end(
    tmp_path: Path, write: Callable[..., Path], few_seconds: None, expression: str, on_error: str
) -> None:
    write(tmp_path / "in", {"train/a.jsonl": ROWS})
    params = TransformParams(label=f"{{score: ({expression})}}")
    with pytest.raises(BonepickError, match="worker process was ended"):
        transform_dataset(tmp_path / "in", tmp_path / "out", params, on_error)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("expression", ["env", "input", "inputs", "now"])
def test_nothing_but_the_row_is_seen(tmp_path: Path, write: Callable[..., Path], expression: str) -> None:
    write(tmp_path / "in", {"train/a.jsonl": ROWS})
    with pytest.raises(BonepickError, match=f"{expression} is closed here"):
        transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(label=f"{{score: ({expression})}}"))


def test_the_environment_is_empty(tmp_path: Path, write: Callable[..., Path], read: Callable[..., list]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": ROWS})
    transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(label="{score: ($ENV | length)}"))
    assert read(tmp_path / "out" / "train" / "a.jsonl.zst")[0]["score"] == 0


def test_other_files_cannot_be_imported(tmp_path: Path, write: Callable[..., Path]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": ROWS})
    (tmp_path / "a.json").write_text('{"secret": 1}')
    (tmp_path / "a.jq").write_text("def secret: 1;")
    for head in (f'import "a" as $d {{search: "{tmp_path}"}};', f'# x\n include "a" {{search: "{tmp_path}"}};'):
        with pytest.raises(BonepickError, match="modules are closed here"):
            transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(label=head + " {score: $d[0].secret}"))
