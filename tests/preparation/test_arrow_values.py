"""Every type of Arrow has one answer in JSON, also inside others, sliced and null."""

import datetime as dt
import decimal
import uuid
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.preparation.importing.arrow_values import json_values

D = decimal.Decimal
MOMENT = dt.datetime(2020, 1, 17, 1, 2, 3)
AB = {"base64": "YWI="}


def counted(values: list[int | None], kind: pa.DataType, whole: pa.DataType | None = None) -> pa.Array:
    """An array of counts: days, seconds and so on."""
    return pa.array(values, whole or pa.int64()).view(kind)


def stored(kind: pa.DataType, values: list[Any]) -> pa.Array:
    return pa.ExtensionArray.from_storage(kind, pa.array(values, kind.storage_type))


ANSWERS: dict[str, tuple[pa.Array, list[Any]]] = {
    "null": (pa.array([None]), [None]),
    "bool": (pa.array([True, False]), [True, False]),
    **{
        str(kind): (pa.array([0, 2**bits - 1], kind), [0, 2**bits - 1])
        for kind, bits in zip(
            (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
            (7, 15, 31, 63, 8, 16, 32, 64),
            strict=True,
        )
    },
    "float16": (pa.array(np.array([0.5, -2], np.float16)), [0.5, -2.0]),
    "float32": (pa.array([0.1], pa.float32()), [float(np.float32(0.1))]),
    "float64": (pa.array([0.1, float("inf")]), [0.1, float("inf")]),
    **{str(kind): (pa.array(["a", "é"], kind), ["a", "é"]) for kind in (pa.utf8(), pa.large_utf8(), pa.string_view())},
    **{
        str(kind): (pa.array([b"ab"], kind), [AB])
        for kind in (pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(2))
    },
    **{
        str(kind): (pa.array([D("3.00"), D("-2.50")], kind), [3, -2.5])
        for kind in (pa.decimal32(9, 2), pa.decimal64(15, 2), pa.decimal128(15, 2), pa.decimal256(15, 2))
    },
    "decimal of more digits": (pa.array([D("3.00"), D(2**64)], pa.decimal128(38, 2)), ["3.00", f"{2**64}.00"]),
    "date32": (pa.array([MOMENT.date()]), ["2020-01-17"]),
    "date64": (pa.array([MOMENT.date()], pa.date64()), ["2020-01-17"]),
    "date beyond the calendar": (counted([10**8], pa.date32(), pa.int32()), ["275760-09-13"]),
    "timestamp[s]": (pa.array([MOMENT], pa.timestamp("s")), ["2020-01-17T01:02:03"]),
    "timestamp[ms]": (counted([-1, 0], pa.timestamp("ms")), ["1969-12-31T23:59:59.999", "1970-01-01T00:00:00"]),
    "timestamp[us]": (counted([10], pa.timestamp("us")), ["1970-01-01T00:00:00.000010"]),
    "timestamp[ns]": (counted([2**62], pa.timestamp("ns")), ["2116-02-20T23:53:38.427387904"]),
    "timestamp with a zone": (
        pa.array([MOMENT], pa.timestamp("ms", "Europe/Berlin")),
        ["2020-01-17T01:02:03+00:00"],
    ),
    "timestamp beyond the calendar": (counted([2**40], pa.timestamp("s")), ["36812-02-20T00:36:16"]),
    "least timestamp": (counted([-(2**63)], pa.timestamp("us", "UTC")), [None]),
    "time32[s]": (counted([3723], pa.time32("s"), pa.int32()), ["01:02:03"]),
    "time32[ms]": (counted([3723004], pa.time32("ms"), pa.int32()), ["01:02:03.004"]),
    "time64[us]": (counted([1], pa.time64("us")), ["00:00:00.000001"]),
    "time64[ns]": (counted([0], pa.time64("ns")), ["00:00:00"]),
    "duration[s]": (counted([90, -7], pa.duration("s")), ["PT90S", "-PT7S"]),
    "duration[ns]": (counted([1_500_000_000], pa.duration("ns")), ["PT1.500000000S"]),
    "interval": (
        pa.array([pa.MonthDayNano([1, 2, -3])]),
        [{"months": 1, "days": 2, "nanoseconds": -3}],
    ),
    "list": (pa.array([[1], [2, 3], []]), [[1], [2, 3], []]),
    "large list": (pa.array([[b"ab"], []], pa.large_list(pa.binary())), [[AB], []]),
    "list of fixed size": (pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2)), [[1, 2], [3, 4]]),
    "list view": (pa.array([[1], [2, 3]], pa.list_view(pa.int8())), [[1], [2, 3]]),
    "large list view": (pa.array([[1], [2, 3]], pa.large_list_view(pa.int8())), [[1], [2, 3]]),
    "struct": (pa.array([{"a": 1, "b": b"ab"}, {"a": None}]), [{"a": 1, "b": AB}, {"a": None, "b": None}]),
    "empty struct": (pa.array([{}], pa.struct([])), [{}]),
    "map": (pa.array([[("a", 1), ("b", None)], []], pa.map_(pa.utf8(), pa.int8())), [{"a": 1, "b": None}, {}]),
    "map with other keys": (pa.array([[(1, "x"), (1, "y")]], pa.map_(pa.int8(), pa.utf8())), [[[1, "x"], [1, "y"]]]),
    "dictionary": (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
    "run-end encoded": (pa.RunEndEncodedArray.from_arrays([2, 3], pa.array(["a", None])), ["a", "a", None]),
    "sparse union": (
        pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array([b"ab", b"ab"])]),
        [1, AB],
    ),
    "dense union": (
        pa.UnionArray.from_dense(
            pa.array([0, 1, 0], pa.int8()), pa.array([0, 0, 1], pa.int32()), [pa.array([1, 2]), pa.array(["a"])]
        ),
        [1, "a", 2],
    ),
    "uuid": (stored(pa.uuid(), [uuid.UUID(int=5).bytes]), ["00000000-0000-0000-0000-000000000005"]),
    "bool8": (stored(pa.bool8(), [1, 0]), [True, False]),
    "json": (stored(pa.json_(), ['{"a":1}']), ['{"a":1}']),
    "tensor": (stored(pa.fixed_shape_tensor(pa.int8(), (2,)), [[1, 2]]), [[1, 2]]),
    "opaque": (stored(pa.opaque(pa.utf8(), "type", "vendor"), ["x"]), ["x"]),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_type_has_its_answer(name: str) -> None:
    array, answer = ANSWERS[name]
    assert json_values(array) == answer
    assert list(map(type, json_values(array))) == list(map(type, answer))
    assert json_values(array.slice(1)) == answer[1:]


@pytest.mark.parametrize("name", [name for name in ANSWERS if "union" not in name and "run-end" not in name])
def test_a_null_of_any_type_is_null_also_inside_others(name: str) -> None:
    array, answer = ANSWERS[name]
    if not isinstance(array.type, pa.BaseExtensionType):
        assert json_values(pa.nulls(2, array.type)) == [None, None]
    inside = pa.StructArray.from_arrays([array], ["x"])
    assert json_values(inside) == [{"x": value} for value in answer]
    nested = pa.ListArray.from_arrays([0, len(array)], array)
    assert json_values(nested) == [answer]


def in_dictionary(array: pa.Array, answer: list[Any]) -> tuple[pa.Array, list[Any]]:
    numbers = [len(array) - 1, None, 0, 0]
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int8()), array), [answer[-1], None, answer[0], answer[0]]


def in_runs(array: pa.Array, answer: list[Any]) -> tuple[pa.Array, list[Any]]:
    runs = range(2, 2 * len(array) + 1, 2)
    return pa.RunEndEncodedArray.from_arrays(runs, array), [value for value in answer for _ in range(2)]


def in_list_views(array: pa.Array, answer: list[Any]) -> tuple[pa.Array, list[Any]]:
    return pa.ListViewArray.from_arrays([len(array), 0, 0], [0, len(array), 1], array), [[], answer, answer[:1]]


def in_maps(array: pa.Array, answer: list[Any]) -> tuple[pa.Array, list[Any]]:
    keys = [str(number) for number in range(len(array))]
    maps = pa.MapArray.from_arrays([0, 0, 1, len(array)], pa.array(keys), array)
    return maps, [{}, {"0": answer[0]}, dict(zip(keys[1:], answer[1:], strict=True))]


def in_sparse_union(array: pa.Array, answer: list[Any]) -> tuple[pa.Array, list[Any]]:
    kinds = pa.array([number % 2 for number in range(len(array))], pa.int8())
    others = pa.array(["other"] * len(array))
    values = ["other" if number % 2 else value for number, value in enumerate(answer)]
    return pa.UnionArray.from_sparse(kinds, [array, others]), values


def in_dense_union(array: pa.Array, answer: list[Any]) -> tuple[pa.Array, list[Any]]:
    kinds, places = [1, *[0] * len(array)], [0, *range(len(array))]
    union = pa.UnionArray.from_dense(pa.array(kinds, pa.int8()), pa.array(places, pa.int32()), [array, pa.array(["x"])])
    return union, ["x", *answer]


HOLDERS = (in_dictionary, in_runs, in_list_views, in_maps, in_sparse_union, in_dense_union)


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("name", ANSWERS)
def test_a_type_has_its_answer_inside_others_and_in_parts_of_these(name: str, holder: Any) -> None:
    """Arrow itself refuses to decode many of them, or ends the process."""
    array, answer = holder(*ANSWERS[name])
    for start in range(len(array) + 1):
        assert json_values(array.slice(start)) == answer[start:]
        assert json_values(array.slice(0, start)) == answer[:start]


def test_lists_of_nothing_in_maps_in_a_part_of_structs() -> None:
    """Of a part of maps, what they become by a cast ends the process."""
    maps = pa.array([[(b"a", [])], [(b"b", [None]), (b"c", None)]], pa.map_(pa.binary(), pa.list_(pa.null())))
    array = pa.FixedSizeListArray.from_arrays(pa.StructArray.from_arrays([maps], ["m"]), 1).slice(1)
    assert json_values(array) == [[{"m": [[{"base64": "Yg=="}, [None]], [{"base64": "Yw=="}, None]]}]]


def test_every_type_of_arrow_is_in_the_table() -> None:
    ids = {array.type.id for array, _ in ANSWERS.values()}
    known = {value for name, value in vars(pa.lib).items() if name.startswith("Type_")}
    assert known - ids <= {pa.lib.Type_INTERVAL_MONTHS, pa.lib.Type_INTERVAL_DAY_TIME}, "pyarrow makes none of these"


def test_a_struct_with_a_field_twice_is_refused() -> None:
    kind = pa.struct([("a", pa.int8()), ("a", pa.int8())])
    with pytest.raises(ValueError, match="a field twice"):
        json_values(pa.StructArray.from_arrays([pa.array([1], pa.int8())] * 2, fields=list(kind)))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.lists(st.lists(st.none() | st.integers(0, 9)) | st.none()) | st.none()), st.integers(0, 3))
def test_nested_lists_are_those_of_arrow(values: list[Any], start: int) -> None:
    array = pa.array(values, pa.list_(pa.list_(pa.int8()))).slice(min(start, len(values)))
    assert json_values(array) == array.to_pylist()
