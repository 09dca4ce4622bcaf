"""`plsfix`: broken encodings, entities, line breaks and control characters mended; the first step of three others."""

VERSION = 1

MAX_CHARS = 2**20
"""A longer text is cut: the step's time and memory stay bounded, whatever a crawl holds."""

_SEGMENT = 1_000_000


def normalize(text: str) -> str:
    r"""Cut the text where it is too long, then mend it with plsfix in its default settings.

    Raises:
        ValueError: plsfix cannot mend this text.

    >>> normalize("schÃ¶n &amp; “gut”\r\n")
    'schön & "gut"\n'
    """
    # here, not above: the commands that normalize nothing need not load it
    from plsfix import fix_text

    text = cut(text)
    _refuse_what_panics(text)
    return fix_text(text)


def cut(text: str) -> str:
    r"""Cut a text of more than `MAX_CHARS` characters at the first line feed from there, else right there.

    The line feed goes too, so a text is shortened exactly when it is longer than `MAX_CHARS`.

    >>> len(cut("a" * MAX_CHARS + "bc\nd")) - MAX_CHARS
    2
    >>> len(cut("a" * MAX_CHARS + "bcd")) - MAX_CHARS
    0
    """
    if len(text) <= MAX_CHARS:
        return text
    end = text.find("\n", MAX_CHARS)
    return text[: end if end >= 0 else MAX_CHARS]


def _refuse_what_panics(text: str) -> None:
    # plsfix breaks a line every so many bytes of UTF-8 and panics where that is inside a character. Its Python binding
    # swallows the panic and returns the whole text as it came: nothing but the text itself tells that it did
    if len(text) <= _SEGMENT // 4:
        return
    for line in text.split("\n"):
        if any(0x80 <= byte < 0xC0 for byte in line.encode()[_SEGMENT::_SEGMENT]):
            raise ValueError(f"plsfix fails on a line of {len(line):,} characters: it breaks it inside a character")
