"""What holds for every text."""

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from bonepick.text import folding
from bonepick.text.normalizer import NORMALIZERS, Normalizer
from bonepick.text.normalizers import plsfix, whitespace

TEXTS = st.text(max_size=100) | st.text(alphabet=" \t\n\r\u2028\xa0aÉ́字1.&;", max_size=60)
LINE_BREAKS = re.compile(r"[\n\r]")


@given(TEXTS)
def test_whitespace_is_what_the_regular_expression_says(text: str) -> None:
    assert whitespace.normalize(text) == re.sub(r"\s+", " ", text).strip()


@given(TEXTS)
def test_whitespace_twice_is_whitespace_once(text: str) -> None:
    once = whitespace.normalize(text)
    assert whitespace.normalize(once) == once


@given(TEXTS)
def test_removing_marks_is_what_the_definition_says(text: str) -> None:
    assert folding.without_marks(text) == "".join(
        c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn"
    )


@given(TEXTS)
def test_removing_marks_twice_is_removing_them_once(text: str) -> None:
    once = folding.without_marks(text)
    assert folding.without_marks(once) == once


@given(TEXTS)
def test_folding_leaves_no_marks(text: str) -> None:
    folded = folding.fold(text)
    assert "Mn" not in map(unicodedata.category, folded)


@settings(deadline=None)
@given(TEXTS)
def test_all_but_plsfix_give_one_trimmed_line_or_tokens(text: str) -> None:
    for name in NORMALIZERS:
        out = Normalizer(name)(text)
        if name != "plsfix":
            assert not LINE_BREAKS.search(out), name
        if name not in ("plsfix", "tokenizer"):
            assert out == out.strip(), name


@settings(deadline=None)
@given(TEXTS)
def test_single_spaces(text: str) -> None:
    for name in ("whitespace", "ultrafine", "ultrafine-plus", "potion"):
        assert "  " not in Normalizer(name)(text), name


@settings(deadline=None)
@given(TEXTS)
def test_potion_is_what_the_definition_says(text: str) -> None:
    out = re.sub(r"\n{3,}", "\n\n", plsfix.normalize(text)).lower()
    out = "".join(c for c in unicodedata.normalize("NFKD", out) if unicodedata.category(c) != "Mn")
    out = re.sub(r"\r?\n", "·", re.sub(r"\r?\n\r?\n", "¶", out))
    assert Normalizer("potion")(text) == re.sub(r"\s+", " ", re.sub("\t", "↦", out)).strip()


@settings(deadline=None)
@given(TEXTS)
def test_ultrafine_plus_spells_every_byte_but_the_trimmed_ends(text: str) -> None:
    spelled = Normalizer("ultrafine-plus")(text).replace(" ", "")
    folded = folding.fold(plsfix.normalize(text))
    apart = re.sub(r"[\n\r\t]", lambda found: f" {found[0]} ", folded)
    assert spelled == "".join(map(spell, re.sub(r"[^\S\n\r\t]+", " ", apart).encode()))


def spell(byte: int) -> str:
    """One byte in the alphabet of byte-level tokenizers: printable ones as they are, the others from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [other for other in range(256) if other not in printable]
    return chr(byte) if byte in printable else chr(0x100 + others.index(byte))
