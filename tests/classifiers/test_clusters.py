"""Clusters go by direction, and by the seed alone."""

import numpy as np

from bonepick.classifiers.static.clusters import fit_clusters


def test_clusters_go_by_direction_not_by_length() -> None:
    directions = np.eye(3, dtype=np.float32)
    lengths = np.array([0.1, 1, 5, 100], dtype=np.float32)
    features = np.concatenate([length * directions for length in lengths])
    found = fit_clusters(features, 3, seed=0)(features).reshape(4, 3)
    assert len(set(found[0].tolist())) == 3
    assert (found == found[0]).all()


def test_the_function_that_comes_back_is_for_other_features_too() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(4, 6, dtype=np.float32)
    features = np.repeat(centres, 30, axis=0) + rng.normal(0, 0.05, size=(120, 6)).astype(np.float32)
    cluster_of = fit_clusters(features, 4, seed=1)
    assert cluster_of(centres)[[0, 1, 2, 3]].tolist() == [cluster_of(features)[30 * i] for i in range(4)]


def test_more_clusters_than_rows_are_cut_to_their_number() -> None:
    features = np.eye(5, dtype=np.float32)
    assert sorted(fit_clusters(features, 100, seed=1)(features).tolist()) == [0, 1, 2, 3, 4]


def test_texts_that_repeat_are_no_reason_to_complain() -> None:
    """Fewer distinct texts than clusters; warnings are errors here, and would be noise on a person's terminal."""
    features = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    found = fit_clusters(features, 8, seed=1)(features).reshape(3, 10)
    assert (found == found[:, :1]).all() and len(set(found[:, 0].tolist())) == 3


def test_texts_without_known_tokens_have_a_cluster() -> None:
    features = np.concatenate([np.zeros((5, 3)), np.eye(3)]).astype(np.float32)
    assert len(set(fit_clusters(features, 4, seed=1)(features)[:5].tolist())) == 1
