"""The quick `ultrafine` against a naive one that follows its definition word for word."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer
from tokenizers.pre_tokenizers import Sequence, Split

from bonepick.text import pieces
from bonepick.text.normalizer import Normalizer
from bonepick.text.normalizers import ultrafine
from bonepick.text.tokenizer import load_tokenizer, tokenizer_file

TOKENIZER = Tokenizer.from_file(str(tokenizer_file("packaged")))
SPACES = "\t\v\f \x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2002\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

FRAGMENTS = [
    *SPACES, "\n", "\r", "\n\n\n", "\r\n", "  ", " \n ", "   \t\t", "\x00", "\x07",
    "a", "Hello", " world", "ÉTÉ", "e\u0301", "ß", "ı", "İ", "ﬁ", "™", "ℌ", "½", "x²", "Ǆ", "µ", "ª", "ʰ",
    "ΑΣ", "Привет", "ёж", "Ђ", "Ա", "Ⴀ", "Ꭰ", "ꭰ", "ⰰ", "𐐀", "𐐨", "𞤀", "𝐁", "مَرْحَبًا", "שָׁלוֹם", "नमस्ते", "น้ำ",
    "你好", "漢字かな", "ｶﾞ", "한국어", "龥", "龦", "\u4e00", "𠀀", "🙂", "👩\u200d👧", "❤\ufe0f",
    "0", "12", "3.14", "١٢", "१", "Ⅻ", "①", ".", ",", "!?", "...", "'s", "“q”", "－", "～", "、", "_",
    "__label__", "\\n",
    "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<|begin▁of▁sentence|>", "｜", "▁", "Ġ", "Ċ", "\ufffd",
]  # fmt: skip


def naive(text: str, tokenizer: Tokenizer = TOKENIZER) -> str:
    text = re.sub(r"\n{3,}", "\n\n", text)
    text = text.lower()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    text = " ".join(tokenizer.decode([i]) for i in tokenizer.encode(text, add_special_tokens=False).ids)
    text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return re.sub(" +", " ", text).strip()


quick = Normalizer("ultrafine")


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=25).map("".join))
def test_fragments_in_any_order(text: str) -> None:
    assert quick(text) == naive(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    assert quick(text) == naive(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=SPACES + "\n\raZéжx1.,字", max_size=40))
def test_white_space_of_every_kind_around_everything(text: str) -> None:
    assert quick(text) == naive(text)


@pytest.mark.parametrize("context", ["{0}", "a{0}b", "a {0}b", "a {0} b", "é{0}\t{0}1", "{0}\n {0}{0}."])
def test_every_character_of_the_older_scripts(context: str) -> None:
    characters = [chr(code) for code in [*range(0x3100), *range(0x3100, 0xD800, 97), *range(0xE000, 0x20000, 97)]]
    # "字 0\n" between them: a neighbour's fault would show, and one call does for many
    for start in range(0, len(characters), 500):
        text = "字 0\n".join(context.format(character) for character in characters[start : start + 500])
        assert quick(text) == naive(text)


RULES = json.loads(tokenizer_file("packaged").read_bytes())["pre_tokenizer"]["pretokenizers"][:2]
FIRST_CUTS = Sequence([Split(Regex(rule["pattern"]["Regex"]), "isolated") for rule in RULES])
OUR_CUTS = pieces.PieceCache(load_tokenizer("packaged"), " ".join)


def assert_cut_as_the_tokenizer_cuts(text: str) -> None:
    """Against the first two rules of the packaged tokenizer, run by its own regular expression engine."""
    ours = [piece for piece in OUR_CUTS.cut.split(text) if piece]
    assert ours == [piece for piece, _ in FIRST_CUTS.pre_tokenize_str(text)]


def test_every_character_is_cut_as_the_tokenizer_cuts_it() -> None:
    for start in range(0, 0x110000, 256):
        if not 0xD800 <= start < 0xE000:
            characters = map(chr, range(start, start + 256))
            assert_cut_as_the_tokenizer_cuts("".join(f"1{character}ж{character}a" for character in characters))


@settings(deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=25).map("".join))
def test_text_is_cut_as_the_tokenizer_cuts_it(text: str) -> None:
    assert_cut_as_the_tokenizer_cuts(text)


def test_forgetting_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_PIECES", 3)
    monkeypatch.setattr(pieces, "MAX_CHARS", 5)
    cache = pieces.PieceCache(load_tokenizer("packaged"), ultrafine.join_tokens)
    text = "one two three, four\nfive one two incomprehensible "
    assert cache.join(text * 3).strip() == naive(text * 3)
    assert 0 < len(cache) <= 3
    assert max(map(len, cache)) <= 5


def test_any_other_tokenizer_takes_the_plain_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "tokenizer.json"
    copy.write_bytes(tokenizer_file("packaged").read_bytes() + b"\n")
    monkeypatch.setattr(ultrafine, "_pieces", None)
    text = "".join(FRAGMENTS)
    assert Normalizer("ultrafine", tokenizer=str(copy))(text) == naive(text)
