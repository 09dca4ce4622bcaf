"""A head on static embeddings, saved so that `model2vec.inference.StaticModelPipeline` loads it too."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from model2vec.inference import StaticModelPipeline
from numpy.typing import NDArray

from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.static.base_model import load_base_model, save_without_card, tokenizer_faults
from bonepick.classifiers.static.layers import Head, static_pipeline
from bonepick.classifiers.static.model_dir import HEAD_FILE, REMEDY, read_pipeline
from bonepick.classifiers.static.probabilities import TextProbabilities
from bonepick.core.errors import BonepickError
from bonepick.core.extras import require
from bonepick.core.history import load_history, save_history
from bonepick.core.reading import is_there
from bonepick.core.run import Run

if TYPE_CHECKING:
    from bonepick.classifiers.base.training_rows import TrainingRows
    from bonepick.classifiers.static.features import Features

SHAPING = ("model2vec", "numpy", "scikit-learn", "scipy", "tokenizers", "torch")
"""Libraries whose version can change a trained head."""


class StaticClassifier(Classifier):
    """A Model2Vec pipeline and its manifest. Kinds differ in how their head is trained: see `fit_head`."""

    def __init__(
        self, pipeline: StaticModelPipeline, manifest: Manifest, history: Sequence[tuple[float, float]] = ()
    ) -> None:
        self.pipeline = pipeline
        self.manifest = manifest
        self.history = history
        """Training and validation loss of each epoch; empty where they are not known."""

    @classmethod
    def fit_head(cls, features: "Features", params: Any) -> Head:
        """Train a head on features; params are the kind's own."""
        raise NotImplementedError

    @classmethod
    def fit(cls, rows: "TrainingRows", params: Any, run: Run) -> Self:
        """Train a head on features that are computed once; the base model stays as it is; see `Classifier.fit`.

        Raises:
            UsageError: a GPU is asked for and there is none.
            BonepickError: see `TrainingRows.batches` and `load_base_model`, or training fails.
        """
        from bonepick.classifiers.static.embedder import Embedder
        from bonepick.classifiers.static.features import read_features

        require("torch")  # before rows are embedded
        from bonepick.classifiers.static.device import resolved

        on_processor = resolved(params.device) == "cpu"  # sums on a GPU are added in any order
        base = load_base_model(rows.base_model)
        features = read_features(rows, Embedder.of(rows.base_model, base))
        try:
            head = cls.fit_head(features, params)
        except BonepickError as error:  # it has seen numbers alone
            raise BonepickError(f"{rows.where}: {error}") from None
        pipeline = static_pipeline(base, head.layers, features.classes)
        manifest = rows.manifest(cls.kind, SHAPING, tried=list(head.tried), statistics=dict(head.statistics))
        manifest = replace(manifest, params={**manifest.params, **head.chosen}, reproducible=on_processor)
        return cls(pipeline, manifest, head.history)

    @classmethod
    def load(cls, directory: Path, labels: Sequence[object] = ()) -> Self:
        """Read a model directory; see `Classifier.load`.

        Raises:
            BonepickError: it has no manifest, is of another kind, or a file is missing or damaged.
        """
        manifest = Manifest.load(directory)
        if not is_there(directory / HEAD_FILE):
            raise BonepickError(f"{directory} is a model of kind {manifest.kind}: it has no {HEAD_FILE}")
        pipeline = read_pipeline(directory)
        if pipeline.classes_ is None or pipeline.classes_.tolist() != manifest.classes:
            raise BonepickError(f"{directory}: the classes of its manifest and of {HEAD_FILE} differ: {REMEDY}")
        model = cls(pipeline, manifest, [(epoch.train_loss, epoch.valid_loss) for epoch in load_history(directory)])
        model.directory = directory
        return model

    def save(self, directory: Path) -> None:
        """Write the directory as model2vec does, and the manifest last."""
        save_without_card(self.pipeline, directory)
        if self.history:
            save_history(self.history, directory)
        self.manifest.save(directory)

    def _probabilities(self, texts: list[str]) -> NDArray[np.float64]:
        """See `Classifier`."""
        with tokenizer_faults():
            probabilities = self._text_probabilities(texts)
        if not np.isfinite(probabilities).all():
            raise BonepickError(f"{self.directory or self.kind} gives a text NaN in place of probabilities: {REMEDY}")
        return probabilities

    @cached_property
    def _text_probabilities(self) -> TextProbabilities:
        return TextProbabilities(self.pipeline.model, self.pipeline.head.layers)
