"""The params that everything in an evaluation shares, so that its tables speak of the same thing."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from bonepick.core.params import Params, Seed


@dataclass(frozen=True, kw_only=True)
class EvalParams(Params):
    """How sure figures are, and where to cut."""

    bootstrap: Annotated[int, Meta(ge=20)] = 1_000
    """Resamples of the test rows that 95% intervals come from."""
    seed: Seed = 42
    """Of the resamples."""
    good_from: str = ""
    """The label from which on, worst to best, a row counts as good where a cut is looked for; empty: the best alone."""
    prior: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Share of good rows in the corpus that will be cut; 0 takes that of the evaluated rows."""
    precision: Annotated[float, Meta(gt=0, le=1)] = 0.9
    """Share of good rows among the kept ones that the threshold `precision_...` has to reach."""
    words: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    """Share of the corpus's words that the threshold `words_...` keeps."""
