"""Params of kind `contrastive`."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bonepick.classifiers.static.params import HeadParams, Penalties
from bonepick.core.params import Shared


@dataclass(frozen=True, kw_only=True)
class ContrastiveParams(HeadParams):
    """How pairs are drawn and the ranker is trained on them."""

    needs_order: ClassVar[bool] = True

    n_clusters: Annotated[int, Meta(ge=1, le=100_000), Shared("train.n_clusters")] = 100
    """k-means clusters that pairs are drawn in; 1 draws them from everywhere."""
    n_pairs: Annotated[int, Meta(ge=1, le=100_000_000)] = 100_000
    """Training pairs; a fifth as many are drawn for validation."""
    loss: Literal["hinge", "logistic"] = "logistic"
    """What a pair costs whose better text is not clearly scored higher."""
    batch_size: Annotated[int, Meta(ge=1, lt=2**31)] = 1024
    """Pairs per step."""
    l2: Penalties = (0.1,)
    """Penalties to try: l2/2 times the squared weights (on standardized features); the best on validation wins."""


PARAMS = ContrastiveParams
