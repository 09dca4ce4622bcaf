"""Params of a head on static embeddings: what both static kinds share."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bonepick.classifiers.base.params import TrainParams
from bonepick.core.params import OrOne

Device = Literal["auto", "cpu", "cuda"]
Penalties = Annotated[tuple[Annotated[float, Meta(ge=0)], ...], Meta(min_length=1), OrOne()]


@dataclass(frozen=True, kw_only=True)
class HeadParams(TrainParams):
    """How a head is trained."""

    takes_base_model: ClassVar[bool] = True

    l2: Penalties = (0.01,)
    """Penalties to try."""
    device: Device = "auto"
    """Where the head is trained: auto takes a GPU where there is one."""
