"""What every kind of classifier is, and how one is loaded: a kind is the module here that bears its name."""

import importlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bonepick.classifiers.manifest import MANIFEST_FILE, Manifest
from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.dataset import describe_normalizer
from bonepick.text.normalizers import Normalizer
from bonepick.text.tokenizer import PACKAGED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOREIGN_FASTTEXT = "model.bin"


class Classifier(Protocol):
    """A trained model. Each module of a kind names its class in `CLASSIFIER` and has a `train_...` function."""

    manifest: Manifest
    tokenizer: str
    """Of its normalizer, where that uses one: see `load_tokenizer`."""

    @property
    def directory(self) -> Path | None:
        """Where its files are; None for one that was never loaded."""

    @classmethod
    def load(cls, directory: Path) -> "Classifier":
        """Read a model directory."""

    def save(self, directory: Path) -> None:
        """Write a model directory; the manifest comes last."""

    def predict_proba(self, texts: Sequence[str], normalized: bool = False) -> "NDArray[np.float64]":
        """Return the probability of each class, shape (n_texts, n_classes), columns in `manifest.classes` order.

        Texts go through the manifest's normalizer first, unless they are said to be normalized already.
        """


def load(model_dir: Path | str, tokenizer: str = PACKAGED) -> Classifier:
    """Load a model directory of any kind; a folder that holds only a foreign `model.bin` is a fastText model.

    Args:
        model_dir: the directory.
        tokenizer: the one that its normalizer was used with in training, where it uses one.

    Raises:
        BonepickError: the directory is no model, or of a kind that this version does not know.
    """
    directory = Path(model_dir)
    foreign = not (directory / MANIFEST_FILE).is_file() and (directory / FOREIGN_FASTTEXT).is_file()
    kind = "fasttext" if foreign else Manifest.load(directory).kind
    module = _module_of(kind)
    loaded: Classifier = module.CLASSIFIER.load(directory)
    loaded.tokenizer = tokenizer
    return loaded


def _module_of(kind: str) -> Any:
    known = kind.isidentifier() and find_spec(f"{__package__}.{kind}")
    module = importlib.import_module(f"{__package__}.{kind}") if known else None
    if not hasattr(module, "CLASSIFIER"):
        raise BonepickError(f"models of kind {kind!r} are not known to this version")
    return module


def normalizer_of(manifest: Manifest, tokenizer: str = PACKAGED) -> Normalizer | None:
    """Return the normalizer that a model's texts go through; None where the manifest does not know it.

    Raises:
        BonepickError: its version or tokenizer is another one here than the model was trained with.
    """
    if manifest.normalizer is None:
        return None
    normalizer = Normalizer(manifest.normalizer["name"], tokenizer, manifest.normalizer.get("max_length", 0))
    if normalizer.identity != manifest.normalizer:
        raise BonepickError(
            f"the model was trained with normalizer {describe_normalizer(manifest.normalizer)}, "
            f"here it is {describe_normalizer(normalizer.identity)}: "
            "use the tokenizer and the version of bonepick that it was trained with"
        )
    return normalizer


def prepared(model: Classifier, texts: Sequence[str], normalized: bool) -> list[str]:
    """Return texts as a model wants them: through its normalizer, unless they went through it already."""
    if isinstance(texts, str):
        raise UsageError("predict_proba takes a list of texts, not one text: [text]")
    normalizer = None if normalized else normalizer_of(model.manifest, model.tokenizer)
    return list(texts) if normalizer is None else [normalizer(text) for text in texts]
