"""The distribution of labels: counts, shares and lengths are those that numpy and plain counting give."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.label_distribution import PERCENTS, LabelDistribution, label_distribution, quantiles

Write = Callable[..., Path]
Row = dict[str, Any]
ROWS: list[Row] = [{"text": "é" * (1 + n * n % 97), "score": [10.0, "9", 9, "10"][n % 4]} for n in range(100)]


def labels_of(found: LabelDistribution) -> dict[str, dict[str, int]]:
    return {split.split: {label.label: label.rows for label in split.labels} for split in found.splits}


@given(st.lists(st.integers(0, 300), min_size=1, max_size=200))
def test_quantiles_are_lengths_that_occur(lengths: list[int]) -> None:
    expected = np.percentile(lengths, PERCENTS, method="inverted_cdf")
    assert list(quantiles(Counter(lengths)).values()) == expected.tolist()


def test_counts_shares_and_lengths_per_label_and_split(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"test/a.jsonl": ROWS[:10], "train/a.jsonl.gz": ROWS[10:60], "train/b.jsonl": ROWS[60:]})
    found = label_distribution([tmp_path / "in"], RowParams())
    assert [split.split for split in found.splits] == ["train", "test"]
    train = found.splits[0]
    assert [label.label for label in train.labels] == ["9", "10"], "labels are canonical, and numbers go by value"
    for label in train.labels:
        texts = [row["text"] for row in ROWS[10:] if str(int(row["score"])) == label.label]
        assert (label.rows, label.share) == (len(texts), round(len(texts) / 90, 6))
        assert label.characters["p50"] == sorted(map(len, texts))[(len(texts) + 1) // 2 - 1]
        assert list(label.characters) == ["p5", "p25", "p50", "p75", "p95"]
    assert (train.rows, train.rejected, found.splits[1].rows) == (90, 0, 10)


def test_labels_come_in_the_order_that_is_wanted(tmp_path: Path, write: Write, notes: list[str]) -> None:
    rows = [{"text": "x", "score": label} for label in ("good", "bad", "ugly", "good")]
    write(tmp_path / "in", {"a.jsonl": rows})
    found = label_distribution([tmp_path / "in"], RowParams(), ["ugly", "bad", "good"])
    assert list(labels_of(found)[""].items()) == [("ugly", 1), ("bad", 1), ("good", 2)]
    assert notes == []
    assert list(labels_of(label_distribution([tmp_path / "in"], RowParams()))[""]) == ["bad", "good", "ugly"]
    assert "alphabetically" in notes[0]
    notes.clear()
    label_distribution([tmp_path / "in"], RowParams(), ["worst", "ugly", "bad", "good"])
    assert notes == ["labels: worst occurs nowhere, others of the list do: bad, good, ugly"]
    with pytest.raises(UsageError, match="'ugly' occurs in the data"):
        label_distribution([tmp_path / "in"], RowParams(), ["bad", "good"])


def test_several_inputs_are_taken_together_and_workers_change_nothing(
    tmp_path: Path, write: Write, small_blocks: int
) -> None:
    inputs = [
        write(tmp_path / name, {"train/a.jsonl": ROWS[part]})
        for name, part in (("x", slice(40)), ("y", slice(40, 100)))
    ]
    whole = write(tmp_path / "whole", {"train/a.jsonl": ROWS})
    expected = label_distribution([whole], RowParams())
    assert labels_of(expected) == {"train": {"9": 50, "10": 50}}
    assert label_distribution(inputs, RowParams(), run=Run(workers=2)) == expected


def test_other_fields(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"a.jsonl": [{"body": "abc", "meta": {"ok": True}}, {"body": "x", "meta": {"ok": False}}]})
    found = label_distribution([tmp_path / "in"], RowParams(text_field="body", label_field=".meta.ok"))
    assert labels_of(found) == {"": {"false": 1, "true": 1}}
    assert found.splits[0].labels[1].characters["p5"] == 3


def test_bad_rows_stop_or_are_counted(tmp_path: Path, write: Write, notes: list[str]) -> None:
    write(
        tmp_path / "in", {"train/a.jsonl": [{"text": "x"}, *ROWS[:4], {"text": "", "score": 1}], "test/a.jsonl": b"{"}
    )
    with pytest.raises(BonepickError, match=r"train/a\.jsonl:1: label field 'score' is missing"):
        label_distribution([tmp_path / "in"], RowParams())
    found = label_distribution([tmp_path / "in"], RowParams(on_error="quarantine"))
    assert [(split.rows, split.rejected, len(split.labels)) for split in found.splits] == [(4, 2, 2), (0, 1, 0)]
    assert "3 rows were rejected" in notes[0]
    assert str(found).splitlines()[-1] == "test: 0 rows"


def test_the_table_and_the_json_say_the_same(tmp_path: Path, write: Write) -> None:
    rows = [{"text": "x" * 1500, "score": "neg"}] * 3 + [{"text": "y" * 7, "score": "pos"}]
    write(tmp_path / "in", {"train/a.jsonl": rows})
    found = label_distribution([tmp_path / "in"], RowParams(), ["neg", "pos"])
    title, head, neg, pos = str(found).splitlines()
    assert title == "train: 4 rows"
    assert head.split() == ["label", "rows", "share", "5%", "25%", "median", "75%", "95%", "characters"]
    assert neg.split() == ["neg", "3", "75.0%", "█" * 22, *["1,500"] * 5]
    assert pos.split() == ["pos", "1", "25.0%", "█" * 8, *["7"] * 5]
    assert head.index("median") + len("median") == neg.index("1,500", neg.index("1,500") + 12) + 5, "columns line up"
    (split,) = json.loads(found.json())
    assert (split["split"], split["rows"], split["rejected"]) == ("train", 4, 0)
    lengths = {f"p{percent}": 7 for percent in PERCENTS}
    assert split["labels"][1] == {"label": "pos", "rows": 1, "share": 0.25, "characters": lengths}


def test_a_tree_without_splits_has_no_name_and_a_rare_label_a_bar(tmp_path: Path, write: Write) -> None:
    rows = [{"text": "x", "score": 1}] * 999 + [{"text": "x", "score": 0}]
    write(tmp_path / "in", {"a.jsonl": rows})
    lines = str(label_distribution([tmp_path / "in"], RowParams())).splitlines()
    assert lines[0] == "1,000 rows"
    assert lines[2].split()[:4] == ["0", "1", "0.1%", "▏"]


def test_labels_that_would_spoil_the_terminal_are_shown_quoted_and_cut(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"a.jsonl": [{"text": "x", "score": "\x1b[31mred"}, {"text": "x", "score": "long" * 50}]})
    found = label_distribution([tmp_path / "in"], RowParams())
    assert "\x1b" not in str(found)
    assert max(map(len, str(found).splitlines())) < 160
    assert set(labels_of(found)[""]) == {"\x1b[31mred", "long" * 50}


def test_a_label_that_a_split_lacks_is_there_with_no_rows(tmp_path: Path, write: Write) -> None:
    one = [{"text": "xy", "score": label} for label in (0, 1)]
    write(tmp_path / "one", {"train/a.jsonl": one[:1], "valid/a.jsonl": one, "test/a.jsonl": b""})
    found = label_distribution([tmp_path / "one"], RowParams())
    assert labels_of(found)["train"] == {"0": 1, "1": 0}
    (lacking,) = found.splits[0].labels[1:]
    assert (lacking.share, lacking.characters) == (0.0, {})
    (line,) = [line for line in str(found).splitlines()[:4] if line.startswith("1 ")]
    assert line.split() == ["1", "0", "0.0%"]
    several = [{"text": "xy", "score": {"code": 1, "long": 0}}]
    write(tmp_path / "several", {"train/a.jsonl": several})
    assert labels_of(label_distribution([tmp_path / "several"], RowParams())) == {"train": {"code": 1, "long": 0}}


def test_all_different_labels_are_not_repeated_in_each_split(tmp_path: Path, write: Write) -> None:
    rows = [{"text": "x", "score": n / 200} for n in range(120)]
    write(tmp_path / "in", {"train/a.jsonl": rows[:100], "test/a.jsonl": rows[100:]})
    found = labels_of(label_distribution([tmp_path / "in"], RowParams()))
    assert {split: len(labels) for split, labels in found.items()} == {"train": 100, "test": 20}
