"""Shards that are named by their number in their split."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count, groupby

from bonepick.data.writer import DatasetWriter, Line


class NumberedShards:
    """Writes rows to `train/00000.jsonl.zst`, `train/00001.jsonl.zst` and so on, whatever the calls they come in.

    >>> def in_tens(split: str, position: int) -> int:
    ...     return position // 10
    >>> shards = NumberedShards(writer, in_tens)  # doctest: +SKIP
    """

    def __init__(self, writer: DatasetWriter, number_of: Callable[[str, int], int]) -> None:
        """Take the dataset's writer, and what gives a row's shard by split and position there; it never falls."""
        self._writer = writer
        self._number_of = number_of
        self._rows = Counter[str]()

    def write(self, split: str, lines: Sequence[Line]) -> None:
        """Append lines to a split."""
        positioned = zip(lines, count(self._rows[split]), strict=False)
        for number, group in groupby(positioned, key=lambda pair: self._number_of(split, pair[1])):
            self._writer.write(split, f"{split}/{number:05}.jsonl.zst".lstrip("/"), [line for line, _ in group])
        self._rows[split] += len(lines)
