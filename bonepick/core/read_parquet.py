"""Parquet files that this project writes and reads again: checked in size, columns and types before rows are made."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bonepick.core.reading import damaged, refuse_no_file

MAX_BYTES = 1 << 30
"""Of a file, and of what it unpacks to: some million rows."""


def read_parquet(path: Path, remedy: str) -> Any:
    """Return a file as a `pyarrow.Table`.

    Args:
        path: the file.
        remedy: what to do where it cannot be read.

    Raises:
        BonepickError: it is missing, no file, no Parquet, or holds more than any such file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = refuse_no_file(path, remedy, MAX_BYTES)
    try:
        with pq.ParquetFile(path) as file:
            groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
            unpacked = sum(group.total_byte_size for group in groups)
            # no row takes less than a byte, its number alone takes more
            if not 0 <= file.metadata.num_rows <= size or not 0 <= unpacked <= MAX_BYTES:
                raise damaged(path, f"{size:,} bytes that unpack to {unpacked:,}", remedy)
            table = file.read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(path, error, remedy) from None
    return table


def refuse_other_columns(
    table: Any, types: Mapping[str, str], unknown: Collection[str], path: Path, remedy: str
) -> None:
    """Refuse a table that lacks some columns; it may have others.

    Args:
        table: see `read_parquet`.
        types: name -> type, as pyarrow spells it; a table without rows has no types.
        unknown: names of columns where a row may have nothing.
        path: of the file, for messages.
        remedy: see `read_parquet`.

    Raises:
        BonepickError: a column is missing, there twice, of another type, or a row lacks it.
    """
    for name, wanted in types.items():
        if table.column_names.count(name) != 1:
            raise damaged(path, f"it has {table.column_names.count(name)} columns {name!r}, wanted one", remedy)
        column = table.column(name)
        if len(column) and str(column.type) != wanted:
            raise damaged(path, f"column {name!r} is {column.type}, wanted {wanted}", remedy)
        if column.null_count and name not in unknown:
            raise damaged(path, f"column {name!r} has {column.null_count:,} empty cells", remedy)
