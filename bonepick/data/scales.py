"""Scales: orders of labels that need no telling, from worst to best."""

import re
from collections.abc import Iterable

SCALES = (
    (("false",), ("true",)),
    (("no",), ("maybe",), ("yes",)),
    (("neg", "negative"), ("neutral",), ("pos", "positive")),
    (("very_low",), ("low",), ("medium", "mid", "middle", "moderate"), ("high",), ("very_high",)),
    (("very_bad", "terrible"), ("bad",), ("fair", "ok", "okay"), ("good",), ("very_good",), ("excellent",)),
    (("very_poor",), ("poor",), ("fair", "average"), ("good",), ("very_good",), ("excellent",)),
    (("worst",), ("worse",), ("better",), ("best",)),
    (("incorrect", "wrong"), ("correct", "right")),
    (("fail",), ("pass",)),
    (("reject", "rejected"), ("accept", "accepted")),
    (("irrelevant",), ("relevant",)),
)
"""The known scales: places from worst to best, each with the names that it goes by."""

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?")
"""A label that is a number."""


def is_number(label: str) -> bool:
    """Tell whether a canonical label is a number."""
    return NUMBER.fullmatch(label) is not None


def known_order(labels: Iterable[str]) -> list[str] | None:
    """Return distinct canonical labels from worst to best where their order needs no telling, else None.

    Numbers go by value; names that are all of one scale go by it, where no two of them stand for the same place.

    >>> known_order(["10", "9"]), known_order(["high", "low"]), known_order(["code", "maths"])
    (['9', '10'], ['low', 'high'], None)
    """
    present = sorted(set(labels))
    if len(present) < 2:
        return present
    if all(map(is_number, present)):
        return sorted(present, key=lambda label: (float(label), label))
    for scale in SCALES:
        places = {name: place for place, names in enumerate(scale) for name in names}
        own = [places.get(label.replace("-", "_"), -1) for label in present]
        if -1 not in own and len(set(own)) == len(own):
            return sorted(present, key=lambda label: places[label.replace("-", "_")])
    return None


def is_ordered(classes: list[str], named: Iterable[str]) -> bool:
    """Tell whether classes stand from worst to best, and not by the alphabet for want of an order.

    Args:
        classes: canonical labels, as a model has them.
        named: canonical labels of the order that somebody gave, if any.
    """
    return set(classes) <= set(named) or known_order(classes) == classes
