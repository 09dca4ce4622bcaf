"""Kind `fasttext`: fastText's supervised classifier (Joulin et al. 2016)."""

import contextlib
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.manifest import MANIFEST_FILE, Manifest
from bonepick.classifiers.fasttext.choosing import chosen_knobs, is_chosen
from bonepick.classifiers.fasttext.label_prefix import label_prefix, say_prefix
from bonepick.classifiers.fasttext.lines import write_lines
from bonepick.classifiers.fasttext.model_file import labels_in
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.fasttext.probabilities import as_probabilities, label_sums
from bonepick.classifiers.fasttext.vectors_file import check_vectors
from bonepick.core.errors import BonepickError, shortened
from bonepick.core.parallel import in_child
from bonepick.core.progress import note, progress
from bonepick.core.regular_files import refuse_irregular
from bonepick.core.run import Run
from bonepick.data.fasttext_lines import END_OF_LINE, fasttext_text
from bonepick.data.labels import canonical_label, order_labels

if TYPE_CHECKING:
    from bonepick.classifiers.base.training_rows import TrainingRows

MODEL_FILE = FastTextParams.foreign_file


class FastText(Classifier):
    """A fastText model and its manifest. The model is read from its file when it is first used."""

    kind: ClassVar[str] = "fasttext"

    def __init__(self, file: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._file = file

    @cached_property
    def model(self) -> Any:
        """What the library makes of the file."""
        return _load_model(self._file)

    @cached_property
    def _prefix(self) -> str:
        return label_prefix(self.model.get_labels())

    @cached_property
    def _columns(self) -> dict[str, int]:
        """Column of each label as the file spells it: several spellings can be one class."""
        numbers = {label: number for number, label in enumerate(self.manifest.classes)}
        raw_labels = self.model.get_labels()
        return {raw: numbers[label] for raw, label in zip(raw_labels, _canonical(raw_labels, self._file), strict=True)}

    @classmethod
    def fit(cls, rows: "TrainingRows", params: FastTextParams, run: Run) -> Self:
        """Train on the rows as fastText lines, in a process of its own; see `Classifier.fit`.

        Raises:
            BonepickError: see `TrainingRows.batches` and `check_vectors`; or fastText fails or is killed.
        """
        from bonepick.classifiers.fasttext.train_file import train_file
        from bonepick.classifiers.fasttext.trials import Labels

        recorded = params.recorded() | _digest_of_vectors(params)
        if params.thread > 1:
            note(f"fastText trains with {params.thread} threads: no two trainings give the same model")
        lines = write_lines(rows, rows.scratch / "train.txt", kept=is_chosen(params))
        if rows.label_form.multi_label and params.loss != "ova":
            note(f"the labels of a row compete with each other under loss {params.loss}: ova makes them independent")
        manifest = rows.manifest(cls.kind, ["fasttext-community"], end_of_line=END_OF_LINE, threads=params.thread)
        labels = Labels(manifest.classes, manifest.ordered, manifest.multi_label)
        chosen, tried = chosen_knobs(rows, lines, labels, params, run)
        file = rows.scratch / MODEL_FILE
        with progress("train fastText", "epochs", chosen["epoch"]) as advance:
            in_child(train_file, (str(lines.path), str(file), replace(params, **chosen)), advance)
        reproducible = params.thread == 1 and not params.autotune
        return cls(file, replace(manifest, params=recorded | chosen, tried=tried, reproducible=reproducible))

    @classmethod
    def load(cls, directory: Path, labels: Sequence[object] = ()) -> Self:
        """Read a model directory, or one that holds somebody else's `model.bin` only; see `Classifier.load`.

        Raises:
            BonepickError: there is no model, or it is not a supervised fastText model.
        """
        manifest = Manifest.load(directory) if (directory / MANIFEST_FILE).is_file() else None
        if manifest and manifest.kind != cls.kind:
            raise BonepickError(f"{directory} is a model of kind {manifest.kind}, no fastText model")
        file = directory / MODEL_FILE
        model = _load_model(file)
        known = _canonical(model.get_labels(), file)
        if manifest and not set(known) <= set(manifest.classes):
            raise BonepickError(f"{directory}: {MANIFEST_FILE} and {MODEL_FILE} are not of one model")
        loaded = cls(file, manifest or _foreign_manifest(order_labels(known, labels), labels))
        loaded.directory, loaded.model = directory, model
        say_prefix(file, loaded._prefix)
        return loaded

    def save(self, directory: Path) -> None:
        """Write `model.bin`, and the manifest last."""
        if self._file.resolve() != (directory / MODEL_FILE).resolve():
            shutil.copyfile(self._file, directory / MODEL_FILE)
        self.manifest.save(directory)

    def _probabilities(self, texts: list[str]) -> NDArray[np.float64]:
        """See `Classifier`."""
        ready = [fasttext_text(text, self._prefix) for text in texts]
        try:
            sums = label_sums(self.model, ready, self._columns, len(self.manifest.classes))
        except TypeError:  # what it says of a lone surrogate
            raise BonepickError(f"not all texts are valid Unicode: {_odd_text(ready)}") from None
        except (ValueError, RuntimeError) as error:
            raise self._damaged(error) from None
        if not np.isfinite(sums).all():
            raise self._damaged("its probabilities are no numbers")
        return as_probabilities(sums, self.manifest.multi_label)

    def _damaged(self, reason: object) -> BonepickError:
        return BonepickError(f"{self._file} is damaged ({reason}): fetch or train the model again")


CLASSIFIER = FastText


def _digest_of_vectors(params: FastTextParams) -> dict[str, str]:
    """Return what the manifest says of the vectors that training starts from, once they are checked."""
    if not params.pretrained_vectors:
        return {}
    path = Path(params.pretrained_vectors)
    refuse_irregular(path)
    check_vectors(path, params.dimension)
    with path.open("rb") as vectors:
        return {"pretrained_vectors_sha256": hashlib.file_digest(vectors, "sha256").hexdigest()}


def _load_model(path: Path) -> Any:
    if not path.is_file():
        came = f"its {path.name} is no regular file" if path.exists() else f"it has no {path.name}"
        raise BonepickError(f"{path.parent} is no fastText model: {came}")
    labels_in(path)
    import fasttext

    try:
        with contextlib.redirect_stderr(None):
            return fasttext.load_model(str(path))
    except (ValueError, RuntimeError, MemoryError) as error:
        raise BonepickError(f"{path} cannot be used as a fastText classifier: {error}") from None


def _odd_text(texts: Sequence[str]) -> str:
    return next((shortened(text) for text in texts if any("\ud800" <= char <= "\udfff" for char in text)), "")


def _canonical(raw_labels: Sequence[str], file: Path) -> list[str]:
    prefix = label_prefix(raw_labels)
    try:
        return [canonical_label(raw.removeprefix(prefix)) for raw in raw_labels]
    except BonepickError as error:
        raise BonepickError(f"{file} cannot be used as a fastText classifier: {error}") from None


def _foreign_manifest(classes: list[str], labels: Sequence[object]) -> Manifest:
    return Manifest(
        kind="fasttext",
        classes=classes,
        params={"labels": list(labels)},
        normalizer=None,
        label_form=None,
        seed=None,
        datasets=[],
        label_shares={},
        versions={},
        end_of_line=END_OF_LINE,
    )
