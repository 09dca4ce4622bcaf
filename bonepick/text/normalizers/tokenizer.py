"""`tokenizer`: the text as the tokenizer spells its tokens."""

from bonepick.text.normalizers import plsfix
from bonepick.text.tokenizer import TextTokenizer

VERSION = 1
TOKENIZED = True
MAX_CHARS = plsfix.MAX_CHARS


def normalize(text: str, tokenizer: TextTokenizer) -> str:
    r"""Mend the text with plsfix, then join its tokens, as spelled, by spaces.

    A byte-level tokenizer spells a space `Ġ` and a line feed `Ċ`. The tokens that the tokenizer adds to a text by
    default (begin or end of text) are there too; the packaged one adds none. Nothing is lower-cased or trimmed.

    >>> from bonepick.text.tokenizer import load_tokenizer
    >>> normalize("Hello, “world”\n", load_tokenizer("packaged"))
    'Hello , Ġ" world " Ċ'
    """
    return " ".join(tokenizer.spell(plsfix.normalize(text), add_special_tokens=True))
