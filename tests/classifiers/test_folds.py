"""Folds hold out whole sources or groups, keep every class on both sides, and do not depend on the rows' order."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.classifiers.base.folds import MOST, folds_of
from bonepick.data.splitting import stable_hash

NAMES = st.sampled_from(["a", "b", "c", "d", "e", "", "é\n"])
ROWS = st.lists(st.tuples(st.none() | NAMES, NAMES, st.integers(0, 4)), max_size=40)


def folds(rows: list, seed: int = 42) -> list:
    sources, groups, targets = zip(*rows, strict=True) if rows else ((), (), ())
    return folds_of(sources, groups, np.array(targets, dtype=np.int64), seed)


def held_out(rows: list, seed: int = 42) -> list[set[str]]:
    return [{rows[i][0] for i in np.flatnonzero(mask)} for mask in folds(rows, seed)]


@given(rows=ROWS, seed=st.integers(0, 9))
def test_folds_are_whole_apart_and_keep_every_class(rows: list, seed: int) -> None:
    found = folds(rows, seed)
    assert len(found) <= MOST
    classes = {target for _, _, target in rows}
    for mask in found:
        assert mask.dtype == bool and mask.shape == (len(rows),)
        out, left = ([row for row, held in zip(rows, mask, strict=True) if held == side] for side in (True, False))
        assert {target for _, _, target in out} == {target for _, _, target in left} == classes
        by_source = {s or g for s, g, _ in out if s is not None}.isdisjoint({s for s, _, _ in left if s is not None})
        assert by_source or {g for _, g, _ in out}.isdisjoint({g for _, g, _ in left})
    assert not found or sum(found).max() == 1, "no row is held out twice"


@given(rows=ROWS, seed=st.integers(0, 9), data=st.data())
def test_a_rows_fold_does_not_depend_on_the_order_of_rows(rows: list, seed: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    found, shuffled = folds(rows, seed), folds([rows[i] for i in order], seed)
    assert [mask[order].tolist() for mask in found] == [mask.tolist() for mask in shuffled]


@given(
    units=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=30),
    seed=st.integers(0, 3),
)
def test_sources_of_one_label_are_dealt_to_folds_of_every_label(units: list, seed: int) -> None:
    rows = [(f"s{i}", f"g{i}-{j}", label) for i, (label, size) in enumerate(units) for j in range(size)]
    if min(Counter(label for label, _ in units).values()) >= MOST:
        assert len(folds(rows, seed)) == MOST
        for sources in held_out(rows, seed):
            left = Counter(label for i, (label, _) in enumerate(units) if f"s{i}" not in sources)
            assert min(left[label] for label, _ in units) >= 2


LABELS = {"wiki": 1, "imdb": 0, "bbc": 1, "chrome": 0}
"""Sources of the sample: none has rows of both labels."""


def test_a_label_is_never_left_with_one_source() -> None:
    """What is trained on one source a label tells the sources apart: another one's rows come out at random."""
    rows = [(source, f"{source}{i}", label) for source, label in LABELS.items() for i in range(50)]
    assert held_out(rows) == [set(LABELS)] * MOST, "groups are held out"
    more = [*rows, ("arts", "arts", 1), ("drugs", "drugs", 0)]
    assert held_out(more) == [{"chrome", "arts"}, {"imdb", "wiki"}, {"drugs", "bbc"}]


def test_hosts_of_mixed_labels_fill_three_even_folds() -> None:
    rng = random.Random(1)
    hosts = [f"host{i}" for i in range(2000)]
    rows = [(host, f"{host}/{i}", rng.choices(range(5), [50, 30, 15, 4, 1])[0]) for host in hosts for i in range(5)]
    found = folds(rows)
    assert len(found) == MOST
    assert all(0.3 < mask.mean() < 0.37 for mask in found)
    assert sum(found).all()


def test_one_source_alone_of_each_label_leaves_groups() -> None:
    rows = [("a" if i % 2 else "b", f"g{i // 4}", i % 2) for i in range(40)]
    found = folds(rows)
    assert len(found) == MOST
    assert {frozenset(rows[i][1] for i in np.flatnonzero(mask)) for mask in found} == {
        frozenset(rows[i][1] for i in np.flatnonzero(mask)) for mask in folds([(None, g, t) for _, g, t in rows])
    }


def test_a_source_and_a_group_of_one_name_are_two() -> None:
    rows = [(source, f"{source}{i}", i % 2) for source in "ab" for i in range(4)]
    assert held_out(rows) == [{"a", "b"}] * MOST, "two sources are too few"
    apart = [*rows, (None, "a", 0), (None, "a", 1)]
    assert sorted(map(str, held_out(apart))) == ["{'a'}", "{'b'}", "{None}"]


@pytest.mark.parametrize("rows", [[], [("a", "g", 0)], [("a", "g", 0), ("a", "h", 1)]])
def test_too_little_to_hold_out_gives_no_folds(rows: list) -> None:
    assert folds(rows) == []


def test_the_seed_chooses_among_groups_of_one_size() -> None:
    rows = [(None, f"g{i}", i % 2) for i in range(100)]
    assert len({tuple(folds(rows, seed)[0].tolist()) for seed in range(5)}) == 5
    assert stable_hash(1, "fold", "True", "g1") != stable_hash(2, "fold", "True", "g1")
