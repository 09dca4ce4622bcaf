"""A row's split derives from the seed and its group: shares are met, groups stay whole, nothing moves."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import UsageError
from bonepick.data.splitting import make_splitter, stable_hash

GROUPS = [f"host{n}.example" for n in range(20_000)]


@pytest.mark.parametrize(("test", "valid"), [(0.2, 0.1), (0.05, 0.0), (0.0, 0.3), (0.5, 0.4)])
def test_shares_are_near_what_is_asked(test: float, valid: float) -> None:
    split_of = make_splitter(42, test, valid)
    found = Counter(map(split_of, GROUPS))
    for split, share in (("test", test), ("valid", valid), ("train", 1 - test - valid)):
        # five standard deviations of a binomial count
        spread = 5 * (len(GROUPS) * share * (1 - share)) ** 0.5
        assert abs(found[split] - share * len(GROUPS)) <= spread


def test_nothing_asked_is_all_train() -> None:
    assert set(map(make_splitter(42, 0.0, 0.0), GROUPS)) == {"train"}


def test_a_larger_share_keeps_the_test_rows_and_the_valid_share_moves_none_of_them() -> None:
    small, large, with_valid = (make_splitter(1, *asked) for asked in ((0.1, 0.0), (0.3, 0.0), (0.1, 0.2)))
    in_small = {group for group in GROUPS if small(group) == "test"}
    assert in_small < {group for group in GROUPS if large(group) == "test"}
    assert in_small == {group for group in GROUPS if with_valid(group) == "test"}


def test_seeds_choose_other_groups() -> None:
    chosen = [{group for group in GROUPS if make_splitter(seed, 0.1, 0.0)(group) == "test"} for seed in (1, 2)]
    # two independent tenths share a hundredth
    assert abs(len(chosen[0] & chosen[1]) - 200) < 75


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=40),
    test=st.integers(1, 200),
    valid=st.integers(1, 200) | st.just(0),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_count_is_filled_with_whole_groups_up_to_at_most_that_many_rows(
    sizes: list[int], test: int, valid: int, seed: int
) -> None:
    rows = [f"group{n}" for n, size in enumerate(sizes) for _ in range(size)]
    try:
        split_of = make_splitter(seed, test, valid, lambda: rows)
    except UsageError:
        assert test + valid >= len(rows), "refused only where no training rows would be left"
        return
    found = Counter(map(split_of, rows))
    assert found["train"] > 0
    groups = {split: {row for row in rows if split_of(row) == split} for split in ("train", "valid", "test")}
    assert found["test"] <= test
    assert found["valid"] <= valid
    outside = [size for n, size in enumerate(sizes) if f"group{n}" not in groups["test"]]
    left = [size for n, size in enumerate(sizes) if f"group{n}" in groups["train"]]
    assert all(size > test - found["test"] for size in outside), "a group that still fits was left out"
    assert all(size > valid - found["valid"] for size in left)


def test_a_count_is_exact_where_every_row_is_a_group_and_does_not_depend_on_the_order_of_rows() -> None:
    split_of = make_splitter(42, 300, 200, lambda: GROUPS)
    assert Counter(map(split_of, GROUPS)) == {"test": 300, "valid": 200, "train": 19_500}
    turned = make_splitter(42, 300, 200, lambda: reversed(GROUPS))
    assert [split_of(group) for group in GROUPS] == [turned(group) for group in GROUPS]


def test_the_groups_are_read_only_where_a_count_is_given() -> None:
    def unread() -> list[str]:
        raise AssertionError("groups were read")

    make_splitter(42, 0.5, 0.1, unread)("a")


def test_shares_that_leave_no_training_rows_are_refused() -> None:
    """Whatever their sum is in binary: 0.7 + 0.3 is as much as 0.5 + 0.5."""
    accepted = []
    for percent in range(1, 100):
        shares = percent / 100, (100 - percent) / 100
        try:
            make_splitter(42, *shares)
        except UsageError as error:
            assert str(error) == f"test_split {shares[0]} and valid_split {shares[1]} leave no training rows"
        else:
            accepted.append(shares)
    assert accepted == []


def test_the_hash_is_the_same_in_every_process_and_does_not_run_parts_together() -> None:
    code = "from bonepick.data.splitting import stable_hash; print(stable_hash(42, 'test', 'a.org'))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(printed) == stable_hash(42, "test", "a.org")
    assert stable_hash(1, "ab", "c") != stable_hash(1, "a", "bc")
    assert stable_hash(1, "é") == stable_hash(1, "é".encode())
    assert 0 <= stable_hash(1, "\ud800") < 2**64
