"""Params of kind `model2vec`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from bonepick.classifiers.static.params import HeadParams


@dataclass(frozen=True, kw_only=True)
class Model2VecParams(HeadParams):
    """How the head is built and trained."""

    hidden_units: tuple[Annotated[int, Meta(ge=1, le=100_000)], ...] = ()
    """Units of each hidden layer; none makes a linear head."""
    loss_class_weight: Literal["uniform", "balanced"] = "uniform"
    """Weight of a class in the loss: the same for all, or such that all classes weigh alike."""


PARAMS = Model2VecParams
