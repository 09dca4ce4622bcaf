"""Balance: the same number of rows for every label, exactly, in each split that is asked for."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from bonepick.core.errors import UsageError
from bonepick.core.outputs import atomic_directory, link_tree
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.core.urls import FOR_DATASET, refuse_url
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.labels import listed
from bonepick.data.odd_labels import check_classes, refuse_scores
from bonepick.data.row_loop import BlockResult, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.several_datasets import common_normalized_field, common_normalizer, joined_shards, refuse_repeated
from bonepick.data.shards import SPLITS
from bonepick.data.splitting import stable_hash
from bonepick.data.unchanged import unchanged
from bonepick.data.writer import Line, new_dataset

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
    """One row as its hash, and as it is, with its label."""

    rows: RowParams
    seed: int

    def __call__(self, row: Row, raw: bytes) -> tuple[int, Line]:
        """Return them.

        Raises:
            BonepickError: the row has no usable text or label.
        """
        self.rows.text(row)
        return stable_hash(self.seed, raw), Line(raw, (self.rows.label(row),))


def balance_dataset(
    input_dirs: Sequence[Path],
    output_dir: Path,
    params: BalanceParams,
    rows: RowParams,
    run: Run = Run(),
    splits: Sequence[str] = SPLITS,
) -> DatasetInfo:
    """Write the rows of some datasets so that in each of `splits` every label has as many rows as the rarest one.

    Which rows stay depends on the seed and the rows alone; they keep all fields and their order. Splits that are not
    named pass whole. With several inputs, each one's shards lie in a folder of its number.

    Raises:
        UsageError: an unknown split is named, or an input twice.
        BonepickError: an input is no dataset with splits, inputs differ in their normalizer, a row is rejected and
            `on_error` is `fail`, labels are no classes (see `check_classes`), an input changes meanwhile, or the output
            is occupied.
    """
    if unknown := sorted(set(splits) - set(SPLITS)):
        raise UsageError(f"--split {unknown[0]} is unknown: wanted {', '.join(SPLITS)}")
    datasets = [Dataset.open_splits(input_dir) for input_dir in input_dirs]
    refuse_repeated(datasets)
    normalizer = common_normalizer(datasets)
    shards = joined_shards(datasets)
    step = LabelStep(rows, params.seed)

    def blocks() -> Iterator[BlockResult[tuple[int, Line]]]:
        return each_block(shards, RowLoop(step, rows.on_error), run.workers, "balance", rows.limits)

    with new_dataset(output_dir, input_dirs, run) as writer, unchanged([shard.path for shard in shards]):
        chosen = _chosen_positions(blocks(), splits, ", ".join(map(str, input_dirs)))
        position = count()
        for block in blocks():
            whole = block.shard.split not in splits
            kept = [line for _, line in block.items if chosen[next(position)] or whole]
            writer.write(block.shard.split, block.shard.mirror, kept)
            writer.reject(block)
        return writer.finish(Provenance("balance", params, normalizer, text_field=common_normalized_field(datasets)))


def _chosen_positions(
    blocks: Iterable[BlockResult[tuple[int, Line]]], splits: Sequence[str], where: str
) -> "NDArray[np.bool_]":
    """Return which rows stay: of each label those with the lowest hashes. It takes 17 bytes a row."""
    import numpy as np

    hashes: dict[str, dict[str, array[int]]] = defaultdict(lambda: defaultdict(lambda: array("Q")))
    positions: dict[str, dict[str, array[int]]] = defaultdict(lambda: defaultdict(lambda: array("Q")))
    position = count()
    for block in blocks:
        split = block.shard.split
        for digest, line in block.items:
            hashes[split][line.labels[0]].append(digest)
            positions[split][line.labels[0]].append(next(position))
        refuse_scores(hashes[split] if block.items else (), f"{split}/ of {where}")
    chosen = np.zeros(next(position), dtype=bool)
    labels = {label for hashes_of_label in hashes.values() for label in hashes_of_label}
    for split in [split for split in SPLITS if split in splits and split in hashes]:
        rows_of_label = Counter({label: len(digests) for label, digests in hashes[split].items()})
        check_classes(rows_of_label, f"{split}/ of {where}")
        if missing := sorted(labels - set(rows_of_label)):
            which = f"label {missing[0]!r} has" if len(missing) == 1 else f"labels {listed(missing)} have"
            note(f"{which} no row in {split}/: the others are balanced without {'it' if len(missing) == 1 else 'them'}")
        rarest = min(rows_of_label.values())
        for label, digests in hashes[split].items():
            places = np.asarray(positions[split][label])
            chosen[places[np.lexsort((places, np.asarray(digests)))[:rarest]]] = True
    return chosen


def link_dataset(input_dir: Path, output_dir: Path, run: Run = Run()) -> None:
    """Write a dataset that is the input as it is, by hard links (copies across file systems).

    Raises:
        UsageError: the input is a URL.
        BonepickError: the input is no directory, or the output is occupied.
    """
    refuse_url(input_dir, FOR_DATASET)
    with atomic_directory(output_dir, "dataset", run.overwrite, [input_dir]) as folder:
        link_tree(input_dir, folder)
    note(f"balance: off, rows pass as they are -> {output_dir}")
