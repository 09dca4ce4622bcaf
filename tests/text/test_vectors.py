"""The machine-readable test vectors, which an implementation in any language can be checked against."""

import json
from pathlib import Path

import pytest
from tokenizers import pre_tokenizers

from bonepick.text.normalizer import NORMALIZERS, Normalizer

VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("vectors.jsonl").read_text(encoding="ascii").splitlines()
]
EXPECTED = {(vector["normalizer"], vector["text"]): vector["expected"] for vector in VECTORS}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['normalizer']}-{ascii(vector['text'])[:40]}")
def test_vector(vector: dict[str, str]) -> None:
    assert Normalizer(vector["normalizer"])(vector["text"]) == vector["expected"]


def test_every_text_is_there_for_every_normalizer() -> None:
    texts = list(dict.fromkeys(vector["text"] for vector in VECTORS))
    assert [(vector["normalizer"], vector["text"]) for vector in VECTORS] == [
        (name, text) for text in texts for name in NORMALIZERS
    ]
    assert len(texts) >= 25


def spelled(text: str) -> str:
    """Each byte of the text in the alphabet of byte-level tokenizers, from their own library."""
    return "".join(piece for piece, _ in pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text))


def test_spelled_tokens_lose_no_byte_of_the_mended_text() -> None:
    for name, text in EXPECTED:
        if name == "tokenizer":
            assert EXPECTED[name, text].replace(" ", "") == spelled(EXPECTED["plsfix", text])
