"""Training data: rows of some datasets as features and class numbers, with a validation part."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.dataset import DatasetInfo, common_normalizer, is_normalized
from bonepick.data.fasttext_files import holds_fasttext_files
from bonepick.data.labels import canonical_label, order_labels
from bonepick.data.rows import LeftOut, Row, RowParams, each_block
from bonepick.data.shards import Shard, find_shards
from bonepick.data.splitting import make_splitter
from bonepick.text.normalizers import Normalizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HELD_OUT = 0.1
"""Share of train that is held out for validation where a dataset has no `valid/`."""


@dataclass(frozen=True)
class Examples:
    """Features, float32 of shape (n, dim), and class numbers, int64 of shape (n,)."""

    features: "NDArray[np.float32]"
    targets: "NDArray[np.int64]"


@dataclass(frozen=True)
class TrainingData:
    """What a head is trained on.

    Attributes:
        classes: canonical labels, worst to best.
        train, valid: examples.
        normalizer: identity of the normalizer that the texts went through; None where that is not known.
        datasets: content digests of the datasets; empty text for one that has none.
        label_shares: share of each class among the training rows.
    """

    classes: list[str]
    train: Examples
    valid: Examples
    normalizer: dict[str, Any] | None
    datasets: list[str]
    label_shares: dict[str, float]


def read_training_data(
    dataset_dirs: Sequence[Path],
    embed: "Callable[[list[str]], NDArray[np.float32]]",
    rows: RowParams,
    labels: Sequence[object],
    seed: int,
    workers: int,
    normalizer: Normalizer | None = None,
) -> TrainingData:
    """Read and embed the `train/` and `valid/` rows of some datasets, one after the other; `test/` is not looked at.

    Args:
        dataset_dirs: datasets that went through the same normalizer, or go through it here.
        embed: texts -> features.
        rows: how rows are read; with `quarantine`, unusable ones are left out and counted.
        labels: order from worst to best, see `order_labels`.
        seed: of the hold-out.
        workers: processes that decode and normalize rows.
        normalizer: of the texts; None takes them as they are.

    Raises:
        BonepickError: no training or validation rows, fewer than two labels, a label in `valid/` that training does
            not know, different normalizers, or a row that cannot be used.
    """
    import numpy as np

    found: dict[str, list[tuple[Any, list[str]]]] = {"train": [], "valid": []}
    for directory in dataset_dirs:
        for split, texts, text_labels in _parts(directory, rows, seed, workers, normalizer):
            if texts:
                found[split].append((embed(texts), text_labels))
    all_labels = {split: [label for _, part in parts for label in part] for split, parts in found.items()}
    where = ", ".join(map(str, dataset_dirs))
    for split, split_labels in all_labels.items():
        if not split_labels:
            raise BonepickError(f"no {split} rows in {where}: training needs train/ rows, and some for validation")
    classes = training_classes(all_labels["train"], labels, where)
    if strangers := sorted(set(all_labels["valid"]) - set(classes)):
        raise BonepickError(f"label {strangers[0]!r} occurs in valid/ but not in train/ of {where}")
    number = {label: index for index, label in enumerate(classes)}
    train, valid = (
        Examples(
            np.concatenate([features for features, _ in found[split]]),
            np.array([number[label] for label in all_labels[split]], dtype=np.int64),
        )
        for split in ("train", "valid")
    )
    identity, digests = provenance(dataset_dirs, normalizer)
    return TrainingData(classes, train, valid, identity, digests, label_shares(Counter(all_labels["train"])))


def training_classes(
    labels: Sequence[str], wanted: Sequence[object], where: str, named: Collection[str] = ()
) -> list[str]:
    """Return the distinct labels, worst to best; say which other ones are `wanted`, or `named` by rows.

    Raises:
        BonepickError: there are fewer than two.
    """
    classes = order_labels(labels, wanted)
    if len(classes) < 2:
        raise BonepickError(f"only label {classes[0]!r} occurs in train/ of {where}: a classifier needs two at least")
    ordered = {canonical_label(label) for label in wanted}
    say_unlearned({*named, *(ordered if ordered & set(classes) else ())}, classes)
    return classes


def say_unlearned(named: Collection[str], classes: Sequence[str]) -> None:
    """Say which labels no training row has."""
    if missing := sorted(set(named) - set(classes)):
        one = len(missing) == 1
        which = f"{'label' if one else 'labels'} {', '.join(map(repr, missing))}"
        note(f"{which} {'has' if one else 'have'} no row in train/: the model will not know {'it' if one else 'them'}")


def provenance(
    dataset_dirs: Sequence[Path], normalizer: Normalizer | None = None
) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the normalizer's identity and the content digests that some datasets give of themselves.

    Args:
        dataset_dirs: the datasets.
        normalizer: the one that their texts go through while they are read, if any.

    Raises:
        BonepickError: they went through different normalizers.
    """
    identity = normalizer.identity if normalizer else common_normalizer(dataset_dirs)
    if identity is None:
        note(
            "the training texts went through no normalizer, or which one is not known: the model will take texts as "
            "they are (--normalization applies one)"
        )
    return identity, content_digests(dataset_dirs)


def content_digests(dataset_dirs: Sequence[Path]) -> list[str]:
    """Return the content digests that some datasets give of themselves; empty text for one that does not."""
    infos = [DatasetInfo.load(directory) for directory in dataset_dirs]
    return [info.digest if info else "" for info in infos]


def label_shares(counts: Counter[str], rows: int | None = None) -> dict[str, float]:
    """Return the share of rows that have each label, six decimals; without a number of rows each has one label."""
    return {label: round(count / (rows or counts.total()), 6) for label, count in sorted(counts.items())}


@dataclass(frozen=True)
class _TrainingRow:
    """One row as its text, its label, and what it is held out by: its group, where it has one, else its text."""

    rows: RowParams
    normalizer: Normalizer | None

    def __call__(self, row: Row, raw: bytes) -> tuple[str, str, str]:
        text, group = self.rows.text(row), row.get("group")
        if self.normalizer:
            text = self.normalizer.nonblank(text)
        return text, self.rows.label(row), group if isinstance(group, str) else text


def _parts(
    directory: Path, rows: RowParams, seed: int, workers: int, normalizer: Normalizer | None
) -> Iterator[tuple[str, list[str], list[str]]]:
    if holds_fasttext_files(directory):
        raise BonepickError(f"{directory} holds fastText lines: wanted rows, as they are before conversion")
    shards = [shard for shard in find_shards(directory) if shard.split in ("train", "valid")]
    split_of = _hold_out(directory, shards, seed)
    left_out = LeftOut()
    if normalizer and is_normalized(directory, normalizer.identity):
        normalizer = None
    step = _TrainingRow(rows, normalizer)
    blocks = each_block(shards, step, rows.on_error, workers, f"read {directory}", rows.limits)
    for done in blocks:
        left_out.add(done)
        for split in ("train", "valid"):
            chosen = [item for item in done.items if split_of(done.shard, item[2]) == split]
            yield split, [text for text, _, _ in chosen], [label for _, label, _ in chosen]
    left_out.say(directory)


def _hold_out(directory: Path, shards: Sequence[Shard], seed: int) -> Callable[[Shard, str], str]:
    if not shards or any(shard.split == "valid" for shard in shards):
        return lambda shard, group: shard.split
    note(f"{directory} has no valid/: {HELD_OUT:.0%} of train/ is held out by hash")
    split_of = make_splitter(seed, test=0.0, valid=HELD_OUT)
    return lambda shard, group: split_of(group)
