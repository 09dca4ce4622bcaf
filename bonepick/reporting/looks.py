"""How models look in a report: the same colour wherever they stand, and in the next report of the same models."""

from collections.abc import Sequence
from dataclasses import dataclass

from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.slices import ALL
from bonepick.metrics.table import AUC
from bonepick.reporting.naming import short_names
from bonepick.reporting.svg import COLOURS


@dataclass(frozen=True)
class Look:
    """How a model is shown."""

    name: str
    short: str
    colour: str


def looks_of(models: Sequence[Evaluation]) -> list[Look]:
    """Return how the models are shown."""
    place = {name: number for number, name in enumerate(sorted(model.name for model in models))}
    short = short_names([model.name for model in models], 24)
    return [Look(model.name, short[model.name], COLOURS[place[model.name] % len(COLOURS)]) for model in models]


def best_of(models: Sequence[Evaluation]) -> Evaluation:
    """Return the model with the highest AUC."""
    return max(models, key=lambda model: -1.0 if (auc := model.value(ALL, AUC)) is None else auc)
