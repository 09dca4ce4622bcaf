"""The label prefix of somebody else's fastText model: its file does not say with which one it was trained."""

import re
from collections.abc import Sequence
from pathlib import Path

from bonepick.core.progress import note
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX

_PREFIX = re.compile(r"_*[^\W_]+[\W_]+|[\W_]+")
_NUMBER = re.compile(r"[-+]?[\d.]+")


def label_prefix(labels: Sequence[str]) -> str:
    """Return what labels begin with because fastText wanted a prefix: a word and what ends it; empty for nothing.

    >>> label_prefix(["__label__pos", "__label__neg"]), label_prefix(["__class__low", "__class__long"])
    ('__label__', '__class__')
    >>> label_prefix(["label_pos", "label_neg"]), label_prefix(["pos", "neg"]), label_prefix(["-1", "-2"])
    ('label_', '', '')
    """
    if all(label.startswith(FASTTEXT_PREFIX) for label in labels):
        return FASTTEXT_PREFIX
    if all(map(_NUMBER.fullmatch, labels)):
        return ""
    first = _PREFIX.match(labels[0])
    prefix = first[0] if first else ""
    return prefix if prefix not in labels and all(label.startswith(prefix) for label in labels) else ""


def say_prefix(file: Path, prefix: str) -> None:
    """Say which prefix was found where it is not fastText's own."""
    if prefix == "":
        note(f"labels of {file} have no prefix in common: they are taken as they are")
    elif prefix != FASTTEXT_PREFIX:
        note(f"labels of {file} begin with {prefix}, which is taken for their prefix")
