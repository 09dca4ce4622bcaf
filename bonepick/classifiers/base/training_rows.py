"""Training rows: what every kind of classifier is trained on, streamed."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from bonepick.classifiers.base.items import Batch, Embed
from bonepick.classifiers.base.label_counts import LabelCounts
from bonepick.classifiers.base.manifest import Manifest, library_versions
from bonepick.classifiers.base.params import TrainParams
from bonepick.classifiers.base.sources import Source
from bonepick.core.progress import note
from bonepick.data.label_forms import LabelForm
from bonepick.data.several_datasets import common_normalizer
from bonepick.data.splitting import make_splitter
from bonepick.data.unchanged import Unchanged
from bonepick.text.identity import NormalizerIdentity

HELD_OUT = 0.1
"""Share of train/ that is held out for validation where a dataset has no `valid/` and the kind looks at such rows."""


class TrainingRows:
    """The rows of some datasets as a classifier is trained on them; their texts are never all in memory.

    Attributes:
        base_model: `packaged`, a directory or a name on the hub; for kinds on static embeddings.
        scratch: a folder for what training must write; it is gone when training ends.
        label_form: how labels are read.
        normalizer: identity of the normalizer that the texts went through; None where that is not known.
        digests: content digests of the datasets; empty text for one that has none.
        where: the datasets, for people.

    Example: `for batch in rows.batches("train", "valid"): ...`, then `rows.classes`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        label_form: LabelForm,
        params: TrainParams,
        base_model: str,
        scratch: Path,
        unchanged: Unchanged,
    ) -> None:
        self.base_model = base_model
        self.scratch = scratch
        self.label_form = label_form
        self.normalizer = _common_normalizer(sources)
        self.digests = [source.dataset.digest for source in sources]
        self._sources = sources
        self.where = ", ".join(str(source.dataset.path) for source in sources)
        self._params = params
        self._unchanged = unchanged
        self._counts: LabelCounts | None = None

    def batches(self, *splits: str, embed: Embed | None = None) -> Iterator[Batch]:
        """Yield the rows of `train`, `valid` or both in one pass, dataset by dataset, in the order of their shards.

        Labels are counted on the way: `classes` and the like are known when the first pass over train/ ends, and cost
        a pass of their own where they are asked for before.

        Args:
            splits: which.
            embed: see `Source.batches`.

        Raises:
            BonepickError: a row cannot be used, a file changed since it was opened, a split has no rows, or labels are
                nothing to train on (see `LabelCounts.settle`).
        """
        counts = LabelCounts(self._params, self.label_form, self.where)
        for source in self._sources:
            counts.named |= source.named_labels()
            for batch in self._batches_of(source, splits, embed):
                counts.add(batch.split, batch.items)
                if batch.items:
                    yield batch
        self._unchanged.refuse_changed()
        counts.refuse_empty(splits)
        if "train" in splits and not self._counts:
            counts.settle()
            self._counts = counts

    @property
    def splits(self) -> set[str]:
        """The splits that some dataset has."""
        return {split for source in self._sources for split in source.splits()}

    @property
    def classes(self) -> list[str]:
        """Canonical labels, worst to best; alphabetical where rows have several, or where that is not known."""
        return self._counted().classes

    @property
    def label_shares(self) -> dict[str, float]:
        """Share of the training rows that have each label."""
        return self._counted().shares()

    @property
    def n_rows(self) -> int:
        """Number of training rows."""
        return self._counted().rows["train"]

    def manifest(self, kind: str, libraries: Collection[str], **about: Any) -> Manifest:
        """Describe a model that was trained on these rows.

        Args:
            kind: its kind.
            libraries: distributions whose version can change it.
            about: further attributes of the manifest, such as `end_of_line`.
        """
        description = {
            "params": self._params.recorded(),
            "normalizer": self.normalizer,
            "label_form": self.label_form,
            "seed": self._params.seed,
            "datasets": self.digests,
            "label_shares": self.label_shares,
            "versions": library_versions(libraries),
        }
        return Manifest(kind, self.classes, **{**description, **about})

    def _counted(self) -> LabelCounts:
        while not self._counts:
            deque(self.batches("train"), maxlen=0)
        return self._counts

    def _batches_of(self, source: Source, splits: Collection[str], embed: Embed | None) -> Iterator[Batch]:
        if not holds_out(source, self._params):
            yield from source.batches(splits, embed)
            return
        split_of = make_splitter(self._params.seed, test=0.0, valid=HELD_OUT)
        for _, items, features in source.batches(["train"], embed):
            parts = [split_of(item.group) for item in items]
            for split in splits:
                numbers = [number for number, part in enumerate(parts) if part == split]
                chosen = None if features is None else features[numbers]
                yield Batch(split, [items[number] for number in numbers], chosen)


def holds_out(source: Source, params: TrainParams) -> bool:
    """Tell whether a part of a dataset's train/ is held out for validation."""
    there = source.splits()
    return params.takes_valid and "train" in there and "valid" not in there


def _common_normalizer(sources: Sequence[Source]) -> NormalizerIdentity | None:
    applied = next((source.normalizer.identity for source in sources if source.normalizer), None)
    as_they_are = [source.dataset for source in sources if not source.normalizer]
    identity = common_normalizer(as_they_are) if as_they_are else applied
    if identity is None:
        note(
            "the training texts went through no normalizer, or which one is not known: the model will take texts as "
            "they are (--normalization applies one)"
        )
    return identity
