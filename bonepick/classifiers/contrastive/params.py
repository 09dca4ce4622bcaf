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
    n_clusterings: Annotated[int, Meta(ge=1, le=1_000)] = 16
    """Clusterings, each from other first centres, whose pairs are put together: the more, the less the seed decides."""
    n_pairs: Annotated[int, Meta(ge=1, le=100_000_000)] = 1_000_000
    """Pairs that are trained on, about, over all clusterings; where there are fewer, all."""
    cluster_weight: Literal["pairs", "sqrt", "size"] = "pairs"
    """What a cluster's pairs count together: as many as they are, the square root of that, or as its rows."""
    label_distance: Annotated[float, Meta(ge=0, le=10)] = 0.0
    """Power of the distance of two labels, in ranks, that their pair counts; 0 makes all pairs alike."""
    global_share: Annotated[float, Meta(ge=0, lt=1)] = 0.3
    """What pairs from everywhere count besides those inside clusters, of all."""
    loss: Literal["hinge", "logistic"] = "logistic"
    """What a pair costs whose better text is not clearly scored higher."""
    margin: Annotated[float, Meta(gt=0, le=1_000)] = 1.0
    """By how much it has to be, for loss hinge."""
    l2: Penalties = (0.2,)
    """Penalties to try: l2/2 times the squared distance of the weights (on standardized features) from those of the
    pointwise head that `pointwise_share` and `pointwise_l2` tell of; the best is taken, as with model2vec."""
    pointwise_share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """How far the penalty pulls: to all of the weights that a head like model2vec's has, or a part; 0: to none."""
    pointwise_l2: Annotated[float, Meta(ge=0)] = 0.1
    """Penalty of that head."""


PARAMS = ContrastiveParams
