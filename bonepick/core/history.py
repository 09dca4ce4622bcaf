"""Training histories: a model directory's losses of each epoch, where its classifier is trained in epochs."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bonepick.core.reading import damaged, is_there, read_text
from bonepick.core.tables import as_csv, parsed_csv

HISTORY_FILE = "history.csv"
REMEDY = "train again"


class Epoch(NamedTuple):
    """A line of a history: number of the epoch, from 1, and its losses."""

    epoch: int
    train_loss: float
    valid_loss: float


def save_history(losses: Iterable[tuple[float, float]], folder: Path) -> None:
    """Write the training and validation loss of each epoch, the first to the last, with six decimals."""
    lines = [(epoch, f"{train:.6f}", f"{valid:.6f}") for epoch, (train, valid) in enumerate(losses, 1)]
    (folder / HISTORY_FILE).write_text(as_csv(Epoch._fields, lines), encoding="utf-8")


def load_history(folder: Path) -> list[Epoch]:
    """Read what `save_history` wrote; empty where there is no such file.

    Raises:
        BonepickError: it is damaged.
    """
    path = folder / HISTORY_FILE
    if not is_there(path):
        return []
    try:
        return parsed_csv(read_text(path, REMEDY), Epoch)
    except ValueError as error:
        raise damaged(path, error, REMEDY) from None
