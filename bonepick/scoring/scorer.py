"""A model as scoring applies it: probabilities, score and choice of rows, each a function of one text alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.base.classifier import Classifier
from bonepick.classifiers.base.load import load
from bonepick.classifiers.base.normalizing import normalizer_of
from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.progress import note
from bonepick.data.labels import listed
from bonepick.metrics.predictions import scores_of
from bonepick.scoring.params import ScoreParams
from bonepick.scoring.thresholds import named_threshold
from bonepick.text.identity import NormalizerIdentity
from bonepick.text.normalizer import Normalizer
from bonepick.text.tokenizer import PACKAGED


@dataclass(frozen=True)
class Scored:
    """What a model says of n texts.

    Attributes:
        probabilities: shape (n, n_classes).
        scores: shape (n,), 0 to 1; None where a model of several labels has none.
        kept: which are written, shape (n,).
    """

    probabilities: NDArray[np.float64]
    scores: NDArray[np.float64] | None
    kept: NDArray[np.bool_]


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model without its weights.

    Attributes:
        name: that its scores go by.
        classes: its labels, in the order of probabilities.
        why_unscored: why it has no score; empty where it has one.
        normalizer: that it was trained with; None where that is not known.
        into: names of fields on the way to where scores go in a row of JSON.
    """

    name: str
    classes: tuple[str, ...]
    why_unscored: str
    normalizer: NormalizerIdentity | None
    into: tuple[str, ...]

    @classmethod
    def of(cls, model: Classifier, params: ScoreParams) -> "ModelFacts":
        """Return them."""
        name = params.name or model.kind
        into = tuple(params.into.split(".")) if params.into else ("metadata", name)
        unordered = "" if model.ordered else f"does not say which of {listed(model.classes)} is better (--labels does)"
        unscored = "gives several labels a text" if model.manifest.multi_label else unordered
        return cls(name, tuple(model.classes), unscored, model.manifest.normalizer, into)

    @property
    def has_score(self) -> bool:
        """Whether the model gives a score."""
        return not self.why_unscored

    def say(self) -> None:
        """Say what a person should know before it begins."""
        if self.why_unscored:
            note(f"the model {self.why_unscored}: rows get probabilities, and no score")
        if self.normalizer is None:
            note("what the texts of the model were normalized with is not known: texts are taken as they are")


@dataclass(frozen=True)
class ScorerParams:
    """All that a worker needs to make its scorer.

    Attributes:
        model_dir: of the model.
        score: what is written.
        tokenizer: of the model's normalizer, where that uses one.
        labels: order of the labels of a model that does not say it.
    """

    model_dir: Path
    score: ScoreParams
    tokenizer: str = PACKAGED
    labels: tuple[str, ...] = ()


class Scorer:
    """Applies a model.

    Raises:
        UsageError: rows are to be kept by a score that the model does not have.
        BonepickError: the model cannot be loaded, or has no such threshold or label.
    """

    def __init__(self, params: ScorerParams) -> None:
        self.model: Classifier = load(params.model_dir, params.tokenizer, params.labels)
        self.params = params
        self.facts = ModelFacts.of(self.model, params.score)
        self.choice = Choice.of(self.facts, params)
        self._normalizer = normalizer_of(self.model.manifest, params.tokenizer)
        self._spaces_words = self._normalizer == Normalizer("whitespace", params.tokenizer)

    def ready(self, text: str) -> str:
        """Return a text as the model takes it.

        Raises:
            BonepickError: it cannot be normalized.
        """
        return text if self._normalizer is None else self._normalizer(text)

    def words(self, text: str, ready: str) -> int:
        """Return the words of a text that is not blank, as it is before it is made `ready`."""
        return ready.count(" ") + 1 if self._spaces_words else len(text.split())  # the same, and quicker

    def __call__(self, ready: Sequence[str]) -> Scored:
        """Score texts that are `ready`.

        Raises:
            BonepickError: the model fails on one of them.
        """
        probabilities = self.model.predict_proba(ready, normalized=True)
        scores = scores_of(probabilities) if self.facts.has_score else None
        return Scored(probabilities, scores, self.choice.of_rows(probabilities, scores))

    def values(self, scored: Scored) -> list[bytes]:
        """Return the JSON of each row: `{"score":0.5,"probabilities":{"neg":0.5,"pos":0.5}}`, without an absent score.

        Numbers have the fewest digits that read back as the same float64.
        """
        classes = self.facts.classes
        encode = msgspec.json.Encoder().encode
        rows = scored.probabilities.tolist()
        if scored.scores is None:
            return [encode({"probabilities": dict(zip(classes, row, strict=True))}) for row in rows]
        return [
            encode({"score": score, "probabilities": dict(zip(classes, row, strict=True))})
            for score, row in zip(scored.scores.tolist(), rows, strict=True)
        ]


@dataclass(frozen=True)
class Choice:
    """Which rows are written: those whose score, or probability of one label, is at least a threshold."""

    threshold: float = -np.inf
    column: int | None = None

    @classmethod
    def of(cls, facts: ModelFacts, params: ScorerParams) -> "Choice":
        """Return what the params say.

        Raises:
            UsageError: the model has no such label, or no score.
            BonepickError: it has no such threshold.
        """
        score = params.score
        label, equals, number = score.keep.rpartition("=")
        if equals:
            if label not in facts.classes:
                raise UsageError(f"--keep names label {shortened(label)}: the model has {listed(facts.classes)}")
            return cls(_probability(score.keep, number), facts.classes.index(label))
        if score.selects and facts.why_unscored:
            raise UsageError(f"the model {facts.why_unscored}, and so no score: --keep LABEL=0.5 keeps by a label")
        if score.min_score is not None:
            return cls(score.min_score)
        return cls(named_threshold(params.model_dir, score.keep)) if score.keep else cls()

    def of_rows(self, probabilities: NDArray[np.float64], scores: NDArray[np.float64] | None) -> NDArray[np.bool_]:
        """Return which rows are written, shape (n,)."""
        if self.threshold == -np.inf:
            return np.ones(len(probabilities), dtype=bool)
        values = scores if self.column is None else probabilities[:, self.column]
        assert values is not None, "refused before"
        kept: NDArray[np.bool_] = values >= self.threshold
        return kept


def _probability(keep: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"--keep is {shortened(keep)}: wanted LABEL=P with a probability from 0 to 1, such as pos=0.5")
    return value


_scorers: dict[ScorerParams, Scorer] = {}


def scorer_of(params: ScorerParams) -> Scorer:
    """Return the scorer of this process: a model is loaded once."""
    if params not in _scorers:
        try:
            _scorers[params] = Scorer(params)
        except MemoryError:
            raise BonepickError(
                f"{params.model_dir} does not fit into memory: free some, or use fewer workers"
            ) from None
    return _scorers[params]
