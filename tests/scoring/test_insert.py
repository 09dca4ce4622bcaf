"""A value is added to a row's JSON, and nothing else of it changes."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.scoring.insert import fields_of, gap

PATH = ["metadata", "quality"]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
rows = st.dictionaries(st.text(), values, max_size=5)


def added(line: bytes, value: bytes = b"1", path: list[str] = PATH) -> bytes:
    return value.join(gap(line, fields_of(line), path))


@given(rows, values, st.sampled_from([None, 1]), st.booleans())
def test_the_row_has_one_value_more(row: dict[str, Any], value: Any, indent: int | None, ascii_only: bool) -> None:
    row.pop("metadata", None)
    line = json.dumps(row, indent=indent, ensure_ascii=ascii_only).replace("\n", " ").encode(errors="surrogatepass")
    changed = added(line, json.dumps(value).encode())
    assert json.loads(changed) == {**row, "metadata": {"quality": value}}
    assert changed.startswith(line.rstrip()[:-1].rstrip())


@given(rows, rows)
def test_other_members_of_the_object_stay(row: dict[str, Any], metadata: dict[str, Any]) -> None:
    metadata.pop("quality", None)
    changed = added(json.dumps({**row, "metadata": metadata}).encode())
    assert json.loads(changed) == {**row, "metadata": {**metadata, "quality": 1}}


@pytest.mark.parametrize(
    "raw",
    [b"1.0", b"1e400", b"123456789012345678901234567890", b'"\\u0041\\/"', b"-0", b"[ 1 , 2 ]", b'"\xc3\xa9"', b"1E+2"],
)
@pytest.mark.parametrize("around", [b'{"x": %s}', b' {"metadata": {"y": 1.50}, "x":%s }', b'{"x":%s,"metadata":{ }}\t'])
def test_every_other_value_keeps_its_bytes(raw: bytes, around: bytes) -> None:
    changed = msgspec.json.decode(added(around % raw), type=dict[str, msgspec.Raw])
    assert bytes(changed["x"]) == raw
    if b"1.50" in around:
        assert bytes(changed["metadata"]) == b'{"y": 1.50,"quality":1}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"metadata": 3}', "field 'metadata' is 3, wanted an object"),
        (b'{"metadata": null}', "field 'metadata' is None, wanted an object"),
        (b'{"metadata": {"quality": 0}}', "has a field 'quality', where its scores would go"),
    ],
)
def test_what_is_in_the_way_is_said(line: bytes, said: str) -> None:
    with pytest.raises(BonepickError, match=said):
        added(line)


def test_a_field_of_the_row_itself_and_a_longer_way() -> None:
    assert added(b"{}", path=["q"]) == b'{"q":1}'
    assert added(b'{"a": {"b": {}}}', path=["a", "b", "c", "d"]) == b'{"a":{"b":{"c":{"d":1}}}}'


@pytest.mark.parametrize("line", [b"[1]", b"3", b'{"a": ', b"", b'{"a": 1} x', b"\xff", b"null"])
def test_what_is_no_row_is_said(line: bytes) -> None:
    with pytest.raises(BonepickError, match="row is no JSON object"):
        fields_of(line)


def test_a_row_that_is_nested_too_deeply_is_said() -> None:
    with pytest.raises(BonepickError, match="nested too deeply"):
        fields_of(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
