"""Tables are tables for readers of Markdown and of CSV, whatever names are in them."""

import csv
import io
import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bonepick.core.cells import csv_cell, csv_text, on_one_line
from bonepick.core.tables import as_csv, as_markdown, as_text, parsed_csv

CELL = st.text(st.characters(exclude_categories=["Cs"])) | st.text("a'=+-@,\"|\r\n\t\0\x1c\x85\u2028 1.", max_size=8)


def rendered(markdown: str) -> list[list[str]]:
    """The cells of a table as a reader of Markdown finds them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    return rows


def spoken(markdown: str) -> list[list[str]]:
    """The cells as their reader shows them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


def test_markdown_is_aligned_as_text_too() -> None:
    table = [["model", "auc", "auc x"], ["fasttext", "0.913", "-"], ["a", "0.5", "0.123"]]
    assert as_markdown(table) == (
        "| model    |   auc | auc x |\n"
        "|:---------|------:|------:|\n"
        "| fasttext | 0.913 |     - |\n"
        "| a        |   0.5 | 0.123 |\n"
    )
    assert rendered(as_markdown(table)) == table


def test_a_name_with_a_bar_in_it_stays_in_its_cell() -> None:
    """Datasets are called like their folders, whatever these are called."""
    table = [["model", "auc a|b"], ["x", "0.5"]]
    assert rendered(as_markdown(table)) == table


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4))
def test_markdown_has_a_line_a_row_and_shows_names_as_they_are(rows: list[tuple[str, str]]) -> None:
    table = [["a", "b"], *([*row] for row in rows)]
    text = as_markdown(table)
    assert len(text.splitlines()) == len(table) + 1
    shown = [[" ".join(on_one_line(cell).split()) for cell in row] for row in table]
    assert [[" ".join(cell.split()) for cell in row] for row in spoken(text)] == shown


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>", "[a](javascript:b)", "![a](b)", "`a`", "**a**", "_a_", "a\\|b", "&lt;", "~~a~~",
        "<https://host>", "[a][b]", "$a$", "\\*a", "[a]: b",
    ],
)  # fmt: skip
def test_no_name_is_markup(name: str) -> None:
    assert spoken(as_markdown([["model"], [name]])) == [["model"], [name]]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(as_markdown([["model"], [name]]))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special"}


def test_a_long_name_is_cut_for_people() -> None:
    for shown in (as_markdown([["model"], ["x" * 200_000]]), as_text([["model"], ["x" * 200_000]])):
        assert max(map(len, shown.splitlines())) < 400
        assert "x…" in shown


def test_plain_text_sends_no_codes_to_a_terminal() -> None:
    assert as_text([["model"], ["a\x1b[2Jb\nc\u202ed"]]) == "model\na\\x1b[2Jb\\nc\\u202ed\n"


def test_csv_quotes_what_needs_it() -> None:
    assert as_csv(["model", 'auc a,"b'], [["x", "0.5"]]) == 'model,"auc a,""b"\nx,0.5\n'


class Row(NamedTuple):
    a: str
    b: float | None
    c: int


@given(st.lists(st.builds(Row, CELL, st.none() | st.floats(allow_nan=False), st.integers()), max_size=5))
def test_what_is_written_is_read(rows: list[Row]) -> None:
    assert parsed_csv(as_csv(Row._fields, rows), Row) == rows


@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_other_readers_of_csv_find_the_same_cells(rows: list[tuple[str, str]]) -> None:
    found = list(csv.reader(io.StringIO(as_csv(("a", "b"), rows), newline="")))
    assert [[csv_text(cell) for cell in row] for row in found] == [["a", "b"], *map(list, rows)]


@given(CELL)
def test_no_text_is_a_formula(text: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(as_csv([text], []), newline=""))
    numbers = r"[-+]?[\d.]+(e[-+]?\d+)?"
    assert not re.match(r"[=+\-@\t\r\n].", cell, re.DOTALL) or re.fullmatch(numbers, text), "but for numbers"


@pytest.mark.parametrize("text", ["-1.5", "+3", "-", "-1e-07", "a-b", "'tis", "-0.05 [-0.1, 0.2]", "0.9 [0.8, 1.0]"])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert csv_cell(text).strip('"') == text


def test_a_long_cell_is_whole() -> None:
    rows = [Row("x" * 200_000, 0.5, 1)]
    assert parsed_csv(as_csv(Row._fields, rows), Row) == rows


@pytest.mark.parametrize("text", ["a,c,b\n", "a,b\n", "a,b,c\nx,much,1\n", "a,b,c\nx,1.0,1.5\n", "a,b,c\nx,1.0\n"])
def test_another_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parsed_csv(text, Row)


def test_nothing_is_an_empty_cell() -> None:
    assert as_csv(("a", "b"), [(1, None), (0.5, "x")]) == "a,b\n1,\n0.5,x\n"


def test_plain_text_is_aligned() -> None:
    assert as_text([["model", "auc"], ["fasttext", "0.913"]]) == "model       auc\nfasttext  0.913\n"
