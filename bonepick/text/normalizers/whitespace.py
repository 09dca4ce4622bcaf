"""`whitespace`: every run of white space becomes one space."""

VERSION = 1


def normalize(text: str) -> str:
    r"""Turn every run of `\s` into one space and trim the ends.

    White space is what Python's `\s` and `str.isspace` agree on: Unicode's, and U+001C to U+001F.

    >>> normalize(" a\t b\r\n\u2028c\xa0")
    'a b c'
    """
    return " ".join(text.split())
