"""A threshold's name stands for a score, or one sentence says why not."""

import json
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.evaluation.file_names import THRESHOLDS_FILE
from bonepick.scoring.thresholds import named_threshold, thresholds_of

FOUND: dict[str, Any] = {
    "best_f1": {"threshold": 0.615, "chosen": "the highest F1", "valid": {"kept": 0.4}, "test": None, "datasets": {}},
    "precision_0.9": {"threshold": None, "chosen": "the highest is 0.712", "valid": None, "test": None, "datasets": {}},
}


def model(tmp_path: Path, content: object) -> Path:
    (tmp_path / THRESHOLDS_FILE).write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_a_name_stands_for_its_score(tmp_path: Path) -> None:
    assert named_threshold(model(tmp_path, FOUND), "best_f1") == 0.615
    assert thresholds_of(tmp_path) == {"best_f1": 0.615}


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (FOUND, "best", r"has no threshold 'best': wanted one of 'best_f1', 'precision_0\.9'; or say a score"),
        (FOUND, "precision_0.9", r"has no score for 'precision_0\.9' \(the highest is 0\.712\): say it yourself"),
        ({}, "best_f1", "has no threshold 'best_f1': there are none"),
        ([], "best_f1", "is damaged .*: evaluate again"),
        ({"best_f1": {"threshold": "high", "chosen": ""}}, "best_f1", "is damaged .*: evaluate again"),
        ({"best_f1": {"threshold": 7.0, "chosen": ""}}, "best_f1", "is damaged .*: evaluate again"),
    ],
)  # fmt: skip
def test_what_is_no_score_is_said_in_one_line(tmp_path: Path, content: object, name: str, said: str) -> None:
    with pytest.raises(BonepickError, match=f"^{tmp_path / THRESHOLDS_FILE} {said}") as caught:
        named_threshold(model(tmp_path, content), name)
    assert "\n" not in str(caught.value)


def test_a_model_without_thresholds(tmp_path: Path) -> None:
    assert thresholds_of(tmp_path) == {}
    with pytest.raises(BonepickError, match=rf"^{tmp_path} has no {THRESHOLDS_FILE}.*--min-score"):
        named_threshold(tmp_path, "best_f1")
