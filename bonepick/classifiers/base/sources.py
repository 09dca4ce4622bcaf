"""Where training rows come from: a dataset of rows, or one of fastText lines; both are streamed in blocks."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bonepick.core.params import OnError
from bonepick.core.progress import note
from bonepick.data.dataset import Dataset
from bonepick.data.fasttext_files import line_blocks
from bonepick.data.label_forms import LabelForm, names_in
from bonepick.data.row_loop import Rejections, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.text.normalizer import Normalizer


class Item(NamedTuple):
    """One row as training takes it.

    Attributes:
        text: as the model takes it.
        labels: canonical.
        group: rows of one group are held out together; a digest of the text where the row has none.
        names: labels that it names, though it need not have them.
        source: where it is from; None where it does not say.
    """

    text: str
    labels: tuple[str, ...]
    group: str
    names: tuple[str, ...] = ()
    source: str | None = None


class Source(Protocol):
    """The training rows of one dataset."""

    @property
    def dataset(self) -> Dataset:
        """The dataset."""

    @property
    def normalizer(self) -> Normalizer | None:
        """What its texts go through here; None takes them as they are."""

    @property
    def label_form(self) -> LabelForm:
        """How labels are read, or were read when it was converted."""

    def splits(self) -> set[str]:
        """Return the splits that it has."""

    def named_labels(self) -> set[str]:
        """Return the labels that it says its rows of any split have."""

    def blocks(self, splits: Collection[str]) -> Iterator[tuple[str, list[Item]]]:
        """Yield the rows of some splits block by block, each with its split, and say which were rejected.

        Raises:
            BonepickError: a row cannot be used.
        """


@dataclass(frozen=True)
class _ReadRow:
    """One row as an `Item`."""

    rows: RowParams
    normalizer: Normalizer | None
    label_form: LabelForm

    def __call__(self, row: Row, raw: bytes) -> Item:
        text = self.rows.text(row)
        value = self.rows.label_value(row)
        labels = self.label_form.labels(value)
        if self.normalizer:
            text = self.normalizer.nonblank(text)
        group, source = row.get("group"), row.get("source")
        return Item(
            text,
            labels,
            group if isinstance(group, str) else _digest(text),
            names_in(value),
            None if source is None else str(source),
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class RowSource:
    """A dataset of rows. `converted` says that they stand for the fastText lines that conversion would make of them."""

    dataset: Dataset
    normalizer: Normalizer | None
    label_form: LabelForm
    rows: RowParams
    workers: int
    converted: bool

    def splits(self) -> set[str]:
        """See `Source`."""
        return {shard.split for shard in self.dataset.shards}

    def named_labels(self) -> set[str]:
        """See `Source`: what it says can be of another field, or of labels that are read in another way here."""
        return set()

    def blocks(self, splits: Collection[str]) -> Iterator[tuple[str, list[Item]]]:
        """See `Source`."""
        step = _ReadRow(self.rows, self.normalizer, self.label_form)
        where = self.dataset.path
        n_rows = 0
        rejections = Rejections()
        loop = RowLoop(step, self.rows.on_error)
        for block in each_block(self.dataset.split(*splits), loop, self.workers, f"read {where}", self.rows.limits):
            n_rows += len(block.items)
            rejections.add(block)
            yield block.shard.split, block.items
        if self.converted and self.normalizer:
            rejected = f", {rejections.rows:,} rejected" if rejections.rows else ""
            note(f"{where}: {n_rows:,} training rows converted with {self.normalizer.name}{rejected}")
        else:
            rejections.say(where)


@dataclass(frozen=True)
class LineSource:
    """A converted dataset: `train.txt`, `valid.txt`. Its texts are taken as they are."""

    dataset: Dataset
    label_form: LabelForm
    on_error: OnError
    normalizer: None = None

    def splits(self) -> set[str]:
        """See `Source`."""
        return {path.stem for path in self.dataset.path.glob("*.txt")}

    def named_labels(self) -> set[str]:
        """See `Source`."""
        info = self.dataset.info
        return {label for split in info.splits.values() for label in split.labels} if info else set()

    def blocks(self, splits: Collection[str]) -> Iterator[tuple[str, list[Item]]]:
        """See `Source`."""
        rejections = Rejections()
        for split in [split for split in ("train", "valid") if split in splits]:
            for block in line_blocks(self.dataset.path, split, self.label_form.multi_label, self.on_error):
                rejections.add(block)
                yield split, [Item(text, labels, _digest(text)) for labels, text in block.items]
        rejections.say(self.dataset.path)
