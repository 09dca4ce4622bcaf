"""A table in one JSON object, as pandas writes it by default, is no row: it is refused, with what writes rows."""

from collections.abc import Iterator
from itertools import chain, groupby, islice
from operator import attrgetter

from bonepick.core.errors import BonepickError
from bonepick.data.row_loop import BlockResult
from bonepick.data.rows import Row

_SHAPES = ({"columns", "index", "data"}, {"schema", "data"})  # pandas's orient="split" and "table"


def refuse_tables(blocks: Iterator[BlockResult[Row]]) -> Iterator[BlockResult[Row]]:
    """Yield the blocks of files of JSON lines.

    Raises:
        BonepickError: the only row of a file is a table.
    """
    for _, of_file in groupby(blocks, attrgetter("shard")):
        yield from _unless_table(of_file)


def _unless_table(of_file: Iterator[BlockResult[Row]]) -> Iterator[BlockResult[Row]]:
    start = list(islice(of_file, 2))
    rows = [row for block in start for row in block.items]
    if len(rows) == 1 and len(start) == 1 and not start[0].rejected and is_table(rows[0]):
        raise BonepickError(
            f"{start[0].shard.path}: one object with a table in it ({', '.join(list(rows[0])[:3])} ...), wanted an "
            'object for each row: of pandas, df.to_json(path, orient="records", lines=True) writes them'
        )
    yield from chain(start, of_file)


def is_table(row: Row) -> bool:
    """Tell whether an object holds nothing but columns, or rows, of one size.

    >>> is_table({"text": {"0": "a", "1": "b"}, "score": {"0": 1, "1": 2}}), is_table({"text": ["a"], "score": [1]})
    (True, True)
    >>> is_table({"text": "a", "score": 1}), is_table({"text": {"en": "a"}})
    (False, False)
    """
    inside = list(row.values())
    if row.keys() in _SHAPES:
        return True
    if inside and all(isinstance(column, dict) for column in inside):
        same = all(column and column.keys() == inside[0].keys() for column in inside)
        return same and (len(inside) > 1 or all(map(str.isdecimal, inside[0])))
    lists = len(inside) > 1 and all(isinstance(column, list) for column in inside)
    return lists and len({len(column) for column in inside} - {0}) == 1
