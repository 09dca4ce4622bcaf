"""Arrow's values as JSON has them: every type has one answer, which depends on the type and the value alone."""

import base64
import uuid
from collections.abc import Callable, Sequence
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
    pairs = _nested(array.cast(pa.list_(pa.struct([("key", array.type.key_type), ("value", array.type.item_type)]))))
    if _is_text(array.type.key_type):
        return [None if row is None else {pair["key"]: pair["value"] for pair in row} for row in pairs]
    return [None if row is None else [[pair["key"], pair["value"]] for pair in row] for row in pairs]


def _union(array: pa.Array) -> list[Any]:
    # one by one: the children of a part of an array are those of the whole
    return [json_values(pa.repeat(value.value, 1))[0] if value.is_valid else None for value in array]


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
    views = types.is_list_view(kind) or types.is_large_list_view(kind)
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) or views)


_ANSWERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], list[Any]]], ...] = (
    (lambda kind: isinstance(kind, pa.BaseExtensionType), _extension),
    (types.is_dictionary, lambda array: json_values(array.dictionary_decode())),
    (types.is_run_end_encoded, lambda array: json_values(pc.run_end_decode(array))),
    (types.is_map, _map),
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
