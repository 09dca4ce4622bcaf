"""Kind `fasttext`: fastText's supervised classifier (Joulin et al. 2016), trained in a process of its own."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from msgspec import Meta

from bonepick.classifiers.manifest import MANIFEST_FILE, Manifest, library_versions
from bonepick.classifiers.protocol import FOREIGN_FASTTEXT, prepared
from bonepick.classifiers.training_lines import OnTheFlyParams, TrainingLines, read_training_lines
from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.core.parallel import in_child
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.urls import FOR_FILES, refuse_url
from bonepick.data.labels import canonical_label, order_labels
from bonepick.data.rows import RowParams
from bonepick.text.fasttext_lines import FASTTEXT_PREFIX, fasttext_text
from bonepick.text.tokenizer import PACKAGED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL_FILE = FOREIGN_FASTTEXT
END_OF_LINE = "</s>"
BATCH = 1_024
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, kw_only=True)
class FastTextParams(Params):
    """fastText's own knobs, under its names."""

    learning_rate: Annotated[float, Meta(gt=0)] = 0.5
    """Step size at the start; it falls to zero."""
    word_ngrams: Positive = 2
    """Longest sequence of words that is a feature."""
    min_count: Positive = 1
    """Words that occur less often are left out."""
    epoch: Positive = 25
    """Passes over the training lines."""
    bucket: Positive = 2_000_000
    """Rows of the table that n-grams are hashed into."""
    min_char_ngram: Count = 0
    """Shortest character n-gram; 0 takes none."""
    max_char_ngram: Count = 0
    """Longest character n-gram; 0 takes none."""
    window_size: Positive = 5
    """Context window; without effect on a supervised model."""
    dimension: Positive = 16
    """Size of the embeddings."""
    loss: Literal["softmax", "ns", "hs", "ova"] = "softmax"
    """Softmax, negative sampling, hierarchical softmax, or one-vs-all."""
    num_negatives: Positive = 5
    """Negative samples, for loss ns."""
    thread: Positive = 1
    """Threads; with more than one, no two trainings give the same model."""
    pretrained_vectors: str = ""
    """Text file of word vectors (.vec) of the same dimension to start from."""
    seed: Seed = 42
    """Seed of all random choices."""

    def __post_init__(self) -> None:
        """Refuse a URL for the file of word vectors."""
        super().__post_init__()
        refuse_url(self.pretrained_vectors, FOR_FILES)


class FastText:
    """A fastText model and its manifest."""

    tokenizer = PACKAGED

    def __init__(self, model: Any, manifest: Manifest, file: Path) -> None:
        self.model, self.manifest, self._file = model, manifest, file
        self.directory = file.parent
        order = {label: index for index, label in enumerate(manifest.classes)}
        self._column = {raw: order[canonical_label(raw)] for raw in model.get_labels()}

    @classmethod
    def fit(cls, lines: TrainingLines, params: FastTextParams, folder: Path) -> "FastText":
        """Train on a file of fastText lines; the model file is written to `folder`.

        Raises:
            BonepickError: fastText fails or is killed.
        """
        file = folder / MODEL_FILE
        in_child(_train, (str(lines.path), str(file), params))
        manifest = Manifest(
            kind="fasttext",
            classes=lines.classes,
            params=asdict(params),
            normalizer=lines.normalizer,
            label_form=lines.label_form,
            seed=params.seed,
            datasets=lines.datasets,
            label_shares=lines.label_shares,
            versions=library_versions(["fasttext-community"]),
            end_of_line=END_OF_LINE,
            threads=params.thread,
        )
        return cls(_load_model(file), manifest, file)

    @classmethod
    def load(cls, directory: Path, labels: Sequence[object] = ()) -> Self:
        """Read a model directory, or one that holds somebody else's `model.bin` only.

        Args:
            directory: the directory.
            labels: order of a foreign model's labels from worst to best; others say it themselves.

        Raises:
            BonepickError: there is no model, or it is not a supervised fastText model.
        """
        manifest = Manifest.load(directory) if (directory / MANIFEST_FILE).is_file() else None
        if manifest and manifest.kind != "fasttext":
            raise BonepickError(f"{directory} is a model of kind {manifest.kind}, no fastText model")
        model = _load_model(directory / MODEL_FILE)
        if manifest:
            strangers = {canonical_label(raw) for raw in model.get_labels()} - set(manifest.classes)
            if strangers:
                raise BonepickError(f"{directory}: {MANIFEST_FILE} and {MODEL_FILE} are not of one model")
            return cls(model, manifest, directory / MODEL_FILE)
        classes = order_labels([canonical_label(raw) for raw in model.get_labels()], labels)
        return cls(model, _foreign_manifest(classes), directory / MODEL_FILE)

    def save(self, directory: Path) -> None:
        """Write `model.bin`, and the manifest last."""
        if self._file.resolve() != (directory / MODEL_FILE).resolve():
            shutil.copyfile(self._file, directory / MODEL_FILE)
        self.manifest.save(directory)

    def predict_proba(self, texts: Sequence[str], normalized: bool = False) -> "NDArray[np.float64]":
        """Return class probabilities, shape (n_texts, n_classes); see `Classifier.predict_proba`."""
        import numpy as np

        ready = [fasttext_text(text) for text in prepared(self, texts, normalized)]
        found = np.zeros((len(ready), len(self.manifest.classes)))
        for start in range(0, len(ready), BATCH):
            # the library appends a line break to each text, which its tokenizer reads as END_OF_LINE, as in training
            try:
                batch = zip(*self.model.predict(ready[start : start + BATCH], k=-1), strict=True)
            except (ValueError, RuntimeError) as error:
                raise BonepickError(f"{self._file} is damaged ({error}): train the model again") from None
            for row, (names, values) in enumerate(batch, start):
                np.add.at(found[row], [self._column[name] for name in names], values)
        if self.manifest.label_form and self.manifest.label_form.multi_label:
            return np.minimum(found, 1.0)  # each label by itself; they come as 1.00001
        sums = found.sum(axis=1, keepdims=True)  # they come as 1.00002, and as 0 for a text without known tokens
        probabilities = np.full_like(found, 1 / found.shape[1])
        np.divide(found, sums, out=probabilities, where=sums > 0)
        return probabilities


CLASSIFIER = FastText


def train_fasttext(
    dataset_dirs: Sequence[Path],
    output_dir: Path,
    params: FastTextParams,
    labels: Sequence[object] = (),
    overwrite: bool = False,
    rows: RowParams | None = None,
    on_the_fly: OnTheFlyParams | None = None,
    tokenizer: str = "packaged",
    workers: int = 1,
) -> None:
    """Train on the training lines of some datasets together, and write a model directory.

    Args:
        dataset_dirs: converted datasets, or datasets of rows, which are converted first.
        output_dir: the model directory.
        params: how.
        labels: their order from worst to best, where it is not numeric.
        overwrite: replace an earlier output of that kind.
        rows: how the rows of datasets are read that are not converted.
        on_the_fly: how these are converted.
        tokenizer: of their normalizer.
        workers: processes that convert.

    Raises:
        BonepickError: a dataset is not converted and no normalizer is named, a line has no label, there are no
            training lines or fewer than two labels, normalizers differ, fastText fails, or the output is occupied.
    """
    if params.thread > 1:
        note(f"fastText trains with {params.thread} threads: no two trainings give the same model")
    inputs = [*dataset_dirs, *local_paths(tokenizer, params.pretrained_vectors)]
    with atomic_directory(output_dir, "model", overwrite, inputs) as folder, TemporaryDirectory(dir=folder) as scratch:
        lines = read_training_lines(
            dataset_dirs,
            Path(scratch),
            on_the_fly or OnTheFlyParams(),
            rows or RowParams(),
            tokenizer,
            labels,
            workers,
        )
        if lines.label_form.multi_label and params.loss != "ova":
            note(f"the labels of a row compete with each other under loss {params.loss}: ova makes them independent")
        FastText.fit(lines, params, folder).save(folder)
    note(f"fasttext: trained on {lines.rows:,} rows, classes {', '.join(lines.classes)} -> {output_dir}")


def _train(task: tuple[str, str, FastTextParams]) -> None:
    import fasttext

    lines, target, params = task
    try:
        model = fasttext.train_supervised(
            input=lines,
            lr=params.learning_rate,
            wordNgrams=params.word_ngrams,
            minCount=params.min_count,
            epoch=params.epoch,
            bucket=params.bucket,
            minn=params.min_char_ngram,
            maxn=params.max_char_ngram,
            ws=params.window_size,
            dim=params.dimension,
            loss=params.loss,
            neg=params.num_negatives,
            thread=params.thread,
            pretrainedVectors=params.pretrained_vectors,
            seed=params.seed,
            label=FASTTEXT_PREFIX,
            verbose=0,
        )
    except (ValueError, RuntimeError) as error:
        raise BonepickError(f"fastText cannot train: {error}") from None
    model.save_model(target)
    _check_written(Path(target), model.get_output_matrix().tobytes())


def _check_written(file: Path, end: bytes) -> None:
    """Refuse a model file that does not end as it must: fastText takes no notice of a full disk."""
    with file.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        size = stream.tell()
        stream.seek(max(size - len(end), 0))
        if stream.read() != end:
            stream.write(b"\0" * BATCH)  # for the reason, as an OSError
            stream.flush()
            raise BonepickError(f"{file} was not written whole: is the disk full?")


def _load_model(path: Path) -> Any:
    if not path.is_file():
        raise BonepickError(f"{path.parent} is no fastText model: it has no {path.name}")
    import fasttext

    try:
        with contextlib.redirect_stderr(None):
            model = fasttext.load_model(str(path))
        if not all(label.startswith(FASTTEXT_PREFIX) for label in model.get_labels()):
            raise ValueError("it is not supervised")
    except (ValueError, RuntimeError) as error:
        raise BonepickError(f"{path} cannot be used as a fastText classifier: {error}") from None
    return model


def _foreign_manifest(classes: list[str]) -> Manifest:
    return Manifest(
        kind="fasttext",
        classes=classes,
        params={},
        normalizer=None,
        label_form=None,
        seed=None,
        datasets=[],
        label_shares={},
        versions={},
        end_of_line=END_OF_LINE,
    )
