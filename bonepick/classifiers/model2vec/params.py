"""Params of kind `model2vec`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from bonepick.classifiers.static.params import HeadParams, Penalties
from bonepick.core.params import Fault

Units = Annotated[int, Meta(ge=1, le=100_000)]
Architecture = tuple[int, ...]
"""Units of each hidden layer."""


@dataclass(frozen=True, kw_only=True)
class Model2VecParams(HeadParams):
    """How the head is built and trained."""

    hidden_units: tuple[Units | tuple[Units, ...], ...] = ()
    """Units of each hidden layer; none makes a linear head, which is trained to its optimum. A list of such lists, as
    [[], [512]], is tried as penalties are."""
    loss_class_weight: Literal["uniform", "balanced", "sqrt"] = "uniform"
    """Weight of a class in the loss: the same for all, such that all classes weigh alike, or its square root."""
    l2: Penalties = (0.001, 0.01, 0.1)
    """Penalties to try: l2/2 times the squared weights (on standardized features). Of several the best is taken, judged
    on training rows of other sources or groups than it was trained on, or on valid/ where there are none."""
    learning_rate: Annotated[float, Meta(gt=0)] = 0.003
    """Step size of AdamW, for heads with hidden layers."""
    batch_size: Annotated[int, Meta(ge=1, lt=2**31)] = 256
    """Examples per step, for heads with hidden layers."""
    max_epochs: Annotated[int, Meta(ge=1, le=1_000_000)] = 50
    """Passes over the training examples at most, for heads with hidden layers."""
    early_stopping_patience: Annotated[int, Meta(ge=1, lt=2**31)] = 5
    """Passes without a lower validation loss after which training ends, for heads with hidden layers."""

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """Those that are tried, each once."""
        several = [units for units in self.hidden_units if isinstance(units, tuple)]
        one = tuple(units for units in self.hidden_units if isinstance(units, int))
        return tuple(dict.fromkeys(several)) or (one,)

    def faults_together(self) -> Iterator[Fault]:
        """Yield that one architecture is mixed with several."""
        if len({type(units) for units in self.hidden_units}) > 1:
            wanted = "wanted whole numbers, one for each layer, or a list of such lists"
            yield Fault("hidden_units", wanted, list(self.hidden_units))


PARAMS = Model2VecParams
