"""Row by row from one dataset to the next: what transform, normalize and convert share."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.outputs import atomic_directory
from bonepick.core.parallel import Limits
from bonepick.core.params import OnError, Params
from bonepick.core.progress import note
from bonepick.data.dataset import DatasetTally
from bonepick.data.files import QUARANTINE
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.rows import BlockDone, Row, each_block
from bonepick.data.shards import LineWriter, Shard, find_shards


@dataclass(frozen=True)
class Line:
    """What a step makes of a row.

    Attributes:
        data: the line.
        labels: of the row, as far as they are known.
        remark: counted in the summary.
        names: labels that the row names, though it has not all of them: counted where no row has them, as 0.
    """

    data: bytes
    labels: Sequence[str] = ()
    remark: str | None = None
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Rewrite:
    """One operation that writes a dataset.

    Attributes:
        name: the operation's, for `dataset.json` and progress.
        params: its params, for `dataset.json`.
        step: row and raw line -> `Line`; raises BonepickError with the reason for a row it cannot use.
        target: where a shard's lines go, relative to the output.
        normalizer: identity of the normalizer that was applied, if any.
        label_form: how labels were read, for `dataset.json`.
        limits: of each block, where the step runs a jq expression.
    """

    name: str
    params: Params
    step: Callable[[Row, bytes], Line]
    target: Callable[[Shard], str] = lambda shard: mirrored(shard)
    normalizer: dict[str, Any] | None = None
    label_form: LabelForm = ONE_LABEL
    limits: Limits | None = None


def mirrored(shard: Shard) -> str:
    """Return the path of the output shard that stands for an input shard."""
    return f"{shard.split}/{shard.name}.jsonl.zst".lstrip("/")


def rewrite(
    operation: Rewrite, input_dir: Path, output_dir: Path, on_error: OnError, workers: int, overwrite: bool
) -> None:
    """Run an operation over a dataset. Every row ends in the output or, with its reason, in quarantine/.

    Raises:
        BonepickError: a row cannot be used and `on_error` is `fail`, the input is no dataset, or the output is
            occupied.
    """
    shards = find_shards(input_dir)
    with atomic_directory(output_dir, "dataset", overwrite, [input_dir]) as folder:
        tally, remarks = rewrite_into(folder, operation, shards, on_error, workers)
    summarize(operation.name, output_dir, tally, remarks)


def rewrite_into(
    folder: Path, operation: Rewrite, shards: Sequence[Shard], on_error: OnError, workers: int
) -> tuple[DatasetTally, Counter[str]]:
    """Run an operation over some shards; return what was written to a folder, and how often each remark was made.

    Raises:
        BonepickError: a row cannot be used and `on_error` is `fail`.
    """
    tally, remarks = DatasetTally(), Counter[str]()
    blocks = each_block(shards, operation.step, on_error, workers, operation.name, operation.limits)
    for target, group in groupby(blocks, key=lambda done: operation.target(done.shard)):
        with LineWriter(folder / target) as writer:
            for done in group:
                lines = [line.data for line in done.items]
                writer.write(lines)
                labels = [label for line in done.items for label in line.labels]
                tally.add(done.shard.split, lines, labels, len(done.set_aside))
                tally.name(done.shard.split, {name for line in done.items for name in line.names})
                remarks.update(line.remark for line in done.items if line.remark)
                quarantine(folder, mirrored(done.shard), done)
    tally.info(operation.name, operation.params, operation.normalizer, operation.label_form).save(folder)
    return tally, remarks


def quarantine(folder: Path, shard: str, done: BlockDone[Any]) -> None:
    """Append a block's unusable rows, each with its line number and reason, to the sidecar of a (mirrored) shard."""
    if done.set_aside:
        path = folder / QUARANTINE / shard.removesuffix(".zst")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            for row in done.set_aside:
                kept = {"line": row.line, "reason": row.reason, "raw": row.raw.decode(errors="backslashreplace")}
                stream.write(msgspec.json.encode(kept) + b"\n")


def summarize(name: str, output_dir: Path, tally: DatasetTally, remarks: Mapping[str, int] = {}) -> None:
    """Say how many rows went where."""
    splits = [f"{split} {rows:,}" for split, rows in tally.rows_of_splits.items() if split]
    parts = [f"{tally.rows:,} rows" + (f" ({', '.join(splits)})" if len(splits) > 1 else "")]
    if tally.set_aside:
        parts.append(f"{tally.set_aside:,} set aside under {output_dir / QUARANTINE}")
    parts += [f"{count:,} {remark}" for remark, count in sorted(remarks.items())]
    note(f"{name}: {', '.join(parts)} -> {output_dir}")
