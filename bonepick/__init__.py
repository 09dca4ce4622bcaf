"""bonepick: train, measure and apply text quality classifiers for pre-training corpora."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bonepick.classifiers.base.classifier import Classifier


def load(model_dir: Path | str, tokenizer: str = "packaged", labels: Sequence[object] = ()) -> "Classifier":
    """Load a trained model of any kind; see `bonepick.classifiers.base.load.load`."""
    from bonepick.classifiers.base.load import load as load_classifier

    return load_classifier(model_dir, tokenizer, labels)
