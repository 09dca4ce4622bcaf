"""Params of a head on static embeddings: what both static kinds share."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bonepick.classifiers.base.params import TrainParams

Device = Literal["auto", "cpu", "cuda"]
Penalties = Annotated[tuple[Annotated[float, Meta(ge=0)], ...], Meta(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class HeadParams(TrainParams):
    """How a head is trained."""

    takes_base_model: ClassVar[bool] = True

    learning_rate: Annotated[float, Meta(gt=0)] = 0.003
    """Step size of AdamW."""
    batch_size: Annotated[int, Meta(ge=1, lt=2**31)] = 256
    """Examples per step."""
    max_epochs: Annotated[int, Meta(ge=1, le=1_000_000)] = 50
    """Passes over the training examples at most."""
    early_stopping_patience: Annotated[int, Meta(ge=1, lt=2**31)] = 5
    """Passes without a lower validation loss after which training ends."""
    l2: Penalties = (0.001,)
    """Penalties to try: l2/2 times the squared weights (on standardized features); the best on validation wins."""
    device: Device = "auto"
    """Where the head is trained: auto takes a GPU where there is one."""
