"""Cells of tables: names and other data as CSV, Markdown and a terminal show them, never as what these take for code.

In CSV nothing is lost: what `csv_cell` writes, `csv_text` reads. What is for people alone is cut and made one line.
"""

import html
import re
import unicodedata

SHOWN = 300
"""Characters of a cell that is for people."""
LONGEST_WORD = 1_000
LONGEST_LINE = 2_000
"""Characters of a sentence with several such names in it."""
# what spreadsheets run: they take a text that begins like this for a formula, but for numbers
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠].", re.DOTALL)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBERS = re.compile(rf"{_NUMBER}(?: \[{_NUMBER}, {_NUMBER}\])?")
_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows, so that a line reads otherwise than it is."""
# `_` inside a word and a lone bracket are what they are; the other letters mean something wherever they stand
_MARKDOWN = re.compile(r"[\\`*|~$]|(?<![^\W_])_|_(?![^\W_])|(?<=\])[(\[:]|(?<=[A-Za-z]):(?=//)|(?<=\bwww)\.")


def csv_cell(value: object) -> str:
    """Return a value as a cell of CSV; None is empty, and a text that a spreadsheet would run gets an apostrophe.

    >>> csv_cell("a, b"), csv_cell("=1+1"), csv_cell("-1.5"), csv_cell(-1.5), csv_cell(None)
    ('"a, b"', "'=1+1", '-1.5', '-1.5', '')
    """
    text = "" if value is None else str(value)
    if isinstance(value, str) and _FORMULA.match(text) and not _NUMBERS.fullmatch(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if re.search('[,"\r\n]', text) else text


def csv_text(cell: str) -> str:
    """Return the text that `csv_cell` made a cell of, once its quotes are off.

    >>> csv_text("'=1+1"), csv_text("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def on_one_line(text: str, limit: int = SHOWN) -> str:
    r"""Return a text for people, on one line: what cannot be seen as escapes, cut to `limit` characters.

    >>> on_one_line("a\nb\x00"), on_one_line("abcdef", limit=4)
    ('a\\nb\\x00', 'abc…')
    """
    # cut first: a name can be very long; an escape that is cut in two is still none
    text = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return text if text.isprintable() else "".join(map(_visible, text))


def as_message(text: str) -> str:
    """Return a sentence on one line, what cannot be seen as escapes, and very long words in it cut.

    >>> as_message("two\\nlines " + "x" * 5_000)[:20]
    'two lines xxxxxxxxxx'
    """
    line = re.sub(rf"(\S{{{LONGEST_WORD}}})\S+", r"\1…", " ".join(text.split()))
    return on_one_line(line, len(line))


def _visible(character: str) -> str:
    if unicodedata.category(character) in _HIDDEN or character in _TURNING:
        return character.encode("unicode_escape").decode()
    return character


def as_markdown_text(text: str) -> str:
    """Return a text that Markdown shows as it is.

    >>> print(as_markdown_text("<b>a_b</b> *c* [d](e) `f`|g"))
    &lt;b&gt;a_b&lt;/b&gt; \\*c\\* [d]\\(e) \\`f\\`\\|g
    """
    return html.escape(_MARKDOWN.sub(r"\\\g<0>", text), quote=False)
