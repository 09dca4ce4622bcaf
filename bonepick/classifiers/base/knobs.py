"""Knobs that are given as lists of values: each is tried, and the one that validation likes best is trained with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite
from typing import Any

from bonepick.classifiers.base.params import TrainParams
from bonepick.core.errors import BonepickError
from bonepick.core.progress import note

DECIMALS = 6


@dataclass(frozen=True)
class Tried:
    """Values of knobs, and how good they are, the mean over folds, higher is better; None where training diverged."""

    values: dict[str, Any]
    metric: float | None


def combinations(params: TrainParams, *names: str) -> list[dict[str, Any]]:
    """Return all combinations of the values of some knobs, each of which is a list: each once, in the lists' order.

    >>> from bonepick.classifiers.static.params import HeadParams
    >>> combinations(HeadParams(l2=(0.1, 1.0)), "l2")
    [{'l2': 0.1}, {'l2': 1.0}]
    """
    lists = [dict.fromkeys(getattr(params, name)) for name in names]
    return [dict(zip(names, values, strict=True)) for values in product(*lists)]


def choose(
    tried: Sequence[Mapping[str, Any]],
    judge: Callable[[Mapping[str, Any]], float],
    metric: str = "auc",
    where: str = "validation rows",
    advice: str = "lower learning_rate",
) -> tuple[Mapping[str, Any], list[Tried]]:
    """Judge combinations of knobs' values, and return the best and all that were tried; say which won of which.

    One alone is not judged, and nothing was tried then.

    Args:
        tried: combinations, knob -> value.
        judge: combination -> metric, the higher the better; NaN where training with it diverges.
        metric: its name.
        where: what rows it is of; both are for people.
        advice: what to do where training diverges with all.

    Returns:
        The combination whose metric is the highest, the first of equal ones.

    Raises:
        BonepickError: training diverges with all of them.

    >>> choose([{"epoch": 3}, {"epoch": 8}], lambda values: {3: 0.91, 8: 0.89}[values["epoch"]])
    ({'epoch': 3}, [Tried(values={'epoch': 3}, metric=0.91), Tried(values={'epoch': 8}, metric=0.89)])
    """
    if len(tried) == 1:
        return tried[0], []
    metrics = [judge(values) for values in tried]
    if not any(map(isfinite, metrics)):
        raise BonepickError(f"training diverged with each of {_listed(tried)}: {advice}")
    best = max(range(len(tried)), key=lambda number: metrics[number] if isfinite(metrics[number]) else float("-inf"))
    shown = ", ".join(
        f"{_told(values)} ({value:.4f})" if isfinite(value) else f"{_told(values)} (diverged)"
        for values, value in zip(tried, metrics, strict=True)
    )
    note(f"{_told(tried[best], names=True)} has the best {metric} of {shown} on {where}")
    rounded = [round(value, DECIMALS) if isfinite(value) else None for value in metrics]
    return tried[best], [Tried(dict(values), value) for values, value in zip(tried, rounded, strict=True)]


def _listed(tried: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(_told(values, names=True) for values in tried)


def _told(values: Mapping[str, Any], names: bool = False) -> str:
    """Return values for people, with their names where there are several."""
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return " ".join(f"{name} {value}" if names or len(values) > 1 else str(value) for name, value in shown.items())
