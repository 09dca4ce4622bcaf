"""Params of finding topics and of selecting a model, which load without a library."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from bonepick.core.params import Params, Seed


@dataclass(frozen=True, kw_only=True)
class TopicsParams(Params):
    """How topics are found."""

    n_topics: Annotated[int, Meta(ge=2, le=10_000)] = 50
    """k-means clusters of the training texts."""
    seed: Seed = 7
    """Of the first centres; another one than training's."""


@dataclass(frozen=True, kw_only=True)
class SelectParams(Params):
    """What the choice goes by."""

    RENAMED: ClassVar[dict[str, str]] = {"figure": "metric"}

    metric: Annotated[str, Meta(min_length=1)] = "auc"
    """Name of the metric, on validation rows, of which the highest wins."""
