"""Carving: rows of train become test and validation rows by the hash of their group, as whole groups."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from bonepick.core.progress import note
from bonepick.data.row_loop import BlockResult
from bonepick.data.writer import Line

GroupedBlock: TypeAlias = BlockResult[tuple[str, Line]]
"""Some rows, each with the group that it is split by."""


def amounts_to_carve(where: Path | str, splits: Collection[str], test: float, valid: float) -> tuple[float, float]:
    """Return how much of train becomes test and validation rows: none where there is such a split, which is said.

    Args:
        where: the dataset, for people.
        splits: that it has.
        test, valid: what is asked for, see `make_splitter`.
    """
    amounts = {"test": test, "valid": valid}
    for split in [split for split, amount in amounts.items() if amount and split in splits]:
        note(f"{where} has a {split} split of its own: it is kept, and {split}_split is ignored")
        amounts[split] = 0.0
    return amounts["test"], amounts["valid"]


def groups_of(blocks: Iterable[GroupedBlock]) -> Iterator[str]:
    """Yield the group of every row."""
    return (group for block in blocks for group, _ in block.items)


def lines_by_split(block: GroupedBlock, split_of: Callable[[str], str]) -> dict[str, list[Line]]:
    """Return a block's lines by the split they go to: train's by their group, others' stay where they are."""
    lines: dict[str, list[Line]] = {}
    for group, line in block.items:
        lines.setdefault(split_of(group) if block.shard.split == "train" else block.shard.split, []).append(line)
    return lines
