"""Training lines that are probably not meant: labels with something glued to them, missing labels and texts."""

import re
from collections import Counter
from collections.abc import Sequence

from bonepick.core.errors import shortened
from bonepick.core.progress import note
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX

_GLUE = re.compile(r"[,;:|\"]")
MISSING = ("nan", "none", "null", "<na>")
"""How pandas and others write what is missing."""
LONGEST_MISSING = 8


class OddLines:
    """Counts training lines while they are written, and says which look like a slip."""

    def __init__(self) -> None:
        self._lines_of_label = Counter[str]()
        self._missing_texts = 0

    def add(self, labels: Sequence[str], text: str) -> None:
        """Count one line."""
        self._lines_of_label.update(labels)
        self._missing_texts += len(text) <= LONGEST_MISSING and text.strip().lower() in MISSING

    def say(self) -> None:
        """Say what is odd in them; each label is a class, and each text a text, all the same."""
        lines = self._lines_of_label
        if jammed := sorted(label for label in lines if FASTTEXT_PREFIX in label):
            note(f"{_listed(jammed)} with {FASTTEXT_PREFIX} inside: fastText ends a label at a space, wanted one there")
        if glued := sorted(label for label in lines if lines[label] == 1 and _GLUE.search(label)):
            note(f"{_listed(glued)} with one line each: fastText ends a label at a space, is the text glued to it?")
        for label in MISSING:
            if label in lines:
                note(f"label {label!r} ({lines[label]:,} lines) is a class: where it stands for none, take it out")
        if self._missing_texts:
            note(f"{self._missing_texts:,} training texts are a word such as 'nan': if it stands for none, take it out")


def _listed(labels: list[str]) -> str:
    return f"{len(labels):,} of the classes are labels such as {shortened(labels[0], 40)},"
