"""Tensors of a safetensors file: its header is held against the file's size before any number is read.

They are mapped, read-only: all processes of a machine share what is in memory, and what is not used is not read.
"""

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bonepick.core.reading import damaged, decoded, refuse_no_file

MAX_BYTES = 1 << 30
"""Of a file: the largest static models that people share have half of that."""
MAX_HEADER = 1 << 20
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "<i1"}
"""Those that numpy knows and static models are saved with."""


class _Tensor(msgspec.Struct):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def read_tensors(path: Path, remedy: str) -> dict[str, NDArray[Any]]:
    """Return the tensors of a file by name, as they are.

    Args:
        path: the file.
        remedy: what to do where it cannot be read.

    Raises:
        BonepickError: it is missing or no file, its header is no header, or does not fit the file's size.
    """
    size = refuse_no_file(path, remedy, MAX_BYTES)
    with path.open("rb") as stream:
        start = 8 + int.from_bytes(stream.read(8), "little")
        if not 8 < start <= min(size, MAX_HEADER):
            raise damaged(path, "it is cut, or no safetensors file", remedy)
        header = decoded(stream.read(start - 8), dict[str, msgspec.Raw], f"the header of {path}", remedy)
        header.pop("__metadata__", None)
        tensors = {name: decoded(bytes(raw), _Tensor, f"the header of {path}", remedy) for name, raw in header.items()}
        end = 0
        for name, tensor in sorted(tensors.items(), key=lambda item: item[1].data_offsets):
            if tensor.dtype not in DTYPES:
                raise damaged(
                    path, f"tensor {name!r} is of type {tensor.dtype}, wanted one of {', '.join(DTYPES)}", remedy
                )
            wanted = math.prod(tensor.shape) * np.dtype(DTYPES[tensor.dtype]).itemsize
            if min(tensor.shape, default=0) < 0 or tensor.data_offsets != (end, end + wanted):
                raise damaged(path, f"the place of tensor {name!r} does not fit its shape {tensor.shape}", remedy)
            end += wanted
        if start + end != size:
            raise damaged(path, f"it has {size:,} bytes, wanted {start + end:,}", remedy)
    content = np.memmap(path, mode="r", offset=0)
    return {name: _mapped(content[start:], tensor) for name, tensor in tensors.items()}


def _mapped(numbers: NDArray[np.uint8], tensor: _Tensor) -> NDArray[Any]:
    begin, end = tensor.data_offsets
    found = np.asarray(numbers[begin:end]).view(DTYPES[tensor.dtype]).reshape(tensor.shape)
    return np.require(found, requirements="A")  # somebody else's header may be of any length
