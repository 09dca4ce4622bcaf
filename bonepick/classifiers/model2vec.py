"""Kind `model2vec`: a linear or MLP head, trained on the label of each text alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from bonepick.classifiers.base_model import embed, load_base_model
from bonepick.classifiers.device import resolved
from bonepick.classifiers.heads import HeadParams, Standardizer, static_manifest, static_pipeline, train_head
from bonepick.classifiers.static import StaticClassifier
from bonepick.classifiers.training_data import Examples, TrainingData, read_training_data
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.data.rows import RowParams
from bonepick.text.normalizers import Normalizer

if TYPE_CHECKING:
    import torch
    from model2vec import StaticModel


@dataclass(frozen=True, kw_only=True)
class Model2VecParams(HeadParams):
    """How the head is built and trained."""

    hidden_units: tuple[Annotated[int, Meta(ge=1)], ...] = ()
    """Units of each hidden layer; none makes a linear head."""
    loss_class_weight: Literal["uniform", "balanced"] = "uniform"
    """Weight of a class in the loss: the same for all, or such that all classes weigh alike."""


class Model2Vec(StaticClassifier):
    """Predicts with a head that was trained by cross-entropy."""

    @classmethod
    def fit(cls, base: "StaticModel", data: TrainingData, params: Model2VecParams) -> "Model2Vec":
        """Train the head on features that are computed once; the base model stays as it is."""
        standardizer = Standardizer(data.train.features)
        objective = _CrossEntropy(data, standardizer, params)
        sizes = (base.dim, *params.hidden_units, len(data.classes))
        head = train_head(sizes, objective, params)
        pipeline = static_pipeline(base, standardizer.folded_into(head.module), data.classes)
        return cls(pipeline, static_manifest("model2vec", data, params), head.history)


CLASSIFIER = Model2Vec


class _CrossEntropy:
    """Mean negative log probability of the right class."""

    def __init__(self, data: TrainingData, standardizer: Standardizer, params: Model2VecParams) -> None:
        import torch

        self.device = resolved(params.device)
        self.n_examples = len(data.train.targets)
        self.train = self._tensors(data.train, standardizer)
        self.valid = self._tensors(data.valid, standardizer)
        counts = torch.bincount(self.train[1], minlength=len(data.classes))
        weights = self.n_examples / (len(data.classes) * counts.float())
        self.weights = weights if params.loss_class_weight == "balanced" else None

    def _tensors(self, examples: Examples, standardizer: Standardizer) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch

        features = standardizer.tensor(examples.features, self.device)
        return features, torch.from_numpy(examples.targets).to(self.device)

    def loss(self, head: "torch.nn.Module", chosen: "torch.Tensor") -> "torch.Tensor":
        features, targets = self.train
        return self._mean(head, features[chosen], targets[chosen])

    def valid_loss(self, head: "torch.nn.Module") -> "torch.Tensor":
        return self._mean(head, *self.valid)

    def _mean(self, head: "torch.nn.Module", features: "torch.Tensor", targets: "torch.Tensor") -> "torch.Tensor":
        from torch.nn.functional import cross_entropy

        return cross_entropy(head(features), targets, weight=self.weights)


def train_model2vec(
    dataset_dirs: Sequence[Path],
    base_model: str,
    output_dir: Path,
    params: Model2VecParams,
    rows: RowParams,
    labels: Sequence[object] = (),
    workers: int = 1,
    overwrite: bool = False,
    normalizer: Normalizer | None = None,
) -> None:
    """Train on the `train/` rows of some datasets together, and write a model directory.

    Args:
        dataset_dirs: datasets, normalized or not.
        base_model: `packaged`, a directory, or a name on the hub.
        output_dir: the model directory.
        params: how.
        rows: how rows are read.
        labels: their order from worst to best, where it is not numeric.
        workers: processes that decode rows.
        overwrite: replace an earlier output of that kind.
        normalizer: of datasets that are not normalized; None takes their texts as they are.

    Raises:
        BonepickError: see `read_training_data` and `load_base_model`; or the output is occupied.
    """
    with atomic_directory(output_dir, "model", overwrite, [*dataset_dirs, *local_paths(base_model)]) as folder:
        base = load_base_model(base_model)
        data = read_training_data(dataset_dirs, partial(embed, base), rows, labels, params.seed, workers, normalizer)
        Model2Vec.fit(base, data, params).save(folder)
    note(f"model2vec: trained on {len(data.train.targets):,} rows, classes {', '.join(data.classes)} -> {output_dir}")
