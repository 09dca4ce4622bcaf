"""How an operation runs: never what comes out of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """How an operation runs; its result is the same for all of them.

    Attributes:
        workers: processes that read rows and work on them; threads that resample.
        overwrite: replace an earlier output of the same kind.
    """

    workers: int = 1
    overwrite: bool = False
