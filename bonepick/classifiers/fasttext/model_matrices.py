"""The matrices of fastText's model file, dense or quantized: their shapes must be those that its dictionary wants."""

import math

from bonepick.classifiers.fasttext.model_bytes import Cursor, ModelFileError

CENTROIDS = 256


def check_matrix(file: Cursor, n_rows: int, dim: int, quantized: bool) -> None:
    """Go past a matrix.

    Raises:
        ModelFileError: it has another shape, a number in it is none, or the file ends.
    """
    has_norms = file.flag() if quantized else False
    shape = file.take("<qq")
    if shape != (n_rows, dim):
        raise ModelFileError(
            f"its {file.part} is {shape[0]:,} x {shape[1]:,}, its dictionary wants {n_rows:,} x {dim:,}"
        )
    if not quantized:
        file.floats(n_rows * dim)
        return
    (n_codes,) = file.take("<i")
    if n_codes < 0:
        raise ModelFileError(f"its {file.part} has {n_codes:,} codes")
    file.skip(n_codes)
    codes_of_row = _quantizer(file, dim)
    if n_codes != n_rows * codes_of_row:
        raise ModelFileError(f"its {file.part} has {n_codes:,} codes, wanted {n_rows * codes_of_row:,}")
    if has_norms:
        file.skip(n_rows)
        _quantizer(file, 1)


def _quantizer(file: Cursor, dim: int) -> int:
    """Check a product quantizer; return how many codes it makes of a row."""
    of_dim, n_parts, part, last = file.take("<4i")
    if part < 1 or (of_dim, n_parts, last) != (dim, math.ceil(dim / part), dim % part or part):
        raise ModelFileError(
            f"its {file.part} is quantized in {n_parts:,} parts of {part:,} and {last:,} of {of_dim:,} dimensions, "
            f"wanted {dim:,}"
        )
    file.floats(CENTROIDS * dim)
    return int(n_parts)
