"""What a classifier is trained on, as a person names it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams
from bonepick.text.normalizer import NormalizerParams, OptionalNormalizer


@dataclass(frozen=True, kw_only=True)
class OnTheFlyParams(ConvertParams):
    """How datasets of rows are converted where training reads them itself; converted ones are taken as they are."""

    normalizer: OptionalNormalizer = ""
    multi_label: bool = False
    """Labels are an object of 0 and 1, or, in lines that were not made here, several `__label__`."""


@dataclass(frozen=True)
class TrainingInput:
    """What a classifier is trained on.

    Attributes:
        dataset_dirs: whose `train/` and `valid/` rows are read, one after the other; `test/` is not looked at.
        rows: how rows are read; with `quarantine`, unusable ones are left out and counted.
        conversion: normalizer of the datasets that are not normalized; without a name, texts are taken as they are.
            `OnTheFlyParams` where the kind takes several labels.
        base_model: for kinds on static embeddings: `packaged`, a directory, or a name on the hub.
    """

    dataset_dirs: Sequence[Path]
    rows: RowParams = field(default_factory=RowParams)
    conversion: NormalizerParams = field(default_factory=NormalizerParams)
    base_model: str = "packaged"
