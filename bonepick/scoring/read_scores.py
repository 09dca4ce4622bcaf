"""The scores that a finished run of `score` wrote, read again shard by shard, in the order of the corpus's rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bonepick.core.errors import BonepickError
from bonepick.core.reading import damaged, decoded, read_json
from bonepick.data.shards import Shard, read_blocks
from bonepick.preparation.importing.formats import format_of
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.insert import fields_of
from bonepick.scoring.outputs import table_stem
from bonepick.scoring.publish import output_of
from bonepick.scoring.records import RUN_FILE, SCORE_AGAIN, Record, Records, sidecar_name
from bonepick.scoring.tally import Tally


class _Told(msgspec.Struct):
    operation: str
    into: list[str] = []
    ordered: bool = True
    only_scores: bool = False
    text_field: str = "text"
    keeps: dict[str, object] | None = None


class _Rejected(msgspec.Struct):
    line: int


@dataclass(frozen=True)
class Scores:
    """What a run of `score` left.

    Attributes:
        records: of the run.
        into: names of fields on the way to the scores of a row.
        alone: whether scores alone were written.
        text_field: that was scored.
    """

    records: Records
    into: Sequence[str]
    alone: bool
    text_field: str

    @classmethod
    def open(cls, folder: Path) -> "Scores":
        """Open what lies in a folder.

        Raises:
            BonepickError: no scores of one run do, they are not of all rows, or the model gives no score.
        """
        runs = Records(folder, "").runs()
        if len(runs) != 1:
            came = f"{len(runs)} runs" if runs else "nothing that `bonepick score` wrote"
            raise BonepickError(f"{folder} holds {came}, wanted the output of one run of `bonepick score`")
        records = Records(folder, runs[0])
        told = read_json(records.folder / RUN_FILE, _Told, SCORE_AGAIN)
        if told.operation != "score":
            raise BonepickError(f"{folder} was written by `bonepick {told.operation}`, wanted scores")
        if not told.ordered:
            raise BonepickError(f"{folder}: the model has no score to cut by: score with --keep LABEL=0.5 in its place")
        if told.keeps is not None:
            raise BonepickError(
                f"{folder} has no scores of rows that --keep or --min-score left out: score the corpus without these"
            )
        return cls(records, told.into, told.only_scores, told.text_field)

    def tally(self) -> Tally:
        """Return what the corpus came to.

        Raises:
            BonepickError: not all shards of it are done.
        """
        tally = self.records.summary()
        if tally is None:
            raise BonepickError(f"{self.records.root} is not finished: run the same `bonepick score` again")
        return tally

    def record(self, shard: CorpusShard) -> Record:
        """Return the record of a shard.

        Raises:
            BonepickError: it was not scored.
        """
        record = self.records.load(shard.name)
        if record is None:
            raise BonepickError(f"{shard.name} was not scored: {self.records.root} is of another corpus")
        return record

    def of(self, shard: CorpusShard) -> "ShardScores":
        """Return the scores of a shard."""
        record = self.record(shard)
        for output in record.outputs:
            path = self.records.root / output.path
            if not path.is_file() or output_of(path, output.path) != output:
                raise BonepickError(f"{path} is not what `bonepick score` wrote: run that again")
        sidecar = sidecar_name(shard.name)
        rejected = set[int]()
        if any(output.path == sidecar for output in record.outputs):
            path = self.records.root / sidecar
            for block in read_blocks(Shard(path, "", sidecar)):
                lines = (line for line in block.data.split(b"\n") if line)
                rejected |= {decoded(line, _Rejected, path, SCORE_AGAIN).line for line in lines}
        return ShardScores(self._values(self.records.root / record.outputs[0].path), rejected, shard)

    def _values(self, path: Path) -> Iterator[NDArray[np.float64]]:
        try:
            if format_of(path.name) == "Parquet":
                column = "score" if self.alone else f"{table_stem(self.into)}_score"
                with pq.ParquetFile(path) as table:
                    for batch in table.iter_batches(columns=[column]):
                        yield batch.column(0).to_numpy(zero_copy_only=False)
            else:
                for block in read_blocks(Shard(path, "", path.name)):
                    yield np.array([self._value(line) for line in block.data.split(b"\n") if line], dtype=np.float64)
        except (msgspec.DecodeError, KeyError, TypeError, OSError, ValueError) as error:
            raise damaged(path, error, SCORE_AGAIN) from None

    def _value(self, line: bytes) -> float:
        for name in () if self.alone else self.into:
            line = bytes(fields_of(line)[name])
        return float(msgspec.json.decode(fields_of(line)["score"], type=float))


@dataclass
class ShardScores:
    """The scores of a shard's rows, which are taken in their order.

    Attributes:
        values: in pieces of any length.
        rejected: numbers of the rows that have none.
        shard: that they are of.
    """

    values: Iterator[NDArray[np.float64]]
    rejected: set[int]
    shard: CorpusShard
    _rest: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def take(self, count: int) -> NDArray[np.float64]:
        """Return the scores of the next rows, shape (count,).

        Raises:
            BonepickError: there are fewer.
        """
        parts, missing = [self._rest[:count]], count - len(self._rest)
        self._rest = self._rest[count:]
        while missing > 0:
            piece = next(self.values, None)
            if piece is None:
                raise self._misfit()
            parts.append(piece[:missing])
            self._rest = piece[missing:]
            missing -= len(piece)
        return np.concatenate(parts)

    def refuse_rest(self) -> None:
        """Refuse scores that no row is left for.

        Raises:
            BonepickError: there are such.
        """
        if len(self._rest) or any(len(piece) for piece in self.values):
            raise self._misfit()

    def _misfit(self) -> BonepickError:
        return BonepickError(f"{self.shard.file} has other rows than its scores: {SCORE_AGAIN}")
