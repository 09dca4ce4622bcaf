"""Tables are tables for readers of Markdown and of CSV, whatever names are in them."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bonepick.core.tables import as_csv, as_markdown, as_text, parsed_csv


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


def test_csv_quotes_what_needs_it() -> None:
    assert as_csv(["model", 'auc a,"b'], [["x", "0.5"]]) == 'model,"auc a,""b"\nx,0.5\n'


class Row(NamedTuple):
    a: str
    b: float | None
    c: int


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


@given(st.lists(st.builds(Row, CELL, st.none() | st.floats(allow_nan=False), st.integers()), max_size=5))
def test_what_is_written_is_read(rows: list[Row]) -> None:
    assert parsed_csv(as_csv(Row._fields, rows), Row) == rows


@pytest.mark.parametrize("text", ["a,c,b\n", "a,b\n", "a,b,c\nx,much,1\n", "a,b,c\nx,1.0,1.5\n", "a,b,c\nx,1.0\n"])
def test_another_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parsed_csv(text, Row)


def test_what_the_reader_of_csv_gives_up_on_is_no_table() -> None:
    with pytest.raises(ValueError, match="field larger than field limit"):
        parsed_csv(f"a,b,c\n{'x' * 200_000}", Row)


def test_nothing_is_an_empty_cell() -> None:
    assert as_csv(("a", "b"), [(1, None), (0.5, "x")]) == "a,b\n1,\n0.5,x\n"


def test_plain_text_is_aligned() -> None:
    assert as_text([["model", "auc"], ["fasttext", "0.913"]]) == "model       auc\nfasttext  0.913\n"
