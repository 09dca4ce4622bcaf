"""Training histories of several models in one table."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bonepick.core.history import load_history


class HistoryRow(NamedTuple):
    """A line of a model's history, with the model's name."""

    model: str
    epoch: int
    train_loss: float
    valid_loss: float


def histories(models_dir: Path, names: Iterable[str]) -> list[HistoryRow]:
    """Return the histories of the models of these names, one after the other; models without one are left out.

    Raises:
        BonepickError: a history is damaged.
    """
    return [HistoryRow(name, *epoch) for name in sorted(names) for epoch in load_history(models_dir / name)]
