"""The tiny dataset, tokenizer and base model that tests of several rooms make: real enough to train on in a moment."""

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from model2vec import StaticModel
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, WhitespaceSplit

from bonepick.classifiers.static.embedder import Embedder

Row = dict[str, Any]
DIM = 8


def write_shards(folder: Path, files: Mapping[str, Sequence[Row] | bytes]) -> Path:
    """Write shards under a folder, packed as their names say: `write_shards(folder, {"train/a.jsonl.gz": rows})`."""
    for name, rows in files.items():
        lines = rows if isinstance(rows, bytes) else b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(_packed(name, lines))
    return folder


def _packed(name: str, content: bytes) -> bytes:
    if name.endswith((".zst", ".zstd")):
        return zstandard.ZstdCompressor().compress(content)
    if name.endswith((".gz", ".gzip")):
        return gzip.compress(content, mtime=0)
    return content


def tiny_rows(n: int, words: Mapping[str, Sequence[str]], seed: int, purity: float = 0.7) -> list[Row]:
    """Rows whose texts tell their label.

    Args:
        n: rows.
        words: label -> words that are its own.
        seed: of all choices.
        purity: how likely a word of a text is drawn for its label, else for any.
    """
    rng = random.Random(seed)
    labels = list(words)
    rows = []
    for _ in range(n):
        label = rng.choice(labels)
        drawn = [rng.choice(words[label if rng.random() < purity else rng.choice(labels)]) for _ in range(8)]
        rows.append({"text": " ".join(drawn), "score": label})
    return rows


def tiny_dataset(folder: Path, shards: int = 3, **splits: Sequence[Row]) -> Path:
    """Write some shards a split, so that several workers have something to share."""
    return write_shards(
        folder,
        {f"{split}/{number}.jsonl": rows[number::shards] for split, rows in splits.items() for number in range(shards)},
    )


def embed(base: StaticModel, texts: Sequence[str]) -> NDArray[np.float32]:
    """Features of texts, as training makes them."""
    return Embedder.of("base", base)(list(texts))


def tiny_tokenizer(words: Sequence[str]) -> Tokenizer:
    """Return a tokenizer that takes each word between white space as a token, and those it does not know as one."""
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(vocabulary(words))}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer


def tiny_bert(letters: str = "abcdefé漢.![]", **normalizer: Any) -> Tokenizer:
    """Return a tokenizer of BERT's kind whose tokens are letters, alone or inside a word, and a few pieces of those."""
    pieces = ["[UNK]", "[PAD]", "[CLS]", *letters, *(f"##{letter}" for letter in letters), "abc", "##def", "ab"]
    numbers = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(["[UNK]", "[PAD]", "[CLS]"])
    return tokenizer


def vocabulary(words: Sequence[str]) -> list[str]:
    """Return the tokens of the tiny tokenizer, by their numbers."""
    return ["[UNK]", "[PAD]", *words]


def tiny_vectors(words: Sequence[str]) -> Any:
    """Return the vectors of the tiny base, float32 of shape (words + 2, DIM), by their tokens' numbers."""
    import numpy as np

    return np.random.default_rng(7).normal(size=(len(vocabulary(words)), DIM)).astype(np.float32)


def tiny_base(folder: Path, words: Sequence[str], like_bert: bool = False) -> Path:
    """Write a base model. One that is like BERT normalizes, and its tokenizer pads and cuts at 128."""
    from model2vec import StaticModel

    tokenizer = tiny_tokenizer(words)
    if like_bert:
        tokenizer.enable_truncation(128)
        tokenizer.enable_padding(length=128, pad_id=1, pad_token="[PAD]")
    options: dict[str, Any] = {"normalize": True, "max_length": 512} if like_bert else {}
    StaticModel(tiny_vectors(words), tokenizer, **options).save_pretrained(folder)
    return folder
