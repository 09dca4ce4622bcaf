"""Loading: one door for all kinds."""

from collections.abc import Sequence
from pathlib import Path

from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.digest import model_digest
from bonepick.classifiers.base.kinds import classifier_of, foreign_kind
from bonepick.classifiers.base.manifest import MANIFEST_FILE, Manifest
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.reading import is_there
from bonepick.data.folders import refuse_other_folder
from bonepick.text.tokenizer import PACKAGED


def load(model_dir: Path | str, tokenizer: str = PACKAGED, labels: Sequence[object] = ()) -> Classifier:
    """Load a model directory of any kind, or one that holds somebody else's `model.bin` only: a fastText model.

    Args:
        model_dir: the directory.
        tokenizer: the one that its normalizer was used with in training, where it uses one.
        labels: order from worst to best of the labels of a model that was not told it in training.

    Raises:
        UsageError: the model was told another order, or `labels` are not its labels.
        BonepickError: the directory is not there or no model, of a kind that this version does not know, or its files
            are not those that its manifest was written for.

    Example: `load("models/best").predict_proba(["A text.", "Another one."])` is an array of shape (2, n_classes).
    """
    directory = Path(model_dir)
    try:
        classifier = classifier_of(kind_of_model(directory))
    except UsageError as error:  # no flag is wrong: the model is
        raise BonepickError(f"{directory}: {error}") from None
    loaded = classifier.load(directory, labels)
    loaded.directory, loaded.tokenizer = directory, tokenizer
    if is_there(directory / MANIFEST_FILE):  # last, as most of what is damaged says what it is
        loaded.digest = model_digest(directory)
    loaded.take_order(labels)
    return loaded


def kind_of_model(directory: Path) -> str:
    """Return the kind of the model in a directory, which this version may not know.

    Raises:
        BonepickError: the directory is not there or no model.
    """
    refuse_other_folder(directory, "model")
    foreign = None if is_there(directory / MANIFEST_FILE) else foreign_kind(directory)
    return foreign or Manifest.load(directory).kind


def load_pickled(directory: str, digest: str, tokenizer: str, labels: Sequence[object]) -> Classifier:
    """Load a model that was pickled; see `Classifier`.

    Raises:
        BonepickError: see `load`, or its files are others now.
    """
    loaded = load(directory, tokenizer, labels)
    if (loaded.digest or model_digest(Path(directory))) != digest:
        raise BonepickError(f"{directory} holds another model than the one that was pickled: load it anew")
    return loaded
