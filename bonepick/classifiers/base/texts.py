"""Texts as people hold them in Python: lists, tuples, pandas Series, arrays of numpy and pyarrow."""

from collections.abc import Iterable, Sequence

from bonepick.core.errors import UsageError, shortened


def as_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list of strings.

    Args:
        texts: any sequence of strings; a Series, or an array of numpy or pyarrow, chunked or not.

    Raises:
        UsageError: it is one string, no sequence, or one of its elements is no string; the message says which.

    >>> as_texts(("a text", "another one"))
    ['a text', 'another one']
    """
    ways = (getattr(texts, name, None) for name in ("to_pylist", "tolist"))
    given = next((way() for way in ways if way), texts)
    if isinstance(given, str | bytes):
        raise UsageError(f"texts is {shortened(given)}, a single text: wanted a list of texts, [text]")
    if not isinstance(given, Sequence):
        raise UsageError(
            f"texts is of type {type(texts).__name__}: wanted a list or tuple of strings, a pandas Series, "
            "or an array of numpy or pyarrow"
        )
    listed = list(given)
    for number, text in enumerate(listed):
        if not isinstance(text, str):
            raise UsageError(f"texts[{number}] is {shortened(text)}, wanted a string: mend it, or leave it out")
    return listed
