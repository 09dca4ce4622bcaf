"""Transform reshapes rows with jq: what the three expressions yield is merged, and a fault is never silent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.preparation.transform import TransformParams, transform_dataset

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
ROWS = [{"text": f"text {n}", "score": n / 2, "source": "web", "n": n} for n in range(30)]
LABEL = '{score: (.score | numbers | if . < 2 then "neg" else "pos" end)}'


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(
        tmp_path / "in", {"train/b.jsonl": ROWS[:20], "train/a/x.jsonl.gz": ROWS[20:25], "test/b.json": ROWS[25:]}
    )


def one(tmp_path: Path, write: Write, read: Read, row: dict[str, Any], **params: str) -> dict[str, Any]:
    write(tmp_path / "one", {"train/a.jsonl": [row]})
    transform_dataset(tmp_path / "one", tmp_path / "out", TransformParams(**params), run=Run(overwrite=True))
    (made,) = read(tmp_path / "out" / "train" / "a.jsonl.zst")
    return made


def test_shards_keep_their_names_and_rows_their_order(tmp_path: Path, source: Path, read: Read) -> None:
    transform_dataset(source, tmp_path / "out", TransformParams(label=LABEL, keep="{n}"))
    found = {
        path.relative_to(tmp_path / "out").as_posix(): [row["n"] for row in read(path)]
        for path in (tmp_path / "out").rglob("*.zst")
    }
    assert found == {
        "train/b.jsonl.zst": list(range(20)),
        "train/a/x.jsonl.zst": list(range(20, 25)),
        "test/b.jsonl.zst": list(range(25, 30)),
    }


def test_by_default_text_and_score_stay_and_the_rest_goes(tmp_path: Path, write: Write, read: Read) -> None:
    assert one(tmp_path, write, read, ROWS[3]) == {"text": "text 3", "score": 1.5}


def test_what_is_yielded_is_merged_in_the_order_keep_text_label(tmp_path: Path, write: Write, read: Read) -> None:
    params = {"keep": "{a: 1, b: 1, c: 1}", "text": '{b: "2", c: 2}', "label": "{c: 3}"}
    assert list(one(tmp_path, write, read, ROWS[0], **params).items()) == [("a", 1), ("b", "2"), ("c", 3)]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"text": "{text: .txt}"}, "there is no text in it"),
        ({"label": "empty"}, "jq expression 'empty' yields nothing .*, wanted one value"),
        ({"text": "{text: .text}, {text: .source}"}, "yields 2, wanted one value"),
        ({"keep": ".n"}, "jq expression '.n' yields 3, wanted an object"),
        ({"keep": "[.n]"}, r"yields \[3\], wanted an object"),
        ({"label": "null"}, "yields None, wanted an object"),
        ({"text": "{text: .text.deep}"}, "fails: .*Cannot index string"),
        ({"label": "{score: .missing}"}, "label is None"),
        ({"text": "{text: env.HOME}"}, "env is closed here"),
    ],
)
def test_a_row_that_does_not_fit_is_an_error_with_file_and_line(
    tmp_path: Path, write: Write, params: dict[str, str], said: str
) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [ROWS[3]]})
    with pytest.raises(BonepickError, match=rf"in/train/a\.jsonl:1: .*{said}"):
        transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(**params))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("number", "refused"), [(2**53 - 1, False), (2**53 + 1, True), (-(2**53) - 1, True), (2**63, True)]
)
def test_an_integer_that_jq_may_have_changed_is_never_written(
    tmp_path: Path, write: Write, read: Read, number: int, refused: bool
) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [{"text": "x", "score": 1, "meta": {"ids": [0, number]}}]})
    params = TransformParams(keep="{meta}")
    if refused:
        with pytest.raises(BonepickError, match=r"a\.jsonl:1: .*jq does not hold integers from 2\^53 on"):
            transform_dataset(tmp_path / "in", tmp_path / "out", params)
    else:
        transform_dataset(tmp_path / "in", tmp_path / "out", params)
        assert read(tmp_path / "out/train/a.jsonl.zst")[0]["meta"] == {"ids": [0, number]}


@pytest.mark.parametrize("part", ["text", "label", "keep"])
def test_an_expression_that_does_not_compile_is_refused_before_any_row(tmp_path: Path, write: Write, part: str) -> None:
    write(tmp_path / "in", {"train/a.jsonl": b"not json\n"})
    with pytest.raises(BonepickError, match=r"'\{a: \.a' does not compile: .*line 1, column"):
        transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(**{part: "{a: .a"}))


@pytest.mark.parametrize("score", [None, "4", True, []])
def test_the_documented_label_expression_takes_numbers_alone(tmp_path: Path, write: Write, score: object) -> None:
    """jq orders null below and strings above every number: without `numbers` they would become labels silently."""
    write(tmp_path / "in", {"train/a.jsonl": [{"text": "x", "score": score}]})
    with pytest.raises(BonepickError, match=r"yields nothing .*, wanted one value"):
        transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(label=LABEL))


def test_bad_rows_go_to_quarantine_with_line_reason_and_raw_text(tmp_path: Path, write: Write, read: Read) -> None:
    lines = [
        b'{"text": "a", "score": 1}',
        b'{"text": "\xff", "score": 1}',
        b"",
        b'{"text": "c"}',
        b'{"text": "d", "score": 9}',
    ]
    write(tmp_path / "in", {"train/part/a.jsonl.gz": b"\n".join(lines), "test/a.jsonl": [ROWS[0]]})
    transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(label=LABEL), "quarantine")
    made = read(tmp_path / "out" / "train" / "part" / "a.jsonl.zst")
    assert made == [{"text": "a", "score": "neg"}, {"text": "d", "score": "pos"}]
    aside = read(tmp_path / "out" / "quarantine" / "train" / "part" / "a.jsonl")
    assert [row["line"] for row in aside] == [2, 4]
    assert aside[0]["raw"] == '{"text": "\\xff", "score": 1}'
    assert aside[1]["raw"] == lines[3].decode()
    assert "utf-8" in aside[0]["reason"].lower()
    assert "yields nothing" in aside[1]["reason"]
    splits = json.loads((tmp_path / "out" / "dataset.json").read_text())["splits"]
    assert splits["train"] == {"rows": 2, "rejected": 2, "labels": {"neg": 1, "pos": 1}}
    assert splits["test"] == {"rows": 1, "rejected": 0, "labels": {"neg": 1}}


def test_the_summary_says_how_many_rows_went_where(tmp_path: Path, write: Write, notes: list[str]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": b'{"text": "a", "score": 1}\n[]\n'})
    transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(), "quarantine")
    (note,) = notes
    assert "1 rows, 1 rejected" in note
    assert str(tmp_path / "out" / "quarantine") in note


def test_bytes_are_the_same_for_two_workers_and_other_packing(
    tmp_path: Path, source: Path, write: Write, tree: Tree, small_blocks: int
) -> None:
    params = TransformParams(label=LABEL, keep="{n}")
    transform_dataset(source, tmp_path / "one", params)
    transform_dataset(source, tmp_path / "two", params, run=Run(workers=2))
    files = {"train/b.jsonl.zst": ROWS[:20], "train/a/x.json": ROWS[20:25], "test/b.jsonl.gz": ROWS[25:]}
    transform_dataset(write(tmp_path / "other", files), tmp_path / "three", params)
    assert tree(tmp_path / "one") == tree(tmp_path / "two") == tree(tmp_path / "three")


def test_a_plain_tree_is_mirrored(tmp_path: Path, write: Write, read: Read, tree: Tree) -> None:
    write(
        tmp_path / "in", {"a.jsonl": ROWS[:1], "deep/b.json.gz": b'{"text": "b", "score": 1}\n[]\n', "empty.jsonl": b""}
    )
    transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(), "quarantine")
    assert sorted(tree(tmp_path / "out")) == [
        ".bonepick.json",
        "a.jsonl.zst",
        "dataset.json",
        "deep/b.jsonl.zst",
        "empty.jsonl.zst",
        "quarantine/deep/b.jsonl",
    ]
    assert read(tmp_path / "out" / "empty.jsonl.zst") == []


@pytest.mark.parametrize("output", ["in", "in/inside", "."])
def test_an_output_that_overlaps_the_input_is_refused(tmp_path: Path, source: Path, tree: Tree, output: str) -> None:
    before = tree(tmp_path)
    with pytest.raises(BonepickError, match="overlap: choose a folder beside it"):
        transform_dataset(source, tmp_path / output, TransformParams(), run=Run(overwrite=True))
    assert tree(tmp_path) == before


def test_a_label_that_rows_name_and_none_has_is_counted_as_none(tmp_path: Path, source: Path) -> None:
    params = TransformParams(label="{score: {good: 1, long: 0}}")
    transform_dataset(source, tmp_path / "out", params)
    splits = json.loads((tmp_path / "out" / "dataset.json").read_text())["splits"]
    assert splits["train"]["labels"] == {"good": 25, "long": 0}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"text": '{text: .n, title: "x"}'}, "text field 'text' is 3, wanted a string"),
        ({"text": '{text: " ", title: "x"}'}, "text field 'text' is empty"),
        ({"text": '{text: null, title: "x"}'}, "text field 'text' is None, wanted a string"),
        ({"label": '{score: .missing, other: "x"}'}, "yields no label: label is None"),
        ({"label": "{score: [1], other: 1}"}, r"yields no label: label is \[1\]"),
        ({"label": "{score: nan}"}, "nan is closed here"),
        ({"label": '{score: {a: "x"}}'}, "yields no label: label 'a' is 'x', wanted 0 or 1"),
        ({"label": "{score: .scor}"}, "the row has text, score, source, n"),
        (
            {"text": "{text: .content}"},
            "there is no text in it; the row has text, score, source, n: .*--text-transform",
        ),
        ({"text": "{text: .txt}", "label": "{text: .text, score: .n}"}, r"yields \{'text': None\}.*--text-transform"),
        ({"label": "{score: .scor}"}, r"--label-transform, -l"),
    ],
)
def test_what_the_next_command_cannot_use_is_refused_here(
    tmp_path: Path, write: Write, params: dict[str, str], said: str
) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [ROWS[3]]})
    with pytest.raises(BonepickError, match=rf"in/train/a\.jsonl:1: .*{said}"):
        transform_dataset(tmp_path / "in", tmp_path / "out", TransformParams(**params))


@pytest.mark.parametrize(
    ("params", "made"),
    [
        ({"label": "{}"}, {"text": "text 3"}),
        ({"text": "{body: .text, title: null}"}, {"body": "text 3", "title": None, "score": 1.5}),
        ({"label": "{score: .n, reason: null}"}, {"text": "text 3", "score": 3, "reason": None}),
        ({"label": "{score: {a: 1, b: 0}}"}, {"text": "text 3", "score": {"a": 1, "b": 0}}),
    ],
)
def test_other_fields_and_no_label_at_all_are_fine(
    tmp_path: Path, write: Write, read: Read, params: dict[str, str], made: dict[str, Any]
) -> None:
    assert one(tmp_path, write, read, ROWS[3], **params) == made
