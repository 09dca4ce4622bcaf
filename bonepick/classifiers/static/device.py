"""The one place that chooses between processor and GPU."""

import torch

from bonepick.classifiers.static.params import Device
from bonepick.core.errors import UsageError


def resolved(device: Device) -> str:
    """Return `cpu` or `cuda`; auto takes a GPU where there is one.

    Raises:
        UsageError: a GPU is asked for and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("device: cuda is asked for, but torch sees no GPU: take auto or cpu")
    return "cuda" if device == "cuda" or (device == "auto" and torch.cuda.is_available()) else "cpu"
