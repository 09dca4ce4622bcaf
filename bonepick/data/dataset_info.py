"""`dataset.json`: what made a dataset, rows and labels per split, the normalizer's identity, a content digest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from bonepick.core.json_format import json_bytes
from bonepick.core.params import Params
from bonepick.core.reading import is_there, read_json
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.shards import DATASET_FILE, SPLITS
from bonepick.text.identity import NormalizerIdentity

Count = Annotated[int, Meta(ge=0)]
MAX_LABELS_KEPT = 100
"""Raw scores can be all different: then only their number is kept."""


@dataclass(frozen=True)
class SplitInfo:
    """Counts of one split.

    `labels` is empty where the rows carry too many different ones, or none; a label that rows name and none has is 0.
    """

    rows: Count = 0
    rejected: Count = 0
    labels: dict[str, Count] = field(default_factory=dict)


def kept_labels(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of labels that are kept: none where there are too many different ones."""
    return dict(sorted(counts.items())) if len(counts) <= MAX_LABELS_KEPT else {}


def digest_of(splits: Mapping[str, str]) -> str:
    """Return a dataset's digest, from those of its splits, in the order of their names."""
    return hashlib.sha256("".join(f"{name}:{splits[name]}\n" for name in sorted(splits)).encode()).hexdigest()


@dataclass(frozen=True)
class Provenance:
    """What a dataset says of how it was made.

    Attributes:
        operation: the operation's name.
        params: its params.
        normalizer: identity of the normalizer that the texts went through, if any.
        label_form: how labels were read.
        text_field: the field that `normalizer` is about; None for lines, and where that is not known.
    """

    operation: str
    params: Params
    normalizer: NormalizerIdentity | None = None
    label_form: LabelForm = ONE_LABEL
    text_field: str | None = None


@dataclass(frozen=True)
class Embedding:
    """What embedded rows are made with: `base` is the digest of the base model, `dim` how many numbers a row has."""

    base: str
    dim: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True)
class DatasetInfo:
    """The content of `dataset.json`; see `Provenance`. Earlier versions did not write `text_field`.

    `embedding` is there where the dataset holds features in place of texts.
    """

    made_by: dict[str, Any]
    splits: dict[str, SplitInfo]
    normalizer: NormalizerIdentity | None
    digest: str
    label_form: LabelForm = ONE_LABEL
    format: Literal[1] = 1
    text_field: str | None = None
    embedding: Embedding | None = None

    @property
    def rows(self) -> int:
        """Rows in all splits."""
        return sum(split.rows for split in self.splits.values())

    @property
    def rejected(self) -> int:
        """Rejected rows in all splits."""
        return sum(split.rejected for split in self.splits.values())

    @property
    def rows_by_split(self) -> dict[str, int]:
        """Rows of each split that has some, `train` first; a tree without splits is split `""`."""
        rows = {name: self.splits[name].rows for name in ("", *SPLITS) if name in self.splits}
        return {name: count for name, count in rows.items() if count}

    def save(self, directory: Path) -> None:
        """Write `dataset.json`, with sorted keys."""
        (directory / DATASET_FILE).write_bytes(json_bytes(self))

    @classmethod
    def load(cls, directory: Path) -> "DatasetInfo | None":
        """Read it; None where the directory has none (datasets made elsewhere).

        Raises:
            BonepickError: the file is there and cannot be read.
        """
        path = directory / DATASET_FILE
        return read_json(path, cls, "make the dataset again, or remove this file") if is_there(path) else None
