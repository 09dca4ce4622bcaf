"""The lines that fastText is trained on: written to a file, and parted into what is trained on and what is held out."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.base.items import Item
from bonepick.classifiers.fasttext.odd_lines import OddLines
from bonepick.core.progress import note
from bonepick.data.fasttext_lines import fasttext_line

if TYPE_CHECKING:
    from bonepick.classifiers.base.training_rows import TrainingRows

HELD_OUT = "valid"
"""Split of the lines that are held out, in a folder of their own."""


@dataclass
class Lines:
    """A file of lines, and, where that is kept, what each is from.

    Attributes:
        path: the file.
        sources, groups, labels: of each line.
    """

    path: Path
    sources: list[str | None] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    labels: list[tuple[str, ...]] = field(default_factory=list)

    def keep(self, item: Item) -> None:
        """Keep what one line is from."""
        self.sources.append(item.source)
        self.groups.append(item.group)
        self.labels.append(item.labels)

    def targets(self) -> NDArray[np.int64]:
        """Return a number for the label of each line, of several the one that is rarest; one more for no label."""
        counts = Counter(label for labels in self.labels for label in labels)
        numbers = {label: number for number, label in enumerate(sorted(counts))}
        rarest = [min(labels, key=lambda label: (counts[label], label), default=None) for labels in self.labels]
        return np.array([len(numbers) if one is None else numbers[one] for one in rarest], dtype=np.int64)

    def parted(self, held_out: NDArray[np.bool_], folder: Path) -> tuple[Path, Path]:
        """Write the lines that are left and those that are held out, and return the file of the first and a folder.

        Args:
            held_out: shape (n_lines,).
            folder: where; it is made.
        """
        folder.mkdir()
        left, out = folder / "train.txt", folder / f"{HELD_OUT}.txt"
        with self.path.open("rb") as lines, left.open("wb") as for_training, out.open("wb") as for_judging:
            for line, is_out in zip(lines, held_out.tolist(), strict=True):
                (for_judging if is_out else for_training).write(line)
        return left, folder


def write_lines(rows: "TrainingRows", target: Path, kept: bool, split: str = "train") -> Lines:
    """Write the rows of a split as lines; say what is odd in those for training.

    Args:
        rows: where they are from.
        target: the file.
        kept: whether it is kept what each line is from.
        split: which.

    Raises:
        BonepickError: see `TrainingRows.batches`.
    """
    lines, odd, n_unlabelled = Lines(target), OddLines(), 0
    with target.open("wb") as stream:
        for batch in rows.batches(split):
            for item in batch.items:
                n_unlabelled += not item.labels
                odd.add(item.labels, item.text)
                stream.write(fasttext_line(item.labels, item.text).encode() + b"\n")
                if kept:
                    lines.keep(item)
    if split == "train":
        odd.say()
        if n_unlabelled:
            note(f"{n_unlabelled:,} of {rows.n_rows:,} training rows have no label: fastText does not learn from them")
    return lines
