"""`dataset.json` says what made a dataset and what is in it, the same on every machine."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.params import Params
from bonepick.data.dataset import DatasetInfo, DatasetTally, SplitInfo, common_normalizer
from bonepick.data.transforming import TransformParams, transform_dataset


@dataclass(frozen=True, kw_only=True)
class Knobs(Params):
    rate: float = 0.5


def tally(*calls: tuple[str, list[bytes], list[str]]) -> DatasetTally:
    made = DatasetTally()
    for split, lines, labels in calls:
        made.add(split, lines, labels)
    return made


def test_the_whole_description(tmp_path: Path) -> None:
    made = tally(("train", [b"a", b"b"], ["pos", "neg"]), ("test", [b"c"], ["pos"]))
    made.add("train", [], [], set_aside=3)
    made.info("transform", Knobs(), {"name": "potion", "version": 1}).save(tmp_path)
    digests = {"test": sha256(b"c\n").hexdigest(), "train": sha256(b"a\nb\n").hexdigest()}
    whole = sha256("".join(f"{split}:{digest}\n" for split, digest in digests.items()).encode()).hexdigest()
    raw = (tmp_path / "dataset.json").read_text()
    assert json.loads(raw) == {
        "format": 1,
        "made_by": {"operation": "transform", "params": {"rate": 0.5}},
        "splits": {
            "test": {"rows": 1, "set_aside": 0, "labels": {"pos": 1}},
            "train": {"rows": 2, "set_aside": 3, "labels": {"neg": 1, "pos": 1}},
        },
        "normalizer": {"name": "potion", "version": 1},
        "digest": whole,
        "label_form": {"multi_label": False, "bin_edges": []},
    }
    assert raw == json.dumps(json.loads(raw), indent=2, sort_keys=True) + "\n"
    assert (made.rows, made.set_aside) == (3, 3)


def test_it_reads_back(tmp_path: Path) -> None:
    info = tally(("train", [b"a"], ["pos"])).info("transform", Knobs())
    info.save(tmp_path)
    found = DatasetInfo.load(tmp_path)
    assert found == info
    assert found is not None
    assert found.splits == {"train": SplitInfo(rows=1, labels={"pos": 1})}


def test_the_digest_depends_on_lines_and_their_split_and_not_on_how_they_came() -> None:
    def digest(*calls: tuple[str, list[bytes], list[str]]) -> str:
        return tally(*calls).info("x", Knobs()).digest

    whole = digest(("train", [b"a", b"b"], []), ("test", [b"c"], []))
    assert whole == digest(("test", [b"c"], []), ("train", [b"a"], []), ("train", [b"b"], []))
    others = [
        digest(("train", [b"b", b"a"], []), ("test", [b"c"], [])),
        digest(("train", [b"a", b"b", b"c"], [])),
        digest(("test", [b"a", b"b"], []), ("train", [b"c"], [])),
        digest(("train", [b"ab"], []), ("test", [b"c"], [])),
    ]
    assert len({whole, *others}) == 5


def test_labels_that_are_all_different_are_not_listed() -> None:
    few = tally(("train", [], [str(n) for n in range(100)])).info("x", Knobs())
    many = tally(("train", [], [str(n) for n in range(101)])).info("x", Knobs())
    assert (len(few.splits["train"].labels), many.splits["train"].labels) == (100, {})


def test_the_same_rows_have_the_same_description_wherever_they_lie_and_however_they_are_packed(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    rows = [{"text": f"t{n}", "score": n} for n in range(9)]
    for folder, names in (("x", ["a.jsonl", "b.jsonl"]), ("y/deep", ["0.json.zst", "1.jsonl.gz"])):
        files = {f"train/{names[0]}": rows[:4], f"train/{names[1]}": rows[4:]}
        transform_dataset(write(tmp_path / folder / "in", files), tmp_path / folder / "out", TransformParams())
    found = [(tmp_path / folder / "out" / "dataset.json").read_text() for folder in ("x", "y/deep")]
    assert found[0] == found[1]
    assert "/" not in found[0]


def test_a_dataset_made_elsewhere_has_none(tmp_path: Path) -> None:
    assert DatasetInfo.load(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"made_by": 3}', '{"format": 1'])
def test_a_description_that_cannot_be_read_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(BonepickError, match=r"dataset\.json: not a description that this version reads"):
        DatasetInfo.load(tmp_path)


def described(folder: Path, normalizer: dict[str, Any] | None) -> Path:
    folder.mkdir()
    tally(("train", [b"a"], [])).info("x", Knobs(), normalizer).save(folder)
    return folder


POTION = {"name": "potion", "version": 1}


def test_normalizers_that_agree_are_the_common_one(tmp_path: Path, notes: list[str]) -> None:
    folders = [described(tmp_path / name, POTION) for name in "ab"]
    assert common_normalizer(folders) == POTION
    assert common_normalizer([described(tmp_path / "raw", None)]) is None
    assert notes == []


def test_the_description_that_was_read_is_the_one_that_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders, load, asked = [described(tmp_path / name, POTION) for name in "ab"], DatasetInfo.load, []
    monkeypatch.setattr(DatasetInfo, "load", lambda folder: asked.append(folder) or load(folder))
    assert common_normalizer(folders) == POTION
    assert asked == folders


@pytest.mark.parametrize("other", [None, {"name": "plsfix", "version": 1}, {"name": "potion", "version": 2}])
def test_normalizers_that_differ_are_refused(tmp_path: Path, other: dict[str, Any] | None) -> None:
    folders = [described(tmp_path / "a", POTION), described(tmp_path / "b", other)]
    with pytest.raises(BonepickError, match="normalizers differ"):
        common_normalizer(folders)
    with pytest.raises(BonepickError, match="normalizers differ"):
        common_normalizer(folders[::-1])


def test_a_dataset_that_says_nothing_beside_one_that_does_is_not_taken_for_normalized_silently(
    tmp_path: Path, notes: list[str]
) -> None:
    (tmp_path / "foreign").mkdir()
    found = common_normalizer([described(tmp_path / "a", POTION), tmp_path / "foreign"])
    assert found is None or notes
