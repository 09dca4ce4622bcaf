"""Labels: one canonical form for every kind of model, and their order from worst to best."""

import math
import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.progress import note
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX
from bonepick.data.scales import known_order

SHOWN = 10
"""Labels that a message lists."""
LONGEST = 40
"""Characters of a label in such a list."""
_INTEGER = re.compile(r"([+-]?)0*([0-9]+)(?:\.0*)?")


def canonical_label(value: object) -> str:
    """Write a label the way all kinds of model see it.

    A leading `__label__` goes, outer space goes, inner white space becomes `_`, lower case. A number equal to an
    integer is written as that integer, and so is a string that is one in plain decimals: 3, "3", "3.0", "03" and "+3"
    are one label. Other decimals ("1.50"), exponents ("1e3") and versions ("1.2.3") stay as they are spelled.

    Raises:
        BonepickError: the value is no string, number or boolean, is not finite, or nothing is left of it.

    >>> canonical_label(3.0), canonical_label(True), canonical_label("__label__Very Good ")
    ('3', 'true', 'very_good')
    """
    if isinstance(value, dict):
        raise BonepickError(
            f"label is {shortened(value)}, an object: wanted one label (rows that have several: convert-to-fasttext, "
            "train-fasttext and eval take them with --multi-label)"
        )
    if (isinstance(value, float) and not math.isfinite(value)) or not isinstance(value, (str, bool, int, float)):
        raise BonepickError(f"label is {shortened(value)}, wanted a string, a finite number or a boolean")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    label = re.sub(r"[\s\0]", " ", str(value)).lower()
    before = ""
    while label != before:
        before, label = label, label.strip().removeprefix(FASTTEXT_PREFIX)
    label = re.sub(r" +", "_", label)
    if not label:
        raise BonepickError(f"label is {shortened(value)}: nothing is left of it in canonical form")
    return _as_integer(label) or label


def _as_integer(label: str) -> str:
    """Return an integer in decimals without what does not count in it; empty for anything else."""
    if not (parts := _INTEGER.fullmatch(label)):
        return ""
    sign, digits = parts[1].removeprefix("+"), parts[2]
    return "0" if digits == "0" else sign + digits


def refuse_repeated(labels: Sequence[object]) -> None:
    """Refuse an order of labels that names one twice, as models see them.

    Raises:
        UsageError: it does.
        BonepickError: one is no label.
    """
    if len({canonical_label(label) for label in labels}) < len(labels):
        raise UsageError(f"labels: one is named twice in {', '.join(map(str, labels))}")


def order_labels(labels: Iterable[str], wanted: Sequence[object] = ()) -> list[str]:
    """Sort distinct canonical labels from worst to best.

    The order that is `wanted` counts where it names all of them; without one, numbers go by value and the names of a
    known scale by it (see `known_order`); else the order is alphabetical, and that is said: nothing ranks by it.

    Raises:
        UsageError: `wanted` names none of the labels, some of them but not all, or one twice.

    >>> order_labels(["10", "9"]), order_labels(["b", "a"], ["b", "a"])
    (['9', '10'], ['b', 'a'])
    """
    present = sorted(set(labels))
    ranks = {canonical_label(label): rank for rank, label in enumerate(wanted)}
    refuse_repeated(wanted)
    unknown = [label for label in present if label not in ranks]
    if ranks and unknown and len(unknown) == len(present):
        raise UsageError(
            f"labels: none of {listed(ranks)} occurs in the data, which has {listed(present)}: name these from "
            "worst to best (--labels or `labels:`), or give no list"
        )
    if ranks and unknown:
        raise UsageError(f"labels: {unknown[0]!r} occurs in the data but not in the list {listed(ranks)}: add it")
    if ranks:
        return sorted(present, key=ranks.__getitem__)
    known = known_order(present)
    if known is None:
        note(
            f"labels are ordered alphabetically: {listed(present)}; which is better is not known, so nothing ranks by "
            "them (--labels or `labels:` names them from worst to best)"
        )
    return known or present


def say_absent(labels: Collection[str], wanted: Sequence[object]) -> None:
    """Say which labels of a given order none of the labels is: one may be misspelled."""
    if absent := [label for label in map(canonical_label, wanted) if label not in labels]:
        note(f"labels: {listed(absent)} occurs nowhere, others of the list do: {listed(sorted(labels))}")


def listed(labels: Iterable[str]) -> str:
    """Return labels in words, of many the first.

    >>> listed("abc"), listed(["bad"] * 11)[-11:]
    ('a, b, c', 'd, bad, ...')
    """
    first = [*islice(labels, SHOWN + 1)]
    names = [label if label.isprintable() and len(label) <= LONGEST else shortened(label, LONGEST) for label in first]
    return ", ".join([*names[:SHOWN], "..."] if len(names) > SHOWN else names)
