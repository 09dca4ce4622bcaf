"""Training histories of several models in one table."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bonepick.core.errors import BonepickError
from bonepick.core.tables import parsed_csv

HISTORY_FILE = "history.csv"
"""Of a model directory whose classifier is trained in epochs."""


class Epoch(NamedTuple):
    """A line of a model's history."""

    epoch: int
    train_loss: float | None
    valid_loss: float | None


class HistoryRow(NamedTuple):
    """A line of a model's history, with the model's name."""

    model: str
    epoch: int
    train_loss: float | None
    valid_loss: float | None


def histories(models_dir: Path, names: Iterable[str]) -> list[HistoryRow]:
    """Return the histories of the models of these names, one after the other; models without one are left out.

    Raises:
        BonepickError: a history is damaged.
    """
    rows = []
    for name in sorted(names):
        path = models_dir / name / HISTORY_FILE
        if path.is_file():
            try:
                epochs = parsed_csv(path.read_text(encoding="utf-8"), Epoch)
            except ValueError as error:
                raise BonepickError(f"{path} is damaged ({error}): train again") from None
            rows += [HistoryRow(name, *epoch) for epoch in epochs]
    return rows
