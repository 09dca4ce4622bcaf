"""No text holds what fastText's reader takes for structure: held against that reader itself, and what it learns."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import fasttext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonepick.data.fasttext_lines import fasttext_line, fasttext_text

HOSTILE = [
    "</s>",
    "__label__",
    "__label__b",
    "___label__a",
    "_label__a",
    "<s>",
    "</s>x",
    "x</s>",
    "__class__a",
    "class:a",
]
TEXTS = st.lists(
    st.sampled_from(HOSTILE)
    | st.sampled_from([" ", "\t", "\n", "\v", "\f", "\r", "\0", "\x85", "\u2028", "\ufeff", "\x1c", "字"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    max_size=12,
).map("".join)


def tokens(text: str) -> list[str]:
    """Where fastText cuts a text."""
    return [token for token in re.split(r"[ \t\n\v\f\r\0]", text) if token]


@settings(max_examples=300)
@given(text=TEXTS, prefix=st.sampled_from(["__label__", "__class__", "class:", "_", "__", "#"]))
def test_a_text_is_one_line_of_words(text: str, prefix: str) -> None:
    line = fasttext_text(text, prefix)
    *words, end = fasttext.tokenize(f"{line}\n")
    assert end == "</s>"
    assert "</s>" not in words
    assert not any(word.startswith(("__label__", prefix)) for word in words)
    kept = [word for word in tokens(text) if not word.startswith(("_", prefix, "</s>"))]
    assert [word for word in kept if word not in words] == [], "what is no structure stays as it is"
    assert fasttext_text(line, prefix) == line


@given(texts=st.lists(TEXTS, min_size=1, max_size=6), labels=st.sets(st.sampled_from("abc"), max_size=2))
@settings(max_examples=15)
def test_training_learns_each_word_of_each_line_and_no_other_label(
    tmp_path_factory: Any, texts: list[str], labels: set[str]
) -> None:
    file: Path = tmp_path_factory.mktemp("lines") / "train.txt"
    lines = [fasttext_line(sorted(labels), text) for text in texts] + [fasttext_line(["a"], "always"), ""]
    file.write_bytes("\n".join(lines).encode())
    model = fasttext.train_supervised(str(file), dim=1, bucket=10, epoch=1, thread=1, verbose=0)
    learned = dict(zip(*model.get_words(include_freq=True), strict=True))
    wanted = Counter(word for text in texts for word in tokens(fasttext_text(text)))
    assert learned == wanted + Counter({"always": 1, "</s>": len(lines) - 1})
    assert set(model.get_labels()) == {f"__label__{label}" for label in labels | {"a"}}


@pytest.mark.parametrize(
    ("text", "prefix", "line"),
    [
        ("a </s> b", "__label__", "a <s> b"),
        ("</s>", "__label__", "<s>"),
        ("</s>s x</s>", "__label__", "</s>s x</s>"),
        ("__label__", "__label__", "label__"),
        ("x\t____label__y", "__label__", "x\tlabel__y"),
        ("x__label__y", "__label__", "x__label__y"),
        ("__class__y __label__y", "__class__", "class__y label__y"),
        ("class:y __label__y", "class:", "_class:y label__y"),
        ("__class__y class:y", "__label__", "__class__y class:y"),
        ("a\r\n\v\f\0b\u2028c", "__label__", "a b\u2028c"),
    ],
)
def test_known_lines(text: str, prefix: str, line: str) -> None:
    assert fasttext_text(text, prefix) == line
