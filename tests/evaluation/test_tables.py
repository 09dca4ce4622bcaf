"""Tables are tables for readers of Markdown and of CSV, whatever names are in them."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bonepick.evaluation.tables import as_csv, as_markdown, parsed_csv, write_csv


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
    assert as_csv([["model", 'auc a,"b'], ["x", "0.5"]]) == 'model,"auc a,""b"\nx,0.5\n'


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_what_is_written_is_read(rows: list[tuple[str, str]]) -> None:
    assert parsed_csv(as_csv([("a", "b"), *rows])) == [{"a": a, "b": b} for a, b in rows]


def test_nothing_is_an_empty_cell(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ("a", "b"), [(1, None), (0.5, "x")])
    assert (tmp_path / "t.csv").read_bytes() == b"a,b\n1,\n0.5,x\n"
