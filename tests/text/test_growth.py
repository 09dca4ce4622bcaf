"""The bound on what a normalizer makes of a text holds for whatever it does, and is no wider than usual ones need."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bonepick.text.growth import growth
from bonepick.text.tokenizer_file import MAX_GROWTH

LETTERS = st.text("ab ﷺé", max_size=3)
EXPRESSIONS = st.sampled_from(["", "a*", "a+", "b|", "[ab]", " {2,}", "^", "a?b", "."])

PLAIN = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"])


def replace(pattern: dict[str, str], content: str) -> Any:
    return {"type": "Replace", "pattern": pattern, "content": content}


STAGE = (
    st.builds(replace, st.fixed_dictionaries({"String": LETTERS.filter(bool)}), LETTERS)
    | st.builds(replace, st.fixed_dictionaries({"Regex": EXPRESSIONS}), LETTERS)
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"])}
    )
    | st.fixed_dictionaries({"type": st.just("Prepend"), "prepend": LETTERS})
)


def normalized(normalizer: Any, text: str) -> str:
    content = {"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, "normalizer": normalizer}
    inner = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], **content})).normalizer
    try:
        return str(inner.normalize_str(text))
    except BaseException as error:
        reject() if type(error).__name__ == "PanicException" else None  # of some, after an empty match
        raise


@given(st.lists(STAGE, min_size=1, max_size=4), st.text("ab ﷺéİA\n", min_size=1, max_size=6))
def test_no_text_becomes_longer(stages: list[Any], text: str) -> None:
    normalizer = {"type": "Sequence", "normalizers": stages}
    # an empty match stands after the last character too: of n characters, n + 1 times
    assert len(normalized(normalizer, text)) <= growth(normalizer) * (len(text) + 1)


def test_replacements_of_other_letters_do_not_multiply() -> None:
    marks = [{"type": "Replace", "pattern": {"String": mark}, "content": f" {mark} "} for mark in "!?.,:;-+*/()[]{}"]
    assert growth({"type": "Sequence", "normalizers": marks}) == 3


def test_a_table_of_characters_counts_by_its_longest_text() -> None:
    table = (4).to_bytes(4, "little") + b"\0" * 4 + b"short\0" + b"x" * 300 + b"\0"
    assert growth({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}) == 300 > MAX_GROWTH


@pytest.mark.parametrize("wrong", [{}, {"type": 3}, {"type": "Replace"}, {"type": "Sequence", "normalizers": [[]]}])
def test_what_is_no_normalizer_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="malformed"):
        growth(wrong)
