"""What each normalizer makes of a text, written down by hand from its definition."""

import unicodedata

import pytest

from bonepick.text.normalizer import Normalizer

NFD_HANGUL = unicodedata.normalize("NFD", "한국어")

WHITESPACE = [
    ("", ""),
    (" \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000", ""),
    ("plain", "plain"),
    ("  a\t b\r\n\r\nc\u2028d\xa0e  ", "a b c d e"),
    ("zero\u200bwidth and \ufeffBOM are no white space", "zero\u200bwidth and \ufeffBOM are no white space"),
    ("nul\x00bell\x07", "nul\x00bell\x07"),
    ("Crème ÉTÉ ﬁ", "Crème ÉTÉ ﬁ"),
    ("你好\u3000世界", "你好 世界"),
    ("🙂\u200d🙂 \ufe0f", "🙂\u200d🙂 \ufe0f"),
]

PLSFIX = [
    ("", ""),
    ("  left as it is \t\n\n\n", "  left as it is \t\n\n\n"),
    ("schÃ¶n", "schön"),
    ("&lt;b&gt; &amp;amp; l&apos;&eacute;t&eacute;", "<b> & l'été"),
    ("“curly” it’s ‘so’", "\"curly\" it's 'so'"),
    ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
    ("nul\x00bell\x07\ufeffbom", "nulbellbom"),
    ("ＡＢ１｜ ｶ ﬁ ﬀ", "AB1| カ fi ff"),
    ("e\u0301 a\u0323", "é ạ"),
    ("win\x85dows", "win…dows"),
    ("UPPER İ ™ ½ 한국어 नमस्ते", "UPPER İ ™ ½ 한국어 नमस्ते"),
    ("\xa0kept\xa0", "\xa0kept\xa0"),
]

TOKENIZER = [
    ("", ""),
    (" ", "Ġ"),
    ("Hello world\n", "Hello Ġworld Ċ"),
    ("tab\tand\r\nnew", "tab ĉand Ċ new"),
    ("  lead", "Ġ Ġlead"),
    ("“curly”", '" cur ly "'),
    ("12 é", "1 2 ĠÃ©"),
    ("字 漢", "åŃĹ Ġ æ¼ ¢"),
    # plsfix narrows the wide bars, so what spells a special token is none any more
    ("<｜begin▁of▁sentence｜>", "< | begin âĸ ģ of âĸ ģ sentence |>"),
]

ULTRAFINE = [
    ("", ""),
    (" \xa0\u3000 ", ""),
    ("The QUICK brown fox.", "the quick brown fox ."),
    ("Crème brûlée", "cre me b rule e"),
    ("a\n\n\n\n\nb\n\nc", r"a \n \n b \n \n c"),
    ("a\r\n\r\n\r\nb", r"a \r \n \r \n \r \n b"),
    ("tab\tand", r"tab \tand"),
    (r"a \n stays", r"a \ n stays"),
    ("İstanbul", "istan bul"),
    ("TM™ ℌ", "tm TM H"),
    ("Ångström", "ang strom"),
    ("字 漢", "字 \ufffd \ufffd"),
    ("a 🙂", "a 🙂"),
    ("1,234", "1 , 2 3 4"),
    ("nul\x00", "n ul \x00"),
    # curly quotes, entities and broken encodings are left alone: no plsfix here
    ("“q” &amp;", "“ q ” & amp ;"),
    # NFKD narrows the wide bars of the special tokens, too
    ("<｜end▁of▁sentence｜>", "< | end \ufffd \ufffd of \ufffd \ufffd sentence |>"),
    # what `str.strip` calls white space is trimmed, form feed and unit separator too
    ("\x0c x \x1f", "x"),
]

ULTRAFINE_PLUS = [
    ("", ""),
    ("The QUICK  brown\xa0fox.", "the Ġquick Ġbrown Ġfox ."),
    ("a\nb", "a Ġ Ċ Ġb"),
    ("a\n\n\n\nb", "a Ġ Ċ Ġ Ċ Ġb"),
    ("a\r\nb\rc", "a Ġ Ċ Ġb Ġ Ċ Ġc"),
    ("tab\tand", "tab Ġĉ Ġand"),
    ("İstanbul ™", "istan bul ĠTM"),
    ("“q” &amp;", '" q " Ġ&'),
    ("字", "åŃĹ"),
]

POTION = [
    ("", ""),
    ("Title\n\nFirst  LINE\n\tsecond\n", "title¶first line·↦second·"),
    ("a\n\n\n\n\n\nb", "a¶b"),
    ("a\r\nb\r\n\r\nc", "a·b¶c"),
    ("a\rb", "a·b"),
    ("a \n b", "a · b"),
    ("a\u2028b\xa0c", "a·b c"),
    ("a\n \nb", "a· ·b"),
    ("tab\t\tend\t", "tab↦↦end↦"),
    (" \n ", "·"),
    ("İSTANBUL", "istanbul"),
    # lower case comes before NFKD, so what NFKD brings forth stays in upper case
    ("TM™ ℌ ½ Ⅻ", "tmTM H 1⁄2 xii"),
    ("ΑΣ ΌΣΟΣ", "ας οσος"),
    ("Йод и ёж", "иод и еж"),
    ("مَرْحَبًا ﷺ", "مرحبا صلى الله عليه وسلم"),
    ("שָׁלוֹם", "שלום"),
    # vowel signs that take space (category Mc) stay, the others go
    ("नमस्ते दुनिया", "नमसत दनिया"),
    ("น้ำ", "นา"),
    ("한국어", NFD_HANGUL),
    ("你好，ｶﾞ", "你好,カ"),
    ("🙂 ❤\ufe0f 👩\u200d👧", "🙂 ❤ 👩\u200d👧"),
    ("Z\u0351\u036ba\u0321lgo", "zalgo"),
    ("Łódź Straße", "łodz straße"),
    ("nul\x00bell\x07", "nulbell"),
]

TABLES = {
    "whitespace": WHITESPACE,
    "plsfix": PLSFIX,
    "tokenizer": TOKENIZER,
    "ultrafine": ULTRAFINE,
    "ultrafine-plus": ULTRAFINE_PLUS,
    "potion": POTION,
}


@pytest.mark.parametrize(
    ("name", "text", "expected"), [(name, *row) for name, rows in TABLES.items() for row in rows], ids=ascii
)
def test_known_answer(name: str, text: str, expected: str) -> None:
    assert Normalizer(name)(text) == expected


def test_very_long_lines() -> None:
    words = "Été " * 100_000
    assert Normalizer("whitespace")(words) == words.strip()
    assert Normalizer("potion")(words) == ("ete " * 100_000).strip()
    assert Normalizer("ultrafine")(words) == ("ete" + " et e" * 99_999)
    assert Normalizer("ultrafine")("x" * 200_000).replace(" ", "") == "x" * 200_000
