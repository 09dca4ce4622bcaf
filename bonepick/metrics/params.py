"""The params that everything in an evaluation shares, so that its tables speak of the same thing."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from bonepick.core.params import Params, Seed


@dataclass(frozen=True, kw_only=True)
class EvalParams(Params):
    """How sure metrics are, and which thresholds are looked for."""

    RENAMED: ClassVar[dict[str, str]] = {"precision": "target_precision", "words": "word_budget"}

    bootstrap: Annotated[int, Meta(ge=20, le=100_000)] = 1_000
    """Resamples of the test rows that 95% intervals come from."""
    seed: Seed = 42
    """Of the resamples."""
    good_from: str = ""
    """The label from which on, worst to best, a row counts as good for thresholds; empty: the best alone."""
    prior: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Share of good rows in the corpus that thresholds are for; 0 takes that of the evaluated rows."""
    target_precision: Annotated[float, Meta(gt=0, le=1)] = 0.9
    """Share of good rows among the kept ones that the threshold `precision_...` has to reach."""
    word_budget: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    """Share of the corpus's words that the threshold `words_...` keeps."""
