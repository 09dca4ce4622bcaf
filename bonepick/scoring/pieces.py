"""A piece of a shard, scored: what is written of it, and what is counted of it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from bonepick.data.row_loop import RejectedRow
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.tally import Tally

B = TypeVar("B")


@dataclass(frozen=True)
class Counts:
    """What is counted of n rows; see `Tally.add`."""

    scores: NDArray[np.float64] | None
    words: NDArray[np.int64]
    sizes: NDArray[np.int64]
    kept: NDArray[np.bool_]
    sources: list[str] | None = None
    probabilities: NDArray[np.float64] | None = None
    """Of a model of several labels."""


@dataclass(frozen=True)
class Piece:
    """A block of a shard, worked on.

    Attributes:
        output: what is written: lines, or a `pyarrow.Table`.
        rejected: rows that are not written, with their reasons.
        counts: of the others.
        last: whether a row group of a table ends here.
    """

    output: Any
    rejected: list[RejectedRow] = field(default_factory=list)
    counts: Counts | None = None
    last: bool = False

    def __len__(self) -> int:
        return len(self.rejected) + (len(self.counts.words) if self.counts else 0)

    def count_in(self, tally: Tally, classes: Sequence[str]) -> None:
        """Add the rows of the piece to a tally."""
        for row in self.rejected:
            tally.reject(row.reason)
        if self.counts is not None:
            counts = self.counts
            tally.add(counts.scores, counts.words, counts.sizes, counts.kept, counts.sources)
            if counts.probabilities is not None:
                tally.add_labels(classes, counts.probabilities)


class PieceWriter(Protocol):
    """Writes the pieces of a shard to a file."""

    def write(self, piece: Piece) -> None:
        """Append what is written of a piece."""


class ShardWork(Protocol, Generic[B]):
    """How shards of one format are worked on; can be pickled. A block is read in one process, worked on in any."""

    def blocks(self, shard: CorpusShard, digest: Any) -> Iterator[B]:
        """Read a shard block by block.

        Args:
            shard: that is read.
            digest: a `hashlib` object that gets all bytes of the file.
        """

    def work(self, block: B) -> Piece:
        """Work on a block: the piece depends on it alone."""

    def writer(self, shard: CorpusShard, path: Path) -> AbstractContextManager[PieceWriter]:
        """Open the file that the shard's output is written to."""

    def output_name(self, shard: CorpusShard) -> str:
        """Return the name of that output inside the place where it goes."""
