"""Texts cut into words where a tokenizer of BERT's kind cuts them whatever stands around: at white space.

BERT's normalizer and pre-tokenizer look at one character after another, and WordPiece at what they leave between white
space and punctuation: the tokens of a text are those of its words, one word after another. Other tokenizers see across
white space, or are not known not to.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer

DELETED = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
"""Characters at which Arrow splits and which BERT deletes, so that what they stand between is one word."""
_DELETED_TOO = "\x01"
"""Deleted by BERT as well, and no white space for Arrow. Not nothing in its place: that could spell an added token."""
_IN_PLACE = str.maketrans(DELETED, _DELETED_TOO * len(DELETED))


def cuts_at_white_space(tokenizer: "Tokenizer") -> bool:
    """Return whether the tokens of a text are those of its words, for certain: other tokenizers are not looked into."""
    from tokenizers.models import WordPiece

    normalizer = _state(tokenizer.normalizer)
    return (
        isinstance(tokenizer.model, WordPiece)
        and normalizer.get("type") == "BertNormalizer"
        and normalizer.get("clean_text") is True
        and _state(tokenizer.pre_tokenizer) == {"type": "BertPreTokenizer"}
        and tokenizer.truncation is None
        and not (tokenizer.padding or {}).get("length")
        and all(map(_inside_words, tokenizer.get_added_tokens_decoder().values()))
    )


def _state(part: Any) -> dict[str, Any]:
    state: dict[str, Any] = {} if part is None else json.loads(part.__getstate__())
    return state


def _inside_words(token: "AddedToken") -> bool:
    """Return whether an added token is looked for in the text as it came, and takes nothing from around it."""
    alone = not (token.normalized or token.lstrip or token.rstrip or token.single_word)
    return alone and token.content.isascii() and token.content.isprintable() and " " not in token.content


def split_words(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    r"""Return the distinct words of texts, the number of each word of all texts, and where each text's begin and end.

    Shapes of the arrays: (n_words,) and (n_texts + 1,). Leading and trailing white space makes an empty word.

    >>> words, numbers, ends = split_words(["to be\nor", "", "be"])
    >>> words, numbers.tolist(), ends.tolist()
    (['to', 'be', 'or', ''], [0, 1, 2, 3, 1], [0, 3, 4, 5])
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    seen = [text.translate(_IN_PLACE) if any(map(text.__contains__, DELETED)) else text for text in texts]
    split = pc.utf8_split_whitespace(pa.array(seen, pa.large_string()))
    words = split.values.dictionary_encode()
    numbers, ends = (np.asarray(part, dtype=np.int64) for part in (words.indices, split.offsets))
    return words.dictionary.to_pylist(), numbers, ends
