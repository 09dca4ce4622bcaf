"""What every kind of classifier is: a kind says how it is trained, read and written, and gives probabilities."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from bonepick.classifiers.base.digest import model_digest
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.base.normalizing import normalizer_of
from bonepick.classifiers.base.order import ordered_classes
from bonepick.classifiers.base.texts import as_texts
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.labels import listed
from bonepick.text.tokenizer import PACKAGED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bonepick.classifiers.base.training_rows import TrainingRows


class Classifier(ABC):
    """A trained model. What a kind is trained on is said by its params: see `TrainParams`.

    Wherever it takes `texts`, they are any sequence of strings: a list or tuple, a pandas Series, an array of numpy or
    pyarrow. They go through the normalizer that the model was trained with.

    It is pickled as the directory that it was loaded from, and unpickled by loading that again: processes of one
    machine can share it, and what has the same files has the same pickle.
    """

    kind: ClassVar[str]
    """Name of its package."""
    manifest: Manifest
    directory: Path | None = None
    """Where it was loaded from; None for one that never was."""
    tokenizer: str = PACKAGED
    """Of its normalizer, where that uses one: see `load_tokenizer`."""
    labels: tuple[object, ...] = ()
    """The order of its labels that it was told when it was loaded: see `take_order`."""
    digest: str = ""
    """See `model_digest`; empty until it is known."""
    _order: tuple[list[str], bool] | None = None

    @classmethod
    @abstractmethod
    def fit(cls, rows: "TrainingRows", params: Any, run: Run) -> Self:
        """Train on rows, which are streamed; params are the kind's own.

        What training must write goes to `rows.scratch`; `rows.manifest` describes what was trained. The model may rest
        on files there until it is saved.
        """

    @classmethod
    @abstractmethod
    def load(cls, directory: Path, labels: Sequence[object] = ()) -> Self:
        """Read a model directory.

        Args:
            directory: the directory.
            labels: order from worst to best of the labels of a model that has no manifest; others say it themselves.
        """

    @abstractmethod
    def save(self, directory: Path) -> None:
        """Write a model directory; the manifest comes last."""

    @abstractmethod
    def _probabilities(self, texts: list[str]) -> "NDArray[np.float64]":
        """Return the probability of each class, shape (n_texts, n_classes), columns in `manifest.classes` order.

        Args:
            texts: normalized.
        """

    @property
    def classes(self) -> list[str]:
        """Canonical labels, worst to best; alphabetical where rows have several, or where the order is not known."""
        return list(self._order[0] if self._order else self.manifest.classes)

    @property
    def classes_(self) -> "NDArray[np.str_]":
        """`classes` as an array, as estimators of scikit-learn have them."""
        import numpy as np

        return np.array(self.classes)

    @property
    def ordered(self) -> bool:
        """Whether it is known which of the classes is better than which."""
        return self._order[1] if self._order else self.manifest.ordered

    def predict_proba(self, texts: Iterable[str], normalized: bool = False) -> "NDArray[np.float64]":
        """Return the probability of each class, shape (n_texts, n_classes), columns in `classes` order.

        Of a model of several labels each column is a probability by itself; of all others a row's sum is 1. A row
        depends on its text alone, to the last bit: neither on the texts beside it nor on threads or processes.

        Args:
            texts: any sequence of strings.
            normalized: they went through the model's normalizer already.

        Raises:
            UsageError: see `as_texts`.
            BonepickError: see `normalizer_of`, or a text cannot be normalized.
        """
        ready = as_texts(texts)
        normalizer = None if normalized else normalizer_of(self.manifest, self.tokenizer)
        probabilities = self._probabilities(ready if normalizer is None else [normalizer(text) for text in ready])
        if self.classes == self.manifest.classes:
            return probabilities
        return probabilities[:, [self.manifest.classes.index(label) for label in self.classes]]

    def score(self, texts: Iterable[str]) -> "NDArray[np.float64]":
        """Return how good each text is, from 0 to 1, shape (n_texts,); what thresholds cut on.

        It is the sum over classes of probability x rank, scaled to 0..1, the worst class being rank 0: with classes
        bad, fair and good and probabilities .2, .3 and .5 it is (0 x .2 + 1 x .3 + 2 x .5) / 2 = .65. With two
        classes it is the probability of the better one. It is a number for each text, and not an accuracy, as it is
        with estimators of scikit-learn.

        Raises:
            UsageError: the model is one of several labels, or the order of its classes is not known; see `as_texts`.
        """
        from bonepick.metrics.predictions import scores_of

        if self.manifest.multi_label:
            raise UsageError(f"{self._name} gives each text several labels, and so no score: take predict_proba")
        if not self.ordered:
            raise UsageError(
                f"{self._name} gives no score: which of its labels {listed(self.classes)} is better is not known; name "
                "them from worst to best (in Python load(..., labels=[...]), else --labels)"
            )
        return scores_of(self.predict_proba(texts))

    def predict(self, texts: Iterable[str]) -> list[str] | list[list[str]]:
        """Return the most probable label of each text, of equally probable ones the worse.

        A model of several labels gives a list for each text: the labels whose probability is .5 or more.

        Raises:
            UsageError: see `as_texts`.
        """
        from bonepick.metrics.predictions import LABEL_THRESHOLD

        classes, probabilities = self.classes, self.predict_proba(texts)
        if self.manifest.multi_label:
            return [list(compress(classes, row)) for row in probabilities >= LABEL_THRESHOLD]
        return [classes[number] for number in probabilities.argmax(axis=1)]

    def take_order(self, labels: Sequence[object]) -> None:
        """Take an order of labels, worst to best, that the model was not told in training.

        Raises:
            UsageError: see `ordered_classes`.
        """
        self._order = ordered_classes(self.manifest, labels)
        self.labels = tuple(labels)

    def with_manifest(self, manifest: Manifest) -> Self:
        """Return the same model, described by another manifest; this one stays as it is."""
        other = type(self).__new__(type(self))
        vars(other).update(vars(self) | {"manifest": manifest})
        return other

    @property
    def _name(self) -> str:
        return str(self.directory or f"the {self.kind} model")

    def __reduce__(self) -> tuple[Any, ...]:
        from bonepick.classifiers.base.load import load_pickled

        if self.directory is None:
            raise BonepickError(f"{self._name} lies in no directory and cannot be pickled: save it, and load that")
        self.digest = self.digest or model_digest(self.directory)
        return load_pickled, (str(self.directory.absolute()), self.digest, self.tokenizer, self.labels)
