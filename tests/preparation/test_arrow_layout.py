"""Arrow data whose offsets or numbers lead out of its buffers is refused: reading it would end the process."""

import struct
from typing import Any

import pyarrow as pa
import pytest

from bonepick.preparation.importing.arrow_layout import refuse_damaged
from tests.preparation.test_arrow_values import ANSWERS, HOLDERS


@pytest.mark.parametrize("name", ANSWERS)
def test_good_data_of_any_type_passes(name: str) -> None:
    array, answer = ANSWERS[name]
    for made in (array, *(holder(array, answer)[0] for holder in HOLDERS)):
        refuse_damaged(made)


def numbers(form: str, *values: int) -> pa.Buffer:
    return pa.py_buffer(struct.pack(f"<{len(values)}{form}", *values))


def leading_out() -> dict[str, pa.Array]:
    """Arrays of two rows, each wrong in its middle, where a look at sizes and ends does not see it."""
    text, three = pa.py_buffer(b"abc"), pa.array([b"a", b"b", b"c"])
    ends = numbers("i", 0, 1 << 20, 3)
    far = numbers("i", 0, 9)
    types = numbers("b", 0, 0)
    return {
        "string": pa.Array.from_buffers(pa.string(), 2, [None, ends, text]),
        "string backwards": pa.Array.from_buffers(pa.string(), 2, [None, numbers("i", 0, -9, 3), text]),
        "large binary": pa.Array.from_buffers(pa.large_binary(), 2, [None, numbers("q", 0, 1 << 40, 3), text]),
        "list": pa.Array.from_buffers(pa.list_(pa.binary()), 2, [None, ends], children=[three]),
        "list view": pa.Array.from_buffers(pa.list_view(pa.binary()), 2, [None, far, far], children=[three]),
        "dictionary": pa.DictionaryArray.from_arrays(pa.array([0, 9], pa.int8()), three, safe=False),
        "dense union": pa.Array.from_buffers(
            pa.dense_union([pa.field("0", pa.binary())]), 2, [None, types, far], children=[three]
        ),
        "union of another code": pa.Array.from_buffers(
            pa.sparse_union([pa.field("0", pa.binary())]), 2, [None, numbers("b", 0, 7)], children=[three[:2]]
        ),
    }


def no_holder(array: pa.Array) -> pa.Array:
    return array


def in_struct(array: pa.Array) -> pa.Array:
    return pa.StructArray.from_arrays([array], ["x"])


def in_list(array: pa.Array) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(array, 1)


def in_map(array: pa.Array) -> pa.Array:
    return pa.MapArray.from_arrays(pa.array([0, 1, 2], pa.int32()), pa.array([1, 2]), array)


@pytest.mark.parametrize("holder", [no_holder, in_struct, in_list, in_map])
@pytest.mark.parametrize("name", leading_out())
def test_what_leads_out_is_refused_wherever_it_lies(name: str, holder: Any) -> None:
    array = holder(leading_out()[name])
    with pytest.raises((pa.ArrowException, ValueError, IndexError)):
        refuse_damaged(array)


def test_a_string_that_is_no_text_hides_nothing() -> None:
    """Arrow's own validation ends at it."""
    data = [None, numbers("i", 0, 1, 1 << 20, 3), pa.py_buffer(b"\xffbc")]
    with pytest.raises(pa.ArrowInvalid, match="out of bounds"):
        refuse_damaged(pa.Array.from_buffers(pa.string(), 3, data))
    refuse_damaged(pa.Array.from_buffers(pa.string(), 1, [None, numbers("i", 0, 1), pa.py_buffer(b"\xff")]))
