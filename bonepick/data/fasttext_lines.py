"""fastText's line format: `__label__<label> <text>`, one line a row; several labels, or none, where rows have them.

Its reader cuts a line into tokens at white space and NUL; a token that begins with the label prefix is a label, and the
token `</s>` ends the line, wherever they stand. A text may hold neither.
"""

import re
from collections.abc import Iterable

FASTTEXT_PREFIX = "__label__"
END_OF_LINE = "</s>"
TOKEN_ENDS = " \t\n\v\f\r\0"
_BREAKS = "\n\r\v\f\0"
_RUN_OF_BREAKS = re.compile(f"[{_BREAKS}]+")
_TOKEN_START = r"(?:^|(?<=[ \t]))"
_END_OF_LINE = re.compile(rf"{_TOKEN_START}{END_OF_LINE}(?![^ \t])")


def fasttext_text(text: str, prefix: str = FASTTEXT_PREFIX) -> str:
    r"""Make a text one line in which no token can be read as a label or as the end of the line.

    Line breaks become spaces, a token `</s>` becomes `<s>`, and one that begins with a label prefix loses its leading
    underscores, or gets one where the prefix has none. Both training and prediction see texts in this form.

    Args:
        text: any.
        prefix: of a model's labels; the library takes `__label__` for a label besides.

    >>> fasttext_text("good\n__label__pos </s> text"), fasttext_text("Class:1", "Class:")
    ('good label__pos <s> text', '_Class:1')
    """
    if any(map(text.__contains__, _BREAKS)):  # a normalized text has none, and to look for each is quick
        text = _RUN_OF_BREAKS.sub(" ", text)
    line = _without_prefix(text, FASTTEXT_PREFIX)
    if prefix != FASTTEXT_PREFIX:
        line = _without_prefix(line, prefix)
    return _END_OF_LINE.sub("<s>", line) if END_OF_LINE in line else line


def _without_prefix(line: str, prefix: str) -> str:
    bare = prefix.lstrip("_")
    if not prefix or bare not in line:
        return line
    if bare == prefix:
        return re.sub(rf"{_TOKEN_START}(?={re.escape(bare)})", "_", line)
    return re.sub(rf"{_TOKEN_START}_+(?={re.escape(bare)})", "", line)


def fasttext_line(labels: Iterable[str], text: str) -> str:
    """Return the line, without its line break.

    >>> fasttext_line(["pos"], "Good text"), fasttext_line(["code", "maths"], "x = 1")
    ('__label__pos Good text', '__label__code __label__maths x = 1')
    """
    return " ".join([*(FASTTEXT_PREFIX + label for label in labels), fasttext_text(text)])
