"""bonepick: train, measure and apply text quality classifiers for pre-training corpora."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bonepick.classifiers.base.protocol import Classifier


def load(model_dir: Path | str, tokenizer: str = "packaged") -> "Classifier":
    """Load a trained model of any kind; see `bonepick.classifiers.base.load.load`."""
    from bonepick.classifiers.base.load import load as load_classifier

    return load_classifier(model_dir, tokenizer)
