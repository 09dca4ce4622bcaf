"""Label distribution: rows, shares and text lengths per label and split."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.json_format import json_bytes
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import MAX_LABELS_KEPT
from bonepick.data.label_forms import labels_of, names_in
from bonepick.data.labels import order_labels, say_absent
from bonepick.data.odd_labels import check_classes
from bonepick.data.row_loop import BlockResult, Rejections, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.several_datasets import refuse_repeated
from bonepick.data.shards import SPLITS

PERCENTS = (5, 25, 50, 75, 95)
_BAR = 30
_WIDEST = 40  # characters


@dataclass(frozen=True)
class LabelShare:
    """One label of a split. `characters` are quantiles of its texts' lengths, by name (`p5` to `p95`), of any."""

    label: str
    rows: int
    share: float
    characters: dict[str, int]


@dataclass(frozen=True)
class SplitLabels:
    """One split, its labels from worst to best; `split` is empty in a tree without splits."""

    split: str
    rows: int
    rejected: int
    labels: list[LabelShare]


@dataclass(frozen=True)
class LabelDistribution:
    """The splits, in their order; as a string the tables that a terminal shows."""

    splits: list[SplitLabels]

    def json(self) -> str:
        """Return all of it as JSON, one object per split."""
        return json_bytes(self.splits, order=None).decode()

    def __str__(self) -> str:
        shown = {label.label: _shown(label.label) for split in self.splits for label in split.labels}
        width = max(map(len, ["label", *shown.values()]))
        names = ["median" if percent == 50 else f"{percent}%" for percent in PERCENTS]
        head = f"{'label':<{width}} {'rows':>12} {'share':>7}  {'':<{_BAR}}" + "".join(f"{name:>9}" for name in names)
        tables = []
        for split in self.splits:
            title = f"{split.split}: {split.rows:,} rows".removeprefix(": ")
            lines = [title, f"{head}  characters"] if split.labels else [title]
            for label in split.labels:
                bar = "█" * round(_BAR * label.share) or "▏" * (label.rows > 0)
                lengths = "".join(f"{length:>9,}" for length in label.characters.values())
                name = f"{shown[label.label]:<{width}}"
                lines.append(f"{name} {label.rows:>12,} {label.share:>7.1%}  {bar:<{_BAR}}{lengths}".rstrip())
            tables.append("\n".join(lines) + "\n")
        return "\n".join(tables)


def _shown(label: str) -> str:
    return label if label.isprintable() and len(label) <= _WIDEST else shortened(label, _WIDEST)


LabelledLength = tuple[tuple[str, ...], tuple[str, ...], int]


@dataclass(frozen=True)
class LengthStep:
    """One row as its labels and the length of its text."""

    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> LabelledLength:
        """Return them, with the labels that it names and has not between them.

        Raises:
            BonepickError: the row has no usable text or label.
        """
        value = self.rows.label_value(row)
        return labels_of(value), names_in(value), len(self.rows.text(row))


def label_distribution(
    input_dirs: Sequence[Path], rows: RowParams, labels: Sequence[object] = (), run: Run = Run()
) -> LabelDistribution:
    """Count the rows of some datasets, or plain trees of shards, taken together, per split and label; where
    labels are objects of 0 and 1, a row counts for each 1.

    A label that no row of a split has is there with 0 rows, where there are few labels. Memory grows with the number of
    different lengths, not with that of rows.

    Raises:
        UsageError: `labels` names none of the labels, or some but not all; or an input is given twice.
        BonepickError: an input is no dataset of rows, or a row is rejected and `on_error` is `fail`.
    """
    datasets = [Dataset.open_rows(input_dir) for input_dir in input_dirs]
    refuse_repeated(datasets)
    shards = [shard for dataset in datasets for shard in dataset.shards]
    counts = defaultdict[str, _SplitCounts](_SplitCounts)
    rejections = Rejections()
    for block in each_block(shards, RowLoop(LengthStep(rows), rows.on_error), run.workers, "count labels", rows.limits):
        counts[block.shard.split].add(block)
        rejections.add(block)
    rejections.say("label-distribution")
    known = {label for split in counts.values() for label in (*split.lengths, *split.named)}
    several = any(split.named for split in counts.values())
    if not several:
        _say_odd(sum((split.rows_of_label for split in counts.values()), Counter[str]()))
    order = order_labels(known, labels) if labels or not several else sorted(known)
    say_absent(known, labels)
    splits = [split for split in (*SPLITS, "") if split in counts]
    return LabelDistribution([counts[split].described(split, order) for split in splits])


def _say_odd(rows_of_label: Counter[str]) -> None:
    try:
        check_classes(rows_of_label, "label-distribution")
    except BonepickError as error:  # nothing is made of these labels here
        note(str(error))


class _SplitCounts:
    """Rows of one split, and how many of each label have a text of each length."""

    def __init__(self) -> None:
        self.lengths = defaultdict[str, Counter[int]](Counter)
        self.named = set[str]()
        self._rows = 0
        self._rejected = 0

    def add(self, block: BlockResult[LabelledLength]) -> None:
        self._rows += len(block.items)
        self._rejected += len(block.rejected)
        for labels, names, length in block.items:
            self.named.update(names)
            for label in labels:
                self.lengths[label][length] += 1

    @property
    def rows_of_label(self) -> Counter[str]:
        """How many rows each label has."""
        return Counter({label: lengths.total() for label, lengths in self.lengths.items()})

    def described(self, split: str, order: Sequence[str]) -> SplitLabels:
        all_of_them = self._rows and len(order) <= MAX_LABELS_KEPT
        shares = [self._share(label) for label in order if all_of_them or label in self.lengths]
        return SplitLabels(split, self._rows, self._rejected, shares)

    def _share(self, label: str) -> LabelShare:
        lengths = self.lengths[label]
        return LabelShare(label, lengths.total(), round(lengths.total() / self._rows, 6), quantiles(lengths))


def quantiles(lengths: Counter[int]) -> dict[str, int]:
    """Return, for each percentage, the smallest length that at least so many of the texts do not exceed.

    >>> quantiles(Counter({10: 90, 7000: 10}))
    {'p5': 10, 'p25': 10, 'p50': 10, 'p75': 10, 'p95': 7000}
    """
    values = sorted(lengths)
    if not values:
        return {}
    upto = list(accumulate(lengths[value] for value in values))
    return {f"p{percent}": values[bisect_left(upto, -(-percent * upto[-1] // 100))] for percent in PERCENTS}
