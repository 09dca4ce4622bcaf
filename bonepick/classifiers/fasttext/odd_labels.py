"""Labels of lines that are probably not meant: those that a text or another label is glued to, and missing ones."""

import re
from collections import Counter

from bonepick.core.errors import shortened
from bonepick.core.progress import note
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX

_GLUE = re.compile(r"[,;:|\"]")
MISSING = ("nan", "none", "null", "<na>")
"""How pandas and others write that there is no label."""


def say_odd_labels(lines_of_label: Counter[str]) -> None:
    """Say which labels of training lines look like a slip; each of them is a class."""
    jammed = sorted(label for label in lines_of_label if FASTTEXT_PREFIX in label)
    if jammed:
        note(f"{_listed(jammed)} with {FASTTEXT_PREFIX} inside: fastText ends a label at a space, wanted one there")
    glued = sorted(label for label, n in lines_of_label.items() if n == 1 and _GLUE.search(label))
    if glued:
        note(f"{_listed(glued)} with one line each: fastText ends a label at a space, is the text glued to it?")
    for label in MISSING:
        if label in lines_of_label:
            note(f"label {label!r} ({lines_of_label[label]:,} lines) is a class: where it stands for none, take it out")


def _listed(labels: list[str]) -> str:
    return f"{len(labels):,} of the classes are labels such as {shortened(labels[0], 40)},"
