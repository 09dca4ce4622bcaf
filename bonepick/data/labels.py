"""Labels: one canonical form for every kind of model, and their order from worst to best."""

import math
import re
from collections.abc import Iterable, Sequence

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.progress import note
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX


def canonical_label(value: object) -> str:
    """Write a label the way all kinds of model see it.

    A leading `__label__` goes, outer space goes, inner white space becomes `_`, lower case; a number equal to an
    integer is written as that integer.

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
    return label


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

    The order that is `wanted` counts where it names all of them; else numbers go by value and `false` before `true`;
    else the order is alphabetical, and that is said.

    Raises:
        UsageError: `wanted` names some of the labels but not all, or one twice.

    >>> order_labels(["10", "9"]), order_labels(["pos", "neg"], ["neg", "pos"])
    (['9', '10'], ['neg', 'pos'])
    """
    present = sorted(set(labels))
    ranks = {canonical_label(label): rank for rank, label in enumerate(wanted)}
    refuse_repeated(wanted)
    unknown = [label for label in present if label not in ranks]
    if unknown and len(unknown) < len(present):
        raise UsageError(f"labels: {unknown[0]!r} occurs in the data but not in the list {', '.join(ranks)}: add it")
    if unknown and ranks:
        note(f"labels: none of {', '.join(ranks)} occurs in the data, so that list does not order {', '.join(present)}")
    if all(label in ranks for label in present):
        return sorted(present, key=ranks.__getitem__)
    if set(present) == {"false", "true"}:
        return present
    if all(_is_number(label) for label in present):
        return sorted(present, key=lambda label: (float(label), label))
    note(
        f"labels are ordered alphabetically, worst to best: {', '.join(present)} (--labels or `labels:` sets the order)"
    )
    return present


def _is_number(label: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", label) is not None
