"""Arrow's values as JSON has them: every type has one answer, which depends on the type and the value alone."""

import base64
import uuid
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

EXACT_DIGITS = 15  # decimal digits that every float64 keeps


def json_values(array: pa.Array) -> list[Any]:
    """Return the values of an array, null as None.

    Numbers, booleans and strings stay what they are (of floats, NaN and infinities too); dictionary and run-end
    encoded values are decoded; a list is a list, a struct a dict. Dates, times and durations become ISO 8601 with the
    digits of their unit, those with a time zone in UTC; decimals of up to 15 digits numbers, longer ones strings; a map
    with strings for keys a dict (of a key that comes twice, the last counts), any other a list of [key, value]; bytes
    `{"base64": ...}`, so that they are never taken for a text; an interval its months, days and nanoseconds; a union
    the value that is set; a moment that is the least of all int64 null.

    Raises:
        pa.ArrowException, ValueError: the array is damaged, a string in it is no UTF-8, or a struct has a field twice.

    >>> json_values(pa.array([1.5, None]))
    [1.5, None]
    >>> json_values(pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())))
    [{'a': 1}]
    """
    kind = array.type
    for is_of, values in _ANSWERS:
        if is_of(kind):
            return values(array)
    return list(array.to_pylist())


def _dictionary(array: pa.DictionaryArray) -> list[Any]:
    try:
        decoded = array.dictionary_decode()
    except pa.ArrowNotImplementedError:  # of words that are not flat
        numbers = array.indices.to_pylist()
        words = {number: json_values(array.dictionary[number : number + 1])[0] for number in {*numbers} - {None}}
        return [words.get(number) for number in numbers]
    return json_values(decoded)


def _run_end_encoded(array: pa.RunEndEncodedArray) -> list[Any]:
    first, runs = array.find_physical_offset(), array.find_physical_length()
    values = json_values(array.values.slice(first, runs))
    ends = [min(end - array.offset, len(array)) for end in array.run_ends.slice(first, runs).to_pylist()]
    lengths = [end - start for start, end in pairwise([0, *ends])]
    return [value for value, length in zip(values, lengths, strict=True) for _ in range(length)]


def _list_view(array: pa.ListViewArray) -> list[Any]:
    # not flattened: Arrow cannot, for many types of values
    ranges = zip(array.offsets.to_pylist(), array.sizes.to_pylist(), array.is_valid().to_pylist(), strict=True)
    places = [(start, start + size) if there else None for start, size, there in ranges]
    first = min((place[0] for place in places if place), default=0)
    last = max((place[1] for place in places if place), default=0)
    values = json_values(array.values.slice(first, last - first))
    return [None if place is None else values[place[0] - first : place[1] - first] for place in places]


def _nested(array: pa.Array) -> list[Any]:
    values = json_values(array.flatten())
    lengths = pc.list_value_length(array).to_pylist()
    start = 0
    lists: list[Any] = []
    for length in lengths:
        lists.append(None if length is None else values[start : start + length])
        start += length or 0
    return lists


def _struct(array: pa.Array) -> list[Any]:
    names = [field.name for field in array.type]
    if len(set(names)) < len(names):
        raise ValueError(f"a struct has a field twice: {', '.join(names)}")
    columns = [json_values(array.field(number)) for number in range(len(names))]
    rows = zip(*columns, strict=True) if columns else ([()] * len(array))
    present = array.is_valid().to_pylist()
    return [dict(zip(names, row, strict=True)) if there else None for row, there in zip(rows, present, strict=True)]


def _map(array: pa.Array) -> list[Any]:
    # not through a cast to lists of structs: of a part of an array it is damaged, and ends the process
    ends = array.offsets.to_pylist()
    first, entries = ends[0], ends[-1] - ends[0]
    keys = json_values(array.keys.slice(first, entries))
    values = json_values(array.items.slice(first, entries))
    pairs = list(zip(keys, values, strict=True))
    present = array.is_valid().to_pylist()
    inside = [pairs[start - first : end - first] for start, end in pairwise(ends)]
    write: Callable[[Any], Any] = dict if _is_text(array.type.key_type) else lambda row: [list(pair) for pair in row]
    return [write(row) if there else None for row, there in zip(inside, present, strict=True)]


def _union(array: pa.UnionArray) -> list[Any]:
    rows = slice(array.offset, array.offset + len(array))
    _, codes, *places = array.buffers()
    kinds = np.frombuffer(codes, np.int8)[rows]
    dense = array.type.mode == "dense"  # from the buffer: of a part of an array, its offsets are those of the whole
    positions = np.frombuffer(places[0], np.int32)[rows] if dense else np.arange(len(array))
    answers: list[Any] = [None] * len(array)
    for number, kind in enumerate(array.type.type_codes):
        wanted = np.flatnonzero(kinds == kind)
        if wanted.size:
            inside = positions[wanted]
            first = int(inside.min())
            values = json_values(array.field(number).slice(first, int(inside.max()) + 1 - first))
            for row, position in zip(wanted.tolist(), inside.tolist(), strict=True):
                answers[row] = values[position - first]
    return answers


def _extension(array: pa.Array) -> list[Any]:
    values = json_values(array.storage)
    if isinstance(array.type, pa.UuidType):
        return [value and str(uuid.UUID(bytes=base64.b64decode(value["base64"]))) for value in values]
    if isinstance(array.type, pa.Bool8Type):
        return [value if value is None else bool(value) for value in values]
    return values


def _bytes(array: pa.Array) -> list[Any]:
    values = array.to_pylist()
    return [None if value is None else {"base64": base64.b64encode(value).decode()} for value in values]


def _decimal(array: pa.Array) -> list[Any]:
    write: Callable[[Any], Any] = _number if array.type.precision <= EXACT_DIGITS else str
    return [None if value is None else write(value) for value in array.to_pylist()]


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def _moment(array: pa.Array) -> list[Any]:
    zone = "+00:00" if getattr(array.type, "tz", None) else ""
    unit = "D" if types.is_date32(array.type) else "ms" if types.is_date64(array.type) else array.type.unit
    written = _written(array, unit)
    if types.is_date64(array.type):
        written = [text.partition("T")[0] for text in written]
    return _where_valid(array, [text + zone for text in written])


def _written(array: pa.Array, unit: str) -> list[str]:
    whole = pa.int32() if types.is_date32(array.type) else pa.int64()
    # through numpy, which knows years that the standard library does not
    counts = array.view(whole).fill_null(0).to_numpy(zero_copy_only=False).astype("int64")
    texts = np.datetime_as_string(counts.view(f"datetime64[{unit}]")).tolist()
    return [text.removesuffix("." + "0" * len(text.partition(".")[2])) for text in texts]


def _time(array: pa.Array) -> list[Any]:
    whole = pa.int32() if types.is_time32(array.type) else pa.int64()
    moments = array.view(whole).cast(pa.int64()).view(pa.timestamp(array.type.unit))
    return [None if text is None else text.partition("T")[2] for text in _moment(moments)]


def _duration(array: pa.Array) -> list[Any]:
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[array.type.unit]
    return [None if count is None else _seconds(count, digits) for count in array.view(pa.int64()).to_pylist()]


def _seconds(count: int, digits: int) -> str:
    whole, fraction = divmod(abs(count), 10**digits)
    return f"{'-' if count < 0 else ''}PT{whole}{f'.{fraction:0{digits}}' if fraction else ''}S"


def _interval(array: pa.Array) -> list[Any]:
    parts = ("months", "days", "nanoseconds")
    return [None if value is None else dict(zip(parts, value, strict=True)) for value in array.to_pylist()]


def _where_valid(array: pa.Array, values: Sequence[Any]) -> list[Any]:
    present = array.is_valid().to_pylist()
    return [
        value if there and not str(value).startswith("NaT") else None
        for value, there in zip(values, present, strict=True)
    ]


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)) or bool(
        types.is_binary_view(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


_ANSWERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], list[Any]]], ...] = (
    (lambda kind: isinstance(kind, pa.BaseExtensionType), _extension),
    (types.is_dictionary, _dictionary),
    (types.is_run_end_encoded, _run_end_encoded),
    (types.is_map, _map),
    (lambda kind: types.is_list_view(kind) or types.is_large_list_view(kind), _list_view),
    (_is_list, _nested),
    (types.is_struct, _struct),
    (types.is_union, _union),
    (_is_bytes, _bytes),
    (types.is_decimal, _decimal),
    (lambda kind: types.is_date(kind) or types.is_timestamp(kind), _moment),
    (types.is_time, _time),
    (types.is_duration, _duration),
    (types.is_interval, _interval),
)
