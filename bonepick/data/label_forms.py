"""How a label field becomes labels: one label, the bin of a number, or several labels of an object."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.labels import canonical_label


@dataclass(frozen=True)
class LabelForm:
    """What a dataset's label field holds, and what a model that was trained on it takes as gold.

    Attributes:
        multi_label: an object of 0 and 1; the names of the 1s are the labels.
        bin_edges: ascending; a number's label is the count of edges that are not above it, so that a number beyond
            all that training saw is in the outermost bin. Without edges, labels are taken as they are.

    >>> LabelForm().labels("Pos"), LabelForm(bin_edges=(1.0, 2.5)).labels(2), LabelForm(True).labels({"a": 1, "b": 0})
    (('pos',), ('1',), ('a',))
    """

    multi_label: bool = False
    bin_edges: tuple[float, ...] = ()

    def labels(self, value: object) -> tuple[str, ...]:
        """Return the canonical labels of a field's value: exactly one, but for `multi_label`.

        Raises:
            BonepickError: the value has not this form.
        """
        if self.multi_label:
            return labels_set_in(value)
        if self.bin_edges:
            return (str(bisect_right(self.bin_edges, number_of(value))),)
        return (canonical_label(value),)


ONE_LABEL = LabelForm()
"""The field is the label."""


def labels_set_in(value: object) -> tuple[str, ...]:
    """Return the canonical names that an object gives the value 1, sorted; none is a valid answer.

    Raises:
        BonepickError: the value is no object, is empty, holds something else than 0 and 1 (or booleans), or two of
            its names are the same label.

    >>> labels_set_in({"Code": 1, "maths": True, "spam": 0})
    ('code', 'maths')
    """
    if not isinstance(value, dict) or not value:
        raise BonepickError(f"label is {shortened(value)}, wanted an object of 0 and 1, such as {{code: 1, spam: 0}}")
    if wrong := [name for name, flag in value.items() if flag not in (0, 1)]:
        raise BonepickError(f"label {wrong[0]!r} is {shortened(value[wrong[0]])}, wanted 0 or 1")
    names = {name: canonical_label(name) for name in value}
    if len(set(names.values())) < len(names):
        raise BonepickError(f"label is {shortened(value)}: two of its names are the same label in canonical form")
    return tuple(sorted(names[name] for name, flag in value.items() if flag))


def names_in(value: object) -> tuple[str, ...]:
    """Return the canonical names of an object of 0 and 1, whichever they have; none for a value that is one label.

    >>> names_in({"Code": 1, "spam": 0}), names_in("code")
    (('code', 'spam'), ())
    """
    return tuple(map(canonical_label, value)) if isinstance(value, dict) else ()


def labels_of(value: object) -> tuple[str, ...]:
    """Return the labels of a value that is one label or an object of several, for counting.

    Raises:
        BonepickError: it is neither.
    """
    return LabelForm(multi_label=isinstance(value, dict)).labels(value)


def number_of(value: object) -> float:
    """Return a numeric label.

    Raises:
        BonepickError: it is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BonepickError(f"label is {shortened(value)}, wanted a number to put into a bin")
    canonical_label(value)
    try:
        return float(value)
    except OverflowError:
        raise BonepickError(f"label is {shortened(value)}, a number too large for a bin") from None


def equal_count_edges(counts: Counter[float], bins: int) -> tuple[float, ...]:
    """Return ascending edges that cut numbers into at most `bins` bins of counts as equal as ties let them be.

    Each edge is the lowest number of its upper bin, at that gap between two distinct numbers which is nearest to the
    k-th of `bins` equal parts. Where one number fills several parts, their edges fall together: there are fewer bins.

    >>> equal_count_edges(Counter([1.0, 2.0, 3.0, 4.0]), 2), equal_count_edges(Counter({0.0: 8, 1.0: 1, 2.0: 1}), 4)
    ((3.0,), (1.0,))
    """
    numbers = sorted(counts)
    below = list(accumulate(counts[number] for number in numbers))[:-1]  # rows below each gap
    if not below:
        return ()
    wanted = [counts.total() * part / bins for part in range(1, bins)]
    gaps = {_nearest(below, rows) for rows in wanted}
    return tuple(numbers[gap + 1] for gap in sorted(gaps))


def _nearest(ascending: Sequence[int], wanted: float) -> int:
    place = bisect_left(ascending, wanted)
    around = range(max(place - 1, 0), min(place + 1, len(ascending)))
    return min(around, key=lambda index: abs(ascending[index] - wanted))


def describe_bins(edges: Sequence[float], counts: Counter[float]) -> str:
    """Return the bins and their rows in words.

    >>> describe_bins((3.0,), Counter([1.0, 2.0, 3.0, 4.0]))
    '0: below 3 (2 rows), 1: 3 and above (2 rows)'
    """
    rows = Counter[int]()
    for number, count in counts.items():
        rows[bisect_right(edges, number)] += count
    names = [f"below {edges[0]:.6g}"]
    names += [f"{low:.6g} to below {high:.6g}" for low, high in pairwise(edges)]
    names.append(f"{edges[-1]:.6g} and above")
    return ", ".join(f"{label}: {name} ({rows[label]:,} rows)" for label, name in enumerate(names))
