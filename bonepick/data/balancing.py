"""Balance: the same number of rows for every label, exactly, in each split that is asked for."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING

from bonepick.core.errors import UsageError
from bonepick.core.outputs import atomic_directory, link_tree
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.core.urls import FOR_DATASET, refuse_url
from bonepick.data.dataset import DatasetTally, common_normalizer
from bonepick.data.rewriting import quarantine, summarize
from bonepick.data.rows import BlockDone, Row, RowParams, each_block
from bonepick.data.shards import SPLITS, LineWriter, find_split_shards
from bonepick.data.splitting import stable_hash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class BalanceParams(Params):
    """Which rows stay."""

    seed: Seed = 42
    """Seed of the choice of rows."""


@dataclass(frozen=True, kw_only=True)
class BalanceStageParams(BalanceParams):
    """The stage's params: balancing can be off, and the rows then pass as they are."""

    enabled: bool = False
    """Whether the pipeline balances `train/`."""


@dataclass(frozen=True)
class LabelStep:
    """One row as its label, its hash and its line."""

    rows: RowParams
    seed: int

    def __call__(self, row: Row, raw: bytes) -> tuple[str, int, bytes]:
        """Return them.

        Raises:
            BonepickError: the row has no usable text or label.
        """
        self.rows.text(row)
        return self.rows.label(row), stable_hash(self.seed, raw), raw


def balance_dataset(
    input_dirs: Sequence[Path],
    output_dir: Path,
    params: BalanceParams,
    rows: RowParams,
    splits: Sequence[str] = SPLITS,
    workers: int = 1,
    overwrite: bool = False,
) -> None:
    """Write the rows of some datasets so that in each of `splits` every label has as many rows as the rarest one.

    Which rows stay depends on the seed and the rows alone; they keep all fields and their order. Splits that are not
    named pass whole. With several inputs, each one's shards lie in a folder of its number.

    Raises:
        BonepickError: an input is no dataset, inputs differ in their normalizer, an unknown split is named, a row
            cannot be used and `on_error` is `fail`, or the output is occupied.
    """
    if strangers := sorted(set(splits) - set(SPLITS)):
        raise UsageError(f"--split {strangers[0]} is unknown: wanted {', '.join(SPLITS)}")
    if len({input_dir.resolve() for input_dir in input_dirs}) < len(input_dirs):
        raise UsageError("an input is given twice: each of its rows counts once")
    normalizer = common_normalizer(input_dirs)
    inputs = [find_split_shards(input_dir) for input_dir in input_dirs]
    targets = {
        shard: f"{shard.split}/{f'{number}/' if len(inputs) > 1 else ''}{shard.name}.jsonl.zst"
        for number, shards in enumerate(inputs)
        for shard in shards
    }
    step = LabelStep(rows, params.seed)

    def each() -> Iterator[BlockDone[tuple[str, int, bytes]]]:
        return each_block(targets, step, rows.on_error, workers, "balance", rows.limits)

    tally, position = DatasetTally(), count()
    with atomic_directory(output_dir, "dataset", overwrite, input_dirs) as folder:
        chosen = _chosen_positions(each(), splits)
        for target, group in groupby(each(), key=lambda done: targets[done.shard]):
            with LineWriter(folder / target) as writer:
                for done in group:
                    kept = [item for item in done.items if chosen[next(position)] or done.shard.split not in splits]
                    lines = [raw for _, _, raw in kept]
                    writer.write(lines)
                    tally.add(done.shard.split, lines, [label for label, _, _ in kept], len(done.set_aside))
                    quarantine(folder, target, done)
        tally.info("balance", params, normalizer).save(folder)
    summarize("balance", output_dir, tally)


def _chosen_positions(
    blocks: Iterable[BlockDone[tuple[str, int, bytes]]], splits: Sequence[str]
) -> "NDArray[np.bool_]":
    """Return which rows stay: of each label those with the lowest hashes. It takes 17 bytes a row."""
    import numpy as np

    hashes: dict[str, dict[str, array[int]]] = defaultdict(lambda: defaultdict(lambda: array("Q")))
    positions: dict[str, dict[str, array[int]]] = defaultdict(lambda: defaultdict(lambda: array("Q")))
    position = count()
    for done in blocks:
        for label, digest, _ in done.items:
            hashes[done.shard.split][label].append(digest)
            positions[done.shard.split][label].append(next(position))
    chosen = np.zeros(next(position), dtype=bool)
    every = {label for own in hashes.values() for label in own}
    for split in [split for split in SPLITS if split in splits and split in hashes]:
        if missing := sorted(every - set(hashes[split])):
            named = ", ".join(missing[:5]) + (f" and {len(missing) - 5:,} more" if len(missing) > 5 else "")
            note(f"no row in {split}/ has label {named}: the others are balanced without")
        rarest = min(map(len, hashes[split].values()))
        for label, own in hashes[split].items():
            places = np.asarray(positions[split][label])
            chosen[places[np.lexsort((places, np.asarray(own)))[:rarest]]] = True
    return chosen


def link_dataset(input_dir: Path, output_dir: Path, overwrite: bool = False) -> None:
    """Write a dataset that is the input as it is, by hard links (copies across file systems).

    Raises:
        UsageError: the input is a URL.
        BonepickError: the input is no directory, or the output is occupied.
    """
    refuse_url(input_dir, FOR_DATASET)
    with atomic_directory(output_dir, "dataset", overwrite, [input_dir]) as folder:
        link_tree(input_dir, folder)
    note(f"balance: off, rows pass as they are -> {output_dir}")
