"""How much longer a tokenizer's own normalizer can make a text: a few harmless-looking replacements multiply."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

MAX_STAGES = 1_000
FACTORS = {
    "BertNormalizer": 6, "ByteLevel": 4, "Lowercase": 3, "NFC": 3, "NFD": 4, "NFKC": 18, "NFKD": 18, "Nmt": 1,
    "Strip": 1, "StripAccents": 1,
}  # fmt: skip
"""Normalizers that replace each character by itself: name -> the most that one becomes."""


def growth(normalizer: Mapping[str, Any] | None) -> float:
    """Return the most characters that one character of a text becomes.

    An upper bound: the stages are gone through from the last to the first, with the most that each character becomes
    in what follows.

    Args:
        normalizer: as a `tokenizer.json` has it.

    Raises:
        ValueError: it is not of a form that is known here.

    >>> bomb = {"type": "Replace", "pattern": {"String": "a"}, "content": "aaaa"}
    >>> growth(bomb), growth({"type": "Sequence", "normalizers": [bomb, bomb, bomb]}), growth(None)
    (4.0, 64.0, 1.0)
    """
    try:
        stages = list(_stages(normalizer))
        if len(stages) > MAX_STAGES:
            raise ValueError(f"{len(stages):,} stages, wanted {MAX_STAGES:,} at most")
        return _growth(stages)
    except (LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError("it is malformed") from None


def _stages(normalizer: Any) -> Iterator[dict[str, Any]]:
    if normalizer is not None and normalizer["type"] == "Sequence":
        for inner in normalizer["normalizers"]:
            yield from _stages(inner)
    elif normalizer is not None:
        yield normalizer


def _growth(stages: list[dict[str, Any]]) -> float:
    one: dict[str, float] = {}
    other = 1.0  # what all characters become that are not in `one`
    for stage in reversed(stages):
        kind = stage["type"]
        if kind == "Replace" and (text := stage["pattern"].get("String")):
            share = sum(one.get(letter, other) for letter in stage["content"]) / len(text)
            one |= {letter: max(one.get(letter, other), share) for letter in text}
            continue
        most = max(other, *one.values()) if one else other
        if kind == "Replace":
            content = sum(one.get(letter, other) for letter in stage["content"])
            nowhere = _matches_nothing(stage["pattern"].get("Regex", ""))
            other = other + content if nowhere else max(other, content)
            one = {letter: value + content if nowhere else max(value, content) for letter, value in one.items()}
        elif kind == "Prepend":
            content = len(stage["prepend"]) * most
            one = {letter: value + content for letter, value in one.items()}
            other += content
        else:
            one = {}
            other = most * (_longest(stage["precompiled_charsmap"]) if kind == "Precompiled" else FACTORS[kind])
    return max(other, *one.values()) if one else other


def _matches_nothing(pattern: str) -> bool:
    """Return whether a regular expression may match between any two characters; True where that is hard to tell."""
    return not re.sub(r"[\^$()]", "", pattern) or re.search(r"[*?|]|\{[0,]|\\[bBAzZGK]", pattern) is not None


def _longest(charsmap: str) -> int:
    """Return the length of the longest replacement in a `Precompiled` table: a trie's size, the trie, and texts."""
    table = base64.b64decode(charsmap, validate=True)
    size = int.from_bytes(table[:4], "little")
    if len(table) < 4 or size % 4 or 4 + size > len(table):
        raise ValueError("its table of characters is cut")
    return max(1, *map(len, table[4 + size :].split(b"\0")))
