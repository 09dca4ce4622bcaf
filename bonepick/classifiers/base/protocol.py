"""What every kind of classifier is."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from bonepick.classifiers.base.manifest import Manifest
from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.run import Run
from bonepick.text.normalizer import NORMALIZERS, Normalizer
from bonepick.text.tokenizer import PACKAGED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bonepick.classifiers.base.training_rows import TrainingRows


class Classifier(Protocol):
    """A trained model. What a kind is trained on is said by its params: see `TrainParams`."""

    kind: ClassVar[str]
    """Name of its package."""
    manifest: Manifest
    tokenizer: str
    """Of its normalizer, where that uses one: see `load_tokenizer`."""

    @property
    def directory(self) -> Path | None:
        """Where its files are; None for one that was never loaded."""

    @classmethod
    def fit(cls, rows: "TrainingRows", params: Any, run: Run) -> Self:
        """Train on rows, which are streamed; params are the kind's own.

        What training must write goes to `rows.scratch`; `rows.manifest` describes what was trained. The model may rest
        on files there until it is saved.
        """

    @classmethod
    def load(cls, directory: Path, labels: Sequence[object] = ()) -> Self:
        """Read a model directory.

        Args:
            directory: the directory.
            labels: order from worst to best of the labels of a model that has no manifest; others say it themselves.
        """

    def save(self, directory: Path) -> None:
        """Write a model directory; the manifest comes last."""

    def predict_proba(self, texts: Sequence[str], normalized: bool = False) -> "NDArray[np.float64]":
        """Return the probability of each class, shape (n_texts, n_classes), columns in `manifest.classes` order.

        Texts go through the manifest's normalizer first, unless they are said to be normalized already.
        """


def normalizer_of(manifest: Manifest, tokenizer: str = PACKAGED) -> Normalizer | None:
    """Return the normalizer that a model's texts go through; None where the manifest does not know it.

    Raises:
        BonepickError: it, its version or its tokenizer is not known here, or another one than in training.
    """
    if manifest.normalizer is None:
        return None
    if manifest.normalizer.name not in NORMALIZERS:  # no flag is wrong: the model is
        raise BonepickError(
            f"the model was trained with normalizer {shortened(manifest.normalizer.name)}, which this version does not "
            "know: use the version of bonepick that it was trained with"
        )
    normalizer = Normalizer(manifest.normalizer.name, tokenizer, manifest.normalizer.max_length or 0)
    if normalizer.identity != manifest.normalizer:
        raise BonepickError(
            f"the model was trained with normalizer {manifest.normalizer}, "
            f"here it is {normalizer.identity}: "
            "use the tokenizer and the version of bonepick that it was trained with"
        )
    return normalizer


def prepared(model: Classifier, texts: Sequence[str], normalized: bool) -> list[str]:
    """Return texts as a model wants them: through its normalizer, unless they went through it already.

    Raises:
        UsageError: one text came in place of a list.
        BonepickError: see `normalizer_of`, or a text cannot be normalized.
    """
    if isinstance(texts, str):
        raise UsageError("predict_proba takes a list of texts, not one text: [text]")
    normalizer = None if normalized else normalizer_of(model.manifest, model.tokenizer)
    return list(texts) if normalizer is None else [normalizer(text) for text in texts]
