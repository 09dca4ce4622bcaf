"""The pairs of several clusterings, put together, and pairs from everywhere."""

import math

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.contrastive.pairs import Pairs, Weighting, draw_pairs
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.core.errors import BonepickError
from bonepick.core.progress import progress


def draw_from_clusterings(
    clusterings: NDArray[np.int32],
    targets: NDArray[np.int64],
    params: ContrastiveParams,
    kept: NDArray[np.bool_] | None = None,
) -> Pairs:
    """Draw pairs inside the clusters of all clusterings, and from everywhere what `global_share` says.

    Args:
        clusterings: cluster of each row in each, shape (n_clusterings, n).
        targets: class number of each row, shape (n,).
        params: how many, and what they count.
        kept: rows that pairs are of, shape (n,); all by default.

    Raises:
        BonepickError: no cluster holds two classes.
    """
    rows = np.arange(len(targets)) if kept is None else np.flatnonzero(kept)
    weighting = Weighting(params.cluster_weight, params.label_distance)
    n_inside = math.ceil(params.n_pairs * (1 - params.global_share) / len(clusterings))
    seeds = iter(np.random.SeedSequence(params.seed).generate_state(len(clusterings) + 1).tolist())
    inside = []
    with progress("draw pairs", "clusterings", len(clusterings)) as advance:
        for numbers in clusterings:
            pairs = draw_pairs(numbers[rows], targets[rows], n_inside, weighting, next(seeds))
            inside += [pairs] if len(pairs) else []
            advance(1)
    if not inside:
        raise BonepickError("no cluster holds rows of two different labels: take fewer clusters (n_clusters)")
    parts = [(pairs, (1 - params.global_share) / len(inside)) for pairs in inside]
    if params.global_share:
        one = np.zeros(len(rows), dtype=np.int32)
        n_everywhere = math.ceil(params.n_pairs * params.global_share)
        everywhere = draw_pairs(one, targets[rows], n_everywhere, weighting, next(seeds))
        parts.append((everywhere, params.global_share))
    return Pairs(
        rows[np.concatenate([pairs.better for pairs, _ in parts])],
        rows[np.concatenate([pairs.worse for pairs, _ in parts])],
        np.concatenate([pairs.weights * share for pairs, share in parts]),
        sum(pairs.possible for pairs in inside),
        sum(pairs.clusters for pairs in inside),
    )
