"""Row by row from one dataset to the next: what transform, normalize and convert share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bonepick.core.children import Limits
from bonepick.core.params import OnError
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.row_loop import RowLoop, each_block
from bonepick.data.rows import Row
from bonepick.data.shards import Shard
from bonepick.data.writer import DatasetWriter, Line


def _mirror(shard: Shard) -> str:
    return shard.mirror


@dataclass(frozen=True)
class Rewrite:
    """An operation that makes a line of each row.

    Attributes:
        provenance: what its output says of how it was made.
        step: row and raw line -> `Line`; raises BonepickError with the reason for a row it cannot use.
        on_error: policy on such rows.
        limits: of each block, where the step runs a jq expression.
        file: the file, inside the output, that a shard's lines go to.
    """

    provenance: Provenance
    step: Callable[[Row, bytes], Line]
    on_error: OnError
    limits: Limits | None = None
    file: Callable[[Shard], str] = _mirror


def rewrite(writer: DatasetWriter, shards: Iterable[Shard], operation: Rewrite, workers: int) -> DatasetInfo:
    """Run an operation over some shards. Every row ends in the output or, with its reason, in `quarantine/`.

    Raises:
        BonepickError: a row is rejected and `on_error` is `fail`.
    """
    name = operation.provenance.operation
    loop = RowLoop(operation.step, operation.on_error)
    for block in each_block(shards, loop, workers, name, operation.limits):
        writer.write(block.shard.split, operation.file(block.shard), block.items)
        writer.reject(block)
    return writer.finish(operation.provenance)
