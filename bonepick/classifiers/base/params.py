"""What the params of every kind have, and what they say of their kind without importing its library."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from bonepick.core.params import Checked, Labels, Params, Seed, Shared
from bonepick.data.labels import refuse_repeated


@dataclass(frozen=True, kw_only=True)
class TrainParams(Params):
    """How a classifier is trained; each kind's `PARAMS` derives from this.

    Attributes:
        takes_base_model: it is trained on static embeddings.
        takes_lines: it is trained on fastText lines, or on rows that are converted to them while they are read.
        takes_several_labels: rows can have several labels, or bins of numbers, where they are converted.
        needs_order: it learns which of two labels is better.
        takes_valid: training looks at validation rows; a part of train/ is held out where a dataset has none.
        foreign_file: a file of this name without a manifest beside it is somebody else's model of this kind.
    """

    takes_base_model: ClassVar[bool] = False
    takes_lines: ClassVar[bool] = False
    takes_several_labels: ClassVar[bool] = False
    needs_order: ClassVar[bool] = False
    takes_valid: ClassVar[bool] = True
    foreign_file: ClassVar[str] = ""

    labels: Annotated[Labels, Shared("labels"), Checked(refuse_repeated)] = ()
    """Order of the labels from worst to best, where they are neither numbers nor of a known scale."""
    seed: Annotated[Seed, Shared("train.seed")] = 42
    """Seed of all random choices."""
