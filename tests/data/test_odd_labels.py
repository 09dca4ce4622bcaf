"""Labels that are probably not meant are refused, or said, before anything long is done with them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.data.odd_labels import check_classes, refuse_scores
from bonepick.data.rows import RowParams
from bonepick.preparation.balance import BalanceParams, balance_dataset
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.label_distribution import label_distribution

Write = Callable[..., Path]


def scores(n: int) -> list[str]:
    return [f"{number / 7:.6f}" for number in range(n)]


@pytest.mark.parametrize(
    ("rows_of_label", "said"),
    [
        (Counter(scores(101) * 3), r"more than 100 labels are numbers .* --auto N.* jq .*transform-dataset"),
        (Counter(scores(60)), r"each of 60 rows has a label of its own .* --auto N.* jq"),
        (Counter(f"neg,word{n}" for n in range(60)), r"each of 60 rows has a label of its own .*--label-field"),
    ],
    ids=["many numbers", "a number a row", "a word a row"],
)
def test_what_is_no_class_is_refused(rows_of_label: Counter[str], said: str) -> None:
    with pytest.raises(BonepickError, match=f"^here: {said}") as error:
        check_classes(rows_of_label, "here")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("rows_of_label", "said"),
    [
        (Counter({"0": 9, "1": 9, "nan": 5}), "labels are numbers (0, 1) and words (nan), all of them classes"),
        (Counter({"a": 40, "b": 1, "c": 1}), "of 3 labels 2 have one row each: b, c"),
        (
            Counter({str(n): 2 for n in range(150)}),
            "150 labels are numbers, each of them a class of its own: if not so,",
        ),
    ],
)
def test_what_is_odd_is_said_once(notes: list[str], rows_of_label: Counter[str], said: str) -> None:
    check_classes(rows_of_label, "here")
    (note,) = notes
    assert note.startswith(f"here: {said}")


@pytest.mark.parametrize(
    "rows_of_label",
    [Counter(neg=300, pos=20), Counter("ab"), Counter(str(n % 6) for n in range(90)), Counter(scores(100) * 2)],
)
def test_what_is_usual_is_not(notes: list[str], rows_of_label: Counter[str]) -> None:
    check_classes(rows_of_label, "here")
    assert notes == []


def test_cluster_numbers_and_words_may_be_many() -> None:
    refuse_scores([str(n) for n in range(500)], "here")
    refuse_scores([f"topic{n}.5" for n in range(500)], "here")


def test_scores_are_not_balanced(tmp_path: Path, write: Write, notes: list[str]) -> None:
    rows = [{"text": f"text {n}", "score": n / 7} for n in range(150)]
    write(tmp_path / "in", {"train/a.jsonl": rows})
    with pytest.raises(BonepickError, match=r"train/ of .*in: more than 100 labels are numbers"):
        balance_dataset([tmp_path / "in"], tmp_path / "out", BalanceParams(), RowParams())
    assert not (tmp_path / "out").exists()


def test_scores_are_not_converted_but_into_bins(tmp_path: Path, write: Write, notes: list[str]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [{"text": f"text {n}", "score": n / 7} for n in range(150)]})
    with pytest.raises(BonepickError, match=r"train/ of .*in: more than 100 labels are numbers"):
        convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(), RowParams())
    assert not (tmp_path / "out").exists()
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(auto=3), RowParams())


def test_scores_are_shown_and_told_for_what_they_are(tmp_path: Path, write: Write, notes: list[str]) -> None:
    write(tmp_path / "in", {"a.jsonl": [{"text": f"text {n}", "score": n / 7} for n in range(150)]})
    (split,) = label_distribution([tmp_path / "in"], RowParams()).splits
    assert len(split.labels) == 150
    (note,) = notes
    assert "--auto N" in note


def test_labels_that_a_split_lacks_are_one_note(tmp_path: Path, write: Write, notes: list[str]) -> None:
    rows: list[dict[str, Any]] = [{"text": f"text {n}", "score": f"topic{n % 30}"} for n in range(60)]
    write(tmp_path / "in", {"train/a.jsonl": rows, "test/a.jsonl": rows[:2]})
    balance_dataset([tmp_path / "in"], tmp_path / "out", BalanceParams(), RowParams())
    (missing,) = [said for said in notes if "no row in" in said]
    assert "have no row in test/: the others are balanced without them" in missing
