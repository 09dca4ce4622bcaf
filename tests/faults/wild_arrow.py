"""Wild tables: of every Arrow type, at any depth, with random bytes for values wherever Arrow takes them."""

import random
from collections.abc import Callable

import pyarrow as pa

Maker = Callable[[random.Random, int], pa.Array]

FIXED = [
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
    *(pa.float16(), pa.float32(), pa.float64(), pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms")),
    *(pa.time64("us"), pa.time64("ns"), pa.month_day_nano_interval()),
    *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")),
    *(pa.timestamp("us", tz=zone) for zone in ("UTC", "Europe/Berlin", "+05:30", "Mars/Olympus")),
    *(pa.duration(unit) for unit in ("s", "ms", "us", "ns")),
    *(pa.decimal128(5, 2), pa.decimal128(38, -3), pa.decimal256(76, 10), pa.binary(7)),
]
STRINGS = ["", "a", "é", "\x00", "a\nb", "\U0010ffff", "x" * 300, '"', "NaN", "null"]


def wild_column(rng: random.Random, rows: int, depth: int = 0) -> pa.Array:
    """Return a column of any type; nested ones become rare with the depth."""
    return rng.choice(FLAT if rng.random() < 0.4 + 0.2 * depth else NESTED)(rng, rows)


def _fixed(rng: random.Random, rows: int) -> pa.Array:
    kind = rng.choice(FIXED)
    small = rng.random() < 0.5  # values near zero are within the bounds of most types
    width = kind.bit_width // 8
    data = b"".join(rng.randbytes(1) + bytes(width - 1) if small else rng.randbytes(width) for _ in range(rows))
    return pa.Array.from_buffers(kind, rows, [_valid(rng, rows), pa.py_buffer(data)])


def _valid(rng: random.Random, rows: int) -> pa.Buffer | None:
    return pa.py_buffer(rng.randbytes(rows // 8 + 1)) if rng.random() < 0.5 else None


def _strings(rng: random.Random, rows: int) -> pa.Array:
    kind = rng.choice([pa.string(), pa.large_string(), pa.string_view()])
    return pa.array([rng.choice([None, *STRINGS]) for _ in range(rows)], kind)


def _bytes(rng: random.Random, rows: int) -> pa.Array:
    kind = rng.choice([pa.binary(), pa.large_binary(), pa.binary_view()])
    return pa.array([rng.choice([None, rng.randbytes(rng.randint(0, 40))]) for _ in range(rows)], kind)


def _no_text(rng: random.Random, rows: int) -> pa.Array:
    """Return strings that are none: Arrow does not look."""
    values = pa.array([rng.choice([b"fine", b"\xff\xfe", b"caf\xe9"]) for _ in range(rows)], pa.binary())
    return pa.Array.from_buffers(pa.string(), rows, values.buffers())


def _booleans(rng: random.Random, rows: int) -> pa.Array:
    return pa.array([rng.choice([None, True, False]) for _ in range(rows)])


def _null(rng: random.Random, rows: int) -> pa.Array:
    return pa.nulls(rows)


def _extension(rng: random.Random, rows: int) -> pa.Array:
    kind = rng.choice([pa.uuid(), pa.bool8(), pa.json_(), pa.opaque(pa.int32(), "some", "where")])
    values = {
        pa.uuid(): [rng.randbytes(16) for _ in range(rows)],
        pa.bool8(): [rng.randint(-1, 2) for _ in range(rows)],
        pa.json_(): [rng.choice(['{"a": 1}', "[", ""]) for _ in range(rows)],
    }
    return pa.ExtensionArray.from_storage(kind, pa.array(values.get(kind, [None] * rows), kind.storage_type))


def _offsets(rng: random.Random, rows: int) -> list[int]:
    ends = [0]
    for _ in range(rows):
        ends.append(ends[-1] + rng.choice([0, 1, 2, 3]))
    return ends


def _list(rng: random.Random, rows: int) -> pa.Array:
    ends = _offsets(rng, rows)
    values = wild_column(rng, ends[-1], 1)
    return rng.choice([pa.ListArray, pa.LargeListArray]).from_arrays(ends, values)


def _list_view(rng: random.Random, rows: int) -> pa.Array:
    values = wild_column(rng, 5, 1)
    starts = [rng.randint(0, 4) for _ in range(rows)]  # in any order, overlapping
    return pa.ListViewArray.from_arrays(starts, [rng.randint(0, 5 - start) for start in starts], values)


def _fixed_list(rng: random.Random, rows: int) -> pa.Array:
    size = rng.randint(1, 3)
    return pa.FixedSizeListArray.from_arrays(wild_column(rng, rows * size, 1), size)


def _struct(rng: random.Random, rows: int) -> pa.Array:
    fields = [name for name in ("a", "", "é", "a.b") if rng.random() < 0.5]
    if not fields:
        return pa.nulls(rows, pa.struct([]))
    mask = pa.array([rng.random() < 0.2 for _ in range(rows)], pa.bool_())
    return pa.StructArray.from_arrays([wild_column(rng, rows, 1) for _ in fields], fields, mask=mask)


def _map(rng: random.Random, rows: int) -> pa.Array:
    ends = _offsets(rng, rows)
    keys = rng.choice(
        [
            pa.array([rng.choice(STRINGS) for _ in range(ends[-1])], pa.string()),
            pa.array(range(ends[-1]), pa.int16()),
            pa.array([b"\xff"] * ends[-1], pa.binary()),
        ]
    )
    return pa.MapArray.from_arrays(pa.array(ends, pa.int32()), keys, wild_column(rng, ends[-1], 1))


def _dictionary(rng: random.Random, rows: int) -> pa.Array:
    words = wild_column(rng, 4, 2) if rng.random() < 0.3 else pa.array(["neg", "pos", "", "pos"])
    return pa.DictionaryArray.from_arrays(
        pa.array([rng.choice([None, 0, 1, 3]) for _ in range(rows)], pa.int8()), words
    )


def _union(rng: random.Random, rows: int) -> pa.Array:
    kinds = pa.array([rng.randint(0, 1) for _ in range(rows)], pa.int8())
    children = [wild_column(rng, rows, 2), wild_column(rng, rows, 2)]
    if rng.random() < 0.5:
        return pa.UnionArray.from_sparse(kinds, children)
    return pa.UnionArray.from_dense(kinds, pa.array(range(rows), pa.int32()), children)


def _run_end(rng: random.Random, rows: int) -> pa.Array:
    if rows < 2:
        return pa.nulls(rows)
    return pa.RunEndEncodedArray.from_arrays([rows // 2, rows], wild_column(rng, 2, 2))


FLAT: list[Maker] = [_fixed, _fixed, _fixed, _strings, _bytes, _no_text, _booleans, _null, _extension]
NESTED: list[Maker] = [_list, _list_view, _fixed_list, _struct, _map, _dictionary, _union, _run_end]
