"""One label, bins of equal count, or several labels of an object: each with known answers."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.data.label_forms import ONE_LABEL, LabelForm, describe_bins, equal_count_edges, labels_of, labels_set_in


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ({"Code": 1, "spam": 0}, ("code",)),
        ({"z": True, "a b": 1.0, "c": False}, ("a_b", "z")),
        ({"a": 0}, ()),
    ],
)
def test_an_object_has_the_labels_that_are_1(value: Any, labels: tuple[str, ...]) -> None:
    assert labels_set_in(value) == labels_of(value) == labels


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, r"label is \{\}, wanted an object of 0 and 1"),
        ("code", "label is 'code', wanted an object of 0 and 1"),
        ({"a": 2}, "label 'a' is 2, wanted 0 or 1"),
        ({"a": None}, "label 'a' is None, wanted 0 or 1"),
        ({"a": 1, "A ": 0}, "two of its names are the same label"),
        ({" ": 1}, "nothing is left of it"),
    ],
)
def test_what_is_no_object_of_labels_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(BonepickError, match=reason):
        labels_set_in(value)


def test_one_label_is_the_canonical_one() -> None:
    assert ONE_LABEL.labels(3.0) == labels_of("3") == ("3",)


@pytest.mark.parametrize(
    ("value", "label"), [(-1e9, "0"), (0.99, "0"), (1, "1"), (2.4, "1"), (2.5, "2"), (10**300, "2"), (2.5000001, "2")]
)
def test_a_number_goes_to_its_bin_and_beyond_the_edges_to_the_outermost(value: float, label: str) -> None:
    assert LabelForm(bin_edges=(1.0, 2.5)).labels(value) == (label,)


@pytest.mark.parametrize("value", ["3", True, None, float("nan"), float("inf"), {"a": 1}, 10**400])
def test_what_is_no_finite_number_has_no_bin(value: Any) -> None:
    with pytest.raises(BonepickError, match="label is"):
        LabelForm(bin_edges=(1.0,)).labels(value)


@pytest.mark.parametrize(
    ("numbers", "bins", "edges"),
    [
        ([1, 2, 3, 4, 5, 6], 3, (3.0, 5.0)),
        ([1, 2, 3, 4, 5, 6, 7], 2, (4.0,)),
        ([5] * 10 + [1], 4, (5.0,)),
        ([0] * 4 + [1] * 4 + [2] * 4, 3, (1.0, 2.0)),
        ([0] * 90 + [1] * 5 + [2] * 5, 5, (1.0,)),
        ([1, 2], 10, (2.0,)),
        ([7, 7, 7], 3, ()),
        ([], 2, ()),
    ],
)
def test_edges_part_equal_counts_and_fall_together_on_ties(
    numbers: list[float], bins: int, edges: tuple[float, ...]
) -> None:
    assert equal_count_edges(Counter(map(float, numbers)), bins) == edges


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=60, unique=True), st.integers(2, 7))
def test_without_ties_bins_differ_by_two_rows_at_most(numbers: list[int], bins: int) -> None:
    form = LabelForm(bin_edges=equal_count_edges(Counter(map(float, numbers)), bins))
    sizes = Counter(form.labels(number)[0] for number in numbers)
    assert len(sizes) == min(bins, len(numbers)) or len(numbers) < 2 * bins
    if len(numbers) >= 2 * bins:
        assert max(sizes.values()) - min(sizes.values()) <= 2


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60), st.integers(2, 9))
def test_no_bin_is_empty_and_a_higher_number_is_in_no_lower_bin(numbers: list[float], bins: int) -> None:
    form = LabelForm(bin_edges=equal_count_edges(Counter(numbers), bins))
    if form.bin_edges:
        labels = [int(form.labels(number)[0]) for number in sorted(numbers)]
        assert labels == sorted(labels)
        assert set(labels) == set(range(len(form.bin_edges) + 1))
        assert len(form.bin_edges) < bins


def test_bins_are_described_with_their_rows() -> None:
    counts = Counter({0.5: 3, 1.0: 2, 2.25: 4})
    assert (
        describe_bins((1.0, 2.25), counts)
        == "0: below 1 (3 rows), 1: 1 to below 2.25 (2 rows), 2: 2.25 and above (4 rows)"
    )
