"""A dataset of rows as training reads it: rows become items, and features where those are asked for, in its workers."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bonepick.classifiers.base.items import Batch, Embed, Item, group_of
from bonepick.core.progress import note
from bonepick.data.dataset import Dataset
from bonepick.data.label_forms import LabelForm, names_in
from bonepick.data.origins import origin_of
from bonepick.data.row_loop import BlockResult, Rejections, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.shards import Block
from bonepick.text.normalizer import Normalizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
        origin = origin_of(row)
        return Item(text, labels, group_of(origin, text), names_in(value), origin.source)


@dataclass
class ItemBlock(BlockResult[Item]):
    """A block of rows, with their features where those are asked for."""

    features: "NDArray[np.float32] | None" = None


@dataclass(frozen=True)
class _ReadBlock:
    """Reads a block of rows, and embeds it."""

    loop: RowLoop[Item]
    embed: Embed | None

    def __call__(self, block: Block) -> ItemBlock:
        read = self.loop(block)
        result = ItemBlock(read.shard, read.items, read.lines, read.rejected)
        if self.embed:
            result.features = self.embed([item.text for item in read.items])
            result.items = [item._replace(text="") for item in read.items]
        return result


@dataclass(frozen=True)
class RowSource:
    """A dataset of rows. `converted` says that they stand for the fastText lines that conversion would make of them."""

    dataset: Dataset
    normalizer: Normalizer | None
    label_form: LabelForm
    rows: RowParams
    workers: int
    converted: bool = False

    def splits(self) -> set[str]:
        """See `Source`."""
        return {shard.split for shard in self.dataset.shards}

    def named_labels(self) -> set[str]:
        """See `Source`: what it says can be of another field, or of labels that are read in another way here."""
        return set()

    def blocks(self, splits: Collection[str], embed: Embed | None = None) -> Iterator[ItemBlock]:
        """Yield blocks with what was rejected of them; see `Source.batches`."""
        loop = RowLoop(_ReadRow(self.rows, self.normalizer, self.label_form), self.rows.on_error)
        what = f"{'embed' if embed else 'read'} {self.dataset.path}"
        shards = self.dataset.split(*splits)
        yield from each_block(shards, _ReadBlock(loop, embed), self.workers, what, self.rows.limits)

    def batches(self, splits: Collection[str], embed: Embed | None = None) -> Iterator[Batch]:
        """See `Source`."""
        n_rows = 0
        rejections = Rejections()
        for block in self.blocks(splits, embed):
            n_rows += len(block.items)
            rejections.add(block)
            yield Batch(block.shard.split, block.items, block.features)
        where = self.dataset.path
        if self.converted and self.normalizer:
            rejected = f", {rejections.rows:,} rejected" if rejections.rows else ""
            what = "training" if "train" in splits else "validation"
            note(f"{where}: {n_rows:,} {what} rows converted with {self.normalizer.name}{rejected}")
        else:
            rejections.say(where)
