"""Label distribution: rows, shares and text lengths per label and split."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import msgspec

from bonepick.core.errors import shortened
from bonepick.data.dataset import MAX_LABELS_KEPT
from bonepick.data.label_forms import labels_of, names_in
from bonepick.data.labels import order_labels
from bonepick.data.rows import LeftOut, Row, RowParams, each_block
from bonepick.data.shards import SPLITS, find_shards

PERCENTS = (5, 25, 50, 75, 95)
_BAR, _WIDEST = 30, 40  # characters


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
    set_aside: int
    labels: list[LabelShare]


@dataclass(frozen=True)
class LabelDistribution:
    """The splits, in their order; as a string the tables that a terminal shows."""

    splits: list[SplitLabels]

    def json(self) -> str:
        """Return all of it as JSON, one object per split."""
        return msgspec.json.format(msgspec.json.encode(self.splits), indent=2).decode() + "\n"

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


@dataclass(frozen=True)
class LengthStep:
    """One row as its labels and the length of its text."""

    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        """Return them, with the labels that it names and has not between them.

        Raises:
            BonepickError: the row has no usable text or label.
        """
        value = self.rows.label_value(row)
        return labels_of(value), names_in(value), len(self.rows.text(row))


def label_distribution(
    input_dirs: Sequence[Path], rows: RowParams, labels: Sequence[object] = (), workers: int = 1
) -> LabelDistribution:
    """Count the rows of some datasets, or plain trees of shards, taken together, per split and label; where
    labels are objects of 0 and 1, a row counts for each 1.

    A label that no row of a split has is there with 0 rows, where there are few labels. Memory grows with the number of
    different lengths, not with that of rows.

    Raises:
        UsageError: `labels` names some of the labels but not all.
        BonepickError: an input is no dataset, or a row cannot be used and `on_error` is `fail`.
    """
    shards = [shard for input_dir in input_dirs for shard in find_shards(input_dir)]
    lengths = defaultdict[str, defaultdict[str, Counter[int]]](lambda: defaultdict(Counter))
    whole, set_aside, left_out, named = Counter[str](), Counter[str](), LeftOut(), set[str]()
    for done in each_block(shards, LengthStep(rows), rows.on_error, workers, "count labels", rows.limits):
        found = lengths[done.shard.split]
        set_aside[done.shard.split] += len(done.set_aside)
        left_out.add(done)
        whole[done.shard.split] += len(done.items)
        for row_labels, names, length in done.items:
            named.update(names)
            for label in row_labels:
                found[label][length] += 1
    left_out.say("label-distribution")
    order = order_labels(named.union(*lengths.values()), labels)
    splits, few = [], len(order) <= MAX_LABELS_KEPT
    for split in [split for split in (*SPLITS, "") if split in lengths]:
        shown = [label for label in order if label in lengths[split] or (few and whole[split])]
        counts = {label: lengths[split][label].total() for label in shown}
        shares = [
            LabelShare(label, count, round(count / whole[split], 6), quantiles(lengths[split][label]))
            for label, count in counts.items()
        ]
        splits.append(SplitLabels(split, whole[split], set_aside[split], shares))
    return LabelDistribution(splits)


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
