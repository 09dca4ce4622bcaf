"""Where training rows come from: rows (`row_source`), fastText lines, or rows that are embedded; all are streamed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bonepick.classifiers.base.items import Batch, Embed, Item, group_of
from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.core.reading import damaged
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import digest_of
from bonepick.data.embedded_files import REMEDY, SplitDigest, read_embedded
from bonepick.data.fasttext_files import LabelledText, line_blocks
from bonepick.data.label_forms import LabelForm
from bonepick.data.row_loop import Rejections
from bonepick.text.normalizer import Normalizer


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

    def batches(self, splits: Collection[str], embed: Embed | None = None) -> Iterator[Batch]:
        """Yield the rows of some splits block by block, and say which were rejected.

        Args:
            splits: any of `train` and `valid`.
            embed: makes features of the texts, in the processes that read them; the texts are forgotten then.

        Raises:
            BonepickError: a row cannot be used.
        """


@dataclass(frozen=True)
class LineSource:
    """A converted dataset: `train.txt`, `valid.txt`, and where its lines are from. Its texts are taken as they are."""

    dataset: Dataset
    label_form: LabelForm
    on_error: OnError
    normalizer: None = None

    def splits(self) -> set[str]:
        """See `Source`."""
        return {path.stem for path in self.dataset.path.glob("*.txt")}

    def named_labels(self) -> set[str]:
        """See `Source`."""
        return _labels_said(self.dataset)

    def batches(self, splits: Collection[str], embed: Embed | None = None) -> Iterator[Batch]:
        """See `Source`; lines are never embedded."""
        rejections = Rejections()
        for split in [split for split in ("train", "valid") if split in splits]:
            for block in line_blocks(self.dataset.path, split, self.label_form.multi_label, self.on_error):
                rejections.add(block)
                yield Batch(split, [_item(line) for line in block.items])
        rejections.say(self.dataset.path)


@dataclass(frozen=True)
class EmbeddedSource:
    """An embedded dataset: see `embed_dataset`."""

    dataset: Dataset
    label_form: LabelForm
    normalizer: None = None

    def splits(self) -> set[str]:
        """See `Source`."""
        return set(self.dataset.embedded_splits)

    def named_labels(self) -> set[str]:
        """See `Source`."""
        return _labels_said(self.dataset)

    def batches(self, splits: Collection[str], embed: Embed | None = None) -> Iterator[Batch]:
        """See `Source`; features are views of what is mapped.

        Raises:
            BonepickError: it was embedded with another base model, its files are not those that were written, or see
                `read_embedded`.
        """
        info: Any = self.dataset.info
        if embed and embed.digest != info.embedding.base:
            raise BonepickError(
                f"{self.dataset.path} was embedded with another base model (digest {info.embedding.base[:8]}) than "
                f"{embed.name} ({embed.digest[:8]}): name that one (--model-name), or embed the dataset anew"
            )
        digests = dict[str, SplitDigest]()
        for split in [split for split in ("train", "valid") if split in splits and split in info.splits]:
            rows, dim = info.splits[split].rows, info.embedding.dim
            if embed:
                digests[split] = SplitDigest()
            for origins, features in read_embedded(self.dataset.path, split, rows, dim, digests.get(split)):
                if any(" " in label or not label for label in origins.label):
                    raise BonepickError(
                        f"{self.dataset.path}: a row has several labels, or none: wanted one label a row"
                    )
                items = [Item("", (label,), group, (), source) for label, source, group in zip(*origins, strict=True)]
                yield Batch(split, items, features)
        found = {split: digest.hexdigest() for split, digest in digests.items()}
        if found.keys() == info.splits.keys() and digest_of(found) != info.digest:
            raise damaged(self.dataset.path, "its files are not those that dataset.json tells of", REMEDY)


def _labels_said(dataset: Dataset) -> set[str]:
    info = dataset.info
    return {label for split in info.splits.values() for label in split.labels} if info else set()


def _item(line: LabelledText) -> Item:
    return Item(line.text, line.labels, group_of(line.origin, line.text), source=line.origin.source)
