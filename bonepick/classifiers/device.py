"""The one place that chooses between processor and GPU."""

from typing import Literal

from bonepick.core.errors import UsageError

Device = Literal["auto", "cpu", "cuda"]


def resolved(device: Device) -> str:
    """Return `cpu` or `cuda`; auto takes a GPU where there is one.

    Raises:
        UsageError: a GPU is asked for and there is none.
    """
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("device: cuda is asked for, but torch sees no GPU: take auto or cpu")
    return "cuda" if device == "cuda" or (device == "auto" and torch.cuda.is_available()) else "cpu"
