"""Texts embedded word by word: the tokens are those of the whole text, the means those of the library."""

import sys
import unicodedata
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from model2vec import StaticModel
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers

from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.text_means import TextMeans
from bonepick.classifiers.static.white_space import cuts_at_white_space, split_words
from bonepick.classifiers.static.word_cache import MAX_CHARS, WORD_BYTES, WordCache
from bonepick.classifiers.static.word_tokens import WordTokens
from tests.tiny import tiny_bert, tiny_tokenizer


def model_with(tokenizer: Tokenizer, **options: Any) -> StaticModel:
    """A model of random vectors."""
    vectors = np.random.default_rng(3).normal(size=(tokenizer.get_vocab_size(), 6)).astype(np.float32)
    return StaticModel(vectors, tokenizer, **{"max_length": None, **options})


@pytest.fixture(scope="module")
def packaged() -> StaticModel:
    return load_base_model("packaged")


OPTIONS: list[dict[str, Any]] = [
    {},
    {"lowercase": False},
    {"lowercase": False, "strip_accents": True},
    {"strip_accents": False},
    {"handle_chinese_chars": False},
]
BERTS = [model_with(tiny_bert(**options)) for options in OPTIONS]
ODD = st.sampled_from([
    *"\x00\x01\x0b\x0c\x1b\x1c\x1d\x1e\x1f\x7f\x85\xa0\xad\u200b\u200d\u2028\u2029\u3000\ufeff\ufffd \t\n\r",
    *"aAbcİßéÉ\u0301\u0327\u0345漢字한가Ως.!'[]_#$¿—", "[CLS]", "[UNK]", "[CL\x1cS]", "[cls]", "##a", "abc", "x" * 101,
])  # fmt: skip
TEXTS = st.lists(ODD | st.text(max_size=6), max_size=30).map("".join)


def by_words(model: StaticModel, text: str) -> list[int]:
    """Ids of the tokens of a text's words, one word after another."""
    words, numbers, _ = split_words([text])
    ids = WordTokens(model)(words)
    return list(chain.from_iterable(ids[number] for number in numbers))


@given(TEXTS)
@example("[CL\x1cS] [CLS][CLS]a [cls]\x0b[CLS]")
def test_a_texts_tokens_are_those_of_its_words(packaged: StaticModel, text: str) -> None:
    for model in (packaged, *BERTS):
        assert cuts_at_white_space(model.tokenizer)
        assert by_words(model, text) == model.tokenize([text])[0]


def test_no_character_is_white_space_for_one_side_alone(packaged: StaticModel) -> None:
    known = (char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) not in ("Lo", "Cs"))
    text = " ".join(f"a{char}b A{char}" for char in known if unicodedata.category(char) not in ("Cn", "Co"))
    for model in (packaged, BERTS[1]):
        assert by_words(model, text) == model.tokenize([text])[0]


def changed(**parts: Any) -> Tokenizer:
    """A tokenizer of BERT's kind, but for some of its parts."""
    tokenizer = tiny_bert()
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    return tokenizer


def with_added(**options: Any) -> Tokenizer:
    tokenizer = tiny_bert()
    tokenizer.add_tokens([AddedToken(**{"content": "ab.c", "normalized": False, **options})])
    return tokenizer


OTHERS: dict[str, Callable[[], Tokenizer]] = {
    "word level": lambda: tiny_tokenizer(["a"]),
    "no normalizer": lambda: changed(normalizer=normalizers.Sequence([])),
    "control characters stay": lambda: changed(normalizer=normalizers.BertNormalizer(clean_text=False)),
    "a normalizer before": lambda: changed(
        normalizer=normalizers.Sequence([normalizers.Replace(Regex(r"\s+"), "a"), normalizers.BertNormalizer()])
    ),
    "another pre-tokenizer": lambda: changed(pre_tokenizer=pre_tokenizers.Whitespace()),
    "a token with a space": lambda: with_added(content="a b"),
    "a token with a deleted character": lambda: with_added(content="a\x1cb"),
    "a token of normalized text": lambda: with_added(normalized=True),
    "a token that takes space": lambda: with_added(lstrip=True),
    "a token that is a word": lambda: with_added(single_word=True),
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_tokenizers_are_given_whole_texts(what: str) -> None:
    tokenizer = OTHERS[what]()
    assert not cuts_at_white_space(tokenizer)
    assert TextMeans(model_with(tokenizer)).cache is None


def test_a_tokenizer_that_cuts_or_pads_is_none_of_that_kind() -> None:
    tokenizer = tiny_bert()
    tokenizer.enable_truncation(3)
    assert not cuts_at_white_space(tokenizer)
    assert TextMeans(model_with(tokenizer)).cache is not None, "model2vec switches it off"
    padded = tiny_bert()
    padded.enable_padding(length=8)
    assert not cuts_at_white_space(padded)


def test_an_added_token_inside_words_is_found() -> None:
    model = model_with(with_added())
    text = "ab.c xab.cab. AB.C ab\x1d.c"
    assert cuts_at_white_space(model.tokenizer)
    assert by_words(model, text) == model.tokenize([text])[0]
    assert model.tokenizer.token_to_id("ab.c") in by_words(model, "xab.c")


REAL = ["The court ruled on Monday.\n\nBuy now! Click.", "", "\t", "漢字かな交じり文", "naïve ÉTÉ " * 900, "x" * 500]


def test_means_of_whole_numbers_are_the_librarys_to_the_bit(packaged: StaticModel) -> None:
    assert packaged.embedding.dtype == np.int8
    means = TextMeans(packaged)
    assert means.cache is not None
    wanted = packaged.encode(REAL, max_length=None, normalize=False)
    for _ in range(2):
        np.testing.assert_array_equal(means(REAL).astype(np.float32), wanted)
    assert len(means.cache) > 10


WEIGHTS = np.random.default_rng(4).uniform(0.1, 2, 100).astype(np.float32)
KINDS_OF_MODEL: dict[str, Callable[[Tokenizer], StaticModel]] = {
    "plain": model_with,
    "weighted": lambda t: model_with(t, weights=WEIGHTS[: t.get_vocab_size()]),
    "mapped": lambda t: StaticModel(
        np.random.default_rng(5).normal(size=(4, 6)).astype(np.float32),
        t,
        weights=WEIGHTS[: t.get_vocab_size()],
        token_mapping=np.arange(t.get_vocab_size()) % 4,
        max_length=None,
    ),
    "capped": lambda t: model_with(t, max_length=7),
}


@pytest.mark.parametrize("name", KINDS_OF_MODEL)
@pytest.mark.parametrize("tokenizer", [tiny_bert(), tiny_tokenizer(["abc", "ab.", "é"])])
def test_means_are_the_librarys(name: str, tokenizer: Tokenizer) -> None:
    model = KINDS_OF_MODEL[name](tokenizer)
    texts = ["abc ab. é!", "", "abcdef " * 4, "zzz", "abc zzz é é é é é é é abc abc", "漢 ab.[CLS]"]
    found = TextMeans(model)
    np.testing.assert_allclose(found(texts), model.encode(texts, normalize=False), rtol=0, atol=1e-6)
    assert (found.cache is None) == (name == "capped" or tokenizer.normalizer is None)


def spelled(words: list[str]) -> Any:
    """A row of a word: its length and its first letter."""
    return np.array([[len(word), ord(word[0])] for word in words], dtype=np.float32)


def rows_in(cache: WordCache, words: list[str]) -> Any:
    table, numbers = cache(words)
    return table[numbers]


@given(st.lists(st.lists(st.text("abc", min_size=1, max_size=3), unique=True), max_size=8), st.integers(0, 6))
def test_what_is_kept_is_bounded_and_changes_no_row(blocks: list[list[str]], room: int) -> None:
    cache = WordCache(spelled, 2, max_bytes=room * (8 + WORD_BYTES))
    for words in blocks:
        np.testing.assert_array_equal(rows_in(cache, words), spelled(words).reshape(-1, 2))
        assert len(cache) <= room


def test_a_word_is_looked_up_the_second_time_unless_it_is_long() -> None:
    asked: list[str] = []

    def rows(words: list[str]) -> Any:
        asked.extend(words)
        return spelled(words)

    cache = WordCache(rows, 2)
    long = "x" * (MAX_CHARS + 1)
    for words in (["a", long], ["b", "a", long]):
        np.testing.assert_array_equal(rows_in(cache, words), spelled(words))
    assert asked == ["a", long, "b", long]
