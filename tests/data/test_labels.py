"""Labels have one canonical form, and an order from worst to best that is said where it is a guess."""

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.fasttext_lines import fasttext_line
from bonepick.data.labels import canonical_label, listed, order_labels
from bonepick.data.scales import is_ordered, known_order


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("pos", "pos"),
        ("Pos", "pos"),
        ("__label__pos", "pos"),
        (" __label__Very  Good\t", "very_good"),
        ("very good", "very_good"),
        ("a\nb", "a_b"),
        ("a\u2028b\xa0c", "a_b_c"),
        ("a__label__b", "a__label__b"),
        ("ÉCLAIR", "éclair"),
        ("3", "3"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (-2, "-2"),
        (0.5, "0.5"),
        (1e16, "10000000000000000"),
        (2**63, "9223372036854775808"),
        (True, "true"),
        (False, "false"),
        ("True", "true"),
        ("3.0", "3"),
        ("03", "3"),
        ("+3", "3"),
        (" __label__3.00 ", "3"),
        ("-0.0", "0"),
        ("-007.", "-7"),
        ("000", "0"),
        ("9" * 5000, "9" * 5000),
        ("1.5", "1.5"),
        ("1.50", "1.50"),
        ("1e3", "1e3"),
        ("1.0.0", "1.0.0"),
        ("3_0", "3_0"),
        ("٣", "٣"),
    ],
)
def test_canonical_form(value: object, label: str) -> None:
    assert canonical_label(value) == label


@pytest.mark.parametrize(
    "value",
    [None, [], ["pos"], {"a": 1}, b"pos", math.nan, math.inf, -math.inf, "", " \t\n", "__label__", "__label__ "],
)
def test_what_is_no_label_is_refused_and_quoted(value: object) -> None:
    with pytest.raises(BonepickError, match=re.escape(f"label is {value!r}")):
        canonical_label(value)


LABELS = (
    st.text(alphabet="_label Ab\t\n\0é", min_size=1, max_size=30)
    | st.text(min_size=1, max_size=20)
    | st.sampled_from(["__LABEL__x", "__label__ __label__x", "__label____label__x", "__Label__ 3.0"])
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
)


@given(LABELS)
def test_the_canonical_form_of_a_canonical_label_is_itself(value: Any) -> None:
    try:
        label = canonical_label(value)
    except BonepickError:
        return
    assert canonical_label(label) == label


@given(LABELS)
def test_a_canonical_label_is_one_token_of_a_fasttext_line(value: Any) -> None:
    """fastText ends a token at white space and at NUL."""
    try:
        label = canonical_label(value)
    except BonepickError:
        return
    assert not re.search(r"[\s\0]", label)
    assert fasttext_line([label], "text").split() == [f"__label__{label}", "text"]


@pytest.mark.parametrize(
    ("found", "order"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["0.5", "-1", "1e-3", "+2"], ["-1", "1e-3", "0.5", "+2"]),
        (["true", "false"], ["false", "true"]),
        (["1", "0", "1"], ["0", "1"]),
        (["pos", "neg"], ["neg", "pos"]),
        (["positive", "neutral", "negative"], ["negative", "neutral", "positive"]),
        (["high", "low"], ["low", "high"]),
        (["very_high", "medium", "low", "very-low"], ["very-low", "low", "medium", "very_high"]),
        (["good", "excellent", "fair"], ["fair", "good", "excellent"]),
        (["yes", "no"], ["no", "yes"]),
        (["maths"], ["maths"]),
    ],
)
def test_numbers_and_known_scales_are_ordered_without_a_word(
    notes: list[str], found: list[str], order: list[str]
) -> None:
    assert order_labels(found) == order
    assert notes == []


def test_the_wanted_order_counts_for_names_and_may_name_more(notes: list[str]) -> None:
    wanted = ["bad", "Fine ", "__label__good"]
    assert order_labels(["good", "bad"], wanted) == ["bad", "good"]
    assert order_labels(["good", "fine", "bad"], wanted) == ["bad", "fine", "good"]
    assert notes == []


@pytest.mark.parametrize("found", [["10", "9"], ["good", "bad"], ["maths"]])
def test_a_list_that_is_not_about_these_labels_is_refused(found: list[str]) -> None:
    with pytest.raises(UsageError, match="none of neg, pos occurs in the data, which has "):
        order_labels(found, ["neg", "pos"])


@pytest.mark.parametrize("wanted", [["neg", "NEG", "pos"], ["2", "1"]])
def test_a_list_with_a_label_twice_or_one_missing_is_refused(wanted: list[str]) -> None:
    with pytest.raises(UsageError, match="labels: "):
        order_labels(["1", "2", "3", "neg", "pos"], wanted)


def test_the_alphabet_is_the_last_resort_and_is_said(notes: list[str]) -> None:
    assert order_labels(["pos", "neg", "mid"]) == ["mid", "neg", "pos"]
    (note,) = notes
    assert "alphabetically: mid, neg, pos; which is better is not known" in note
    assert "--labels" in note


@pytest.mark.parametrize(
    "found",
    [["negative", "neg"], ["high", "low", "bad"], ["1", "2", "nan"], ["true", "1"], ["maths", "code"]],
    ids=lambda found: " ".join(found),
)
def test_labels_of_no_one_scale_have_no_order_that_is_known(found: list[str]) -> None:
    assert known_order(found) is None
    assert not is_ordered(sorted(found), [])
    assert is_ordered(found, [*found, "other"])
    assert not is_ordered(found, found[:1])


def test_an_alphabetical_order_of_a_known_scale_is_none() -> None:
    """Models of earlier versions have their labels so."""
    assert not is_ordered(["high", "low"], [])
    assert is_ordered(["neg", "pos"], [])


def test_lists_of_labels_are_short_and_printable() -> None:
    shown = listed([*"abcdefghijkl", "x" * 500])
    assert shown == "a, b, c, d, e, f, g, h, i, j, ..."
    assert listed(["a\x1b[31m", "x" * 500]).isprintable()
    assert len(listed(["x" * 500] * 99)) < 500


def test_a_label_that_the_list_forgets_is_refused() -> None:
    with pytest.raises(UsageError, match="'mid' occurs in the data but not in the list neg, pos"):
        order_labels(["pos", "mid", "neg"], ["neg", "pos"])


@given(st.lists(st.sampled_from(["1", "2", "10", "a", "b", "true", "false", "0.5"]), min_size=1))
def test_the_order_depends_on_the_set_of_labels_alone(found: list[str]) -> None:
    order = order_labels(found)
    assert sorted(order) == sorted(set(found))
    assert order_labels(reversed(found)) == order
