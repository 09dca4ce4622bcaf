"""Files of fastText lines, as people have them: which rows they are, and why a line is none."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.data.fasttext_files import LabelledText, line_blocks
from bonepick.data.fasttext_lines import fasttext_line, fasttext_text
from bonepick.data.file_kinds import kind_of
from bonepick.data.row_loop import RejectedRow


def read(folder: Path, data: bytes, several: bool = False) -> tuple[list[tuple[int, LabelledText]], list[RejectedRow]]:
    """Rows with their line numbers, and what is rejected."""
    (folder / "train.txt").write_bytes(data)
    blocks = list(line_blocks(folder, "train", several, "quarantine"))
    rows = [row for block in blocks for row in zip(block.lines, block.items, strict=True)]
    return rows, [row for block in blocks for row in block.rejected]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"__label__a one\n__label__b two\n", id="plain"),
        pytest.param(b"\xef\xbb\xbf__label__a one\n__label__b two\n", id="byte order mark"),
        pytest.param(b"__label__a one\r\n__label__b two", id="no last line break, Windows' line ends"),
        pytest.param(b"__label__A\tone\n__label__b\0two\n", id="other ends of a label"),
        pytest.param(b"\t __label__a one\n __label__b __label__B two\n", id="space before, one label twice"),
    ],
)
def test_lines_as_people_have_them(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) == ([(1, LabelledText(("a",), "one")), (2, LabelledText(("b",), "two"))], [])


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    rows, rejected = read(tmp_path, b"\n__label__a one\n \t\n\r\n__label__b\n\n")
    assert (rows, rejected) == ([(2, LabelledText(("a",), "one")), (5, LabelledText(("b",), ""))], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"no label", "does not begin with __label__: wanted one __label__, a space and the text"),
        (b"__class__a text", r"\(if __class__ is the label prefix, sed 's/\^__class__/__label__/' changes it\)"),
        (b"__label__ text", "nothing is left of it"),
        (b"__label__a __label__b text", r"more than one label \(--multi-label takes several\)"),
        (b"__label__a text __label__b", "a label inside its text"),
        (b"__label__a caf\xe9", r"not valid UTF-8 \(byte 0xe9 at 14\).*iconv"),
    ],
)
def test_a_line_that_is_no_row_has_a_reason(tmp_path: Path, line: bytes, reason: str) -> None:
    rows, rejected = read(tmp_path, b"__label__a one\n\n" + line + b"\n__label__b two\n")
    assert [number for number, _ in rows] == [1, 4]
    assert [(row.line, row.raw) for row in rejected] == [(3, line)]
    assert "\n" not in rejected[0].reason
    with pytest.raises(BonepickError, match=rf"train\.txt:3: .*{reason}.*quarantine"):
        list(line_blocks(tmp_path, "train", False, "fail"))


def test_several_labels_and_none(tmp_path: Path) -> None:
    rows, rejected = read(tmp_path, b"__label__b  __label__A both\nnone __init__\n__label__a x __label__b\n", True)
    assert [row for _, row in rows] == [LabelledText(("b", "a"), "both"), LabelledText((), "none __init__")]
    assert "has a label inside its text: wanted labels and the text" in rejected[0].reason


def test_lines_that_all_lack_a_label_are_said(tmp_path: Path, notes: list[str]) -> None:
    """Where rows can have none, another prefix is no fault of a line."""
    rows, _ = read(tmp_path, b"__class__a one\n__class__b two\n", True)
    assert [row.labels for _, row in rows] == [(), ()]
    assert notes == [
        f"no line of {tmp_path / 'train.txt'} begins with __label__ (if __class__ is the label prefix, "
        "sed 's/^__class__/__label__/' changes it): none has a label"
    ]
    read(tmp_path, b"one\n__label__b two\n", True)
    read(tmp_path, b"\n", True)
    assert len(notes) == 1


def test_a_split_without_a_file_has_no_rows(tmp_path: Path) -> None:
    assert list(line_blocks(tmp_path, "valid", False, "fail")) == []


@given(labels=st.sets(st.sampled_from(["a", "3", "p,q"])), text=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, labels: set[str], text: str) -> None:
    line = fasttext_line(sorted(labels), f"x{text}")
    rows, rejected = read(tmp_path_factory.mktemp("lines"), line.encode() + b"\n", True)
    assert (rows, rejected) == ([(1, LabelledText(tuple(sorted(labels)), fasttext_text(f"x{text}")))], [])


@given(data=st.lists(st.binary(max_size=20) | st.sampled_from([b"__label__a x", b"\xef\xbb\xbf", b""]), max_size=8))
def test_each_line_is_a_row_blank_or_rejected(tmp_path_factory: pytest.TempPathFactory, data: list[bytes]) -> None:
    content = b"\n".join(data)
    assume(kind_of(content) is None)  # what begins like a packed file is refused as a whole
    rows, rejected = read(tmp_path_factory.mktemp("lines"), content)
    written = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    filled = [number for number, line in enumerate(written, 1) if line and not line.isspace()]
    assert sorted([number for number, _ in rows] + [row.line for row in rejected]) == filled
