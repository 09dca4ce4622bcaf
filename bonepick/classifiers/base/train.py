"""Train: one operation for all kinds."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bonepick.classifiers.base.kinds import classifier_of
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.base.open_rows import open_rows
from bonepick.classifiers.base.params import TrainParams
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.data.labels import listed


def train(
    kind: str, training_input: TrainingInput, output_dir: Path, params: TrainParams, run: Run = Run()
) -> Manifest:
    """Train a classifier on the training rows of some datasets together, write its directory, and return its manifest.

    Args:
        kind: one of `kind_names()`.
        training_input: what it is trained on.
        output_dir: the model directory.
        params: the kind's own, of class `params_of(kind)`.
        run: how.

    Raises:
        UsageError: there is no such kind, or see `open_rows`.
        BonepickError: see `open_rows`, `TrainingRows.batches` and the kind's `fit`; or the output is occupied.

    Example: `train("fasttext", TrainingInput([Path("data/fasttext/mine")]), Path("models/mine"), FastTextParams())`.
    """
    classifier = classifier_of(kind)
    inputs = _inputs(training_input, params)
    with (
        atomic_directory(output_dir, "model", run.overwrite, inputs) as folder,
        TemporaryDirectory(dir=folder) as scratch,
    ):
        rows = open_rows(training_input, params, Path(scratch), run)
        model = classifier.fit(rows, params, run)
        model.save(folder)
    note(f"{kind}: trained on {rows.n_rows:,} rows, classes {listed(rows.classes)} -> {output_dir}")
    return model.manifest


def _inputs(training_input: TrainingInput, params: TrainParams) -> list[Path]:
    """Return what training reads: it is never replaced."""
    names = [training_input.base_model, training_input.conversion.tokenizer]
    names += [str(getattr(params, name)) for name in params.LOCAL]
    return [*training_input.dataset_dirs, *local_paths(*names)]
