"""A JSON array is read as the lines of its elements, whatever stands in them and wherever the pieces are cut."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.data.json_array import lines_of_array
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('ab"\\,[]{}\n\r é')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", '"', "],[", "\\"]), inner),
    max_leaves=8,
)


def lines(content: bytes, size: int = 1 << 20, name: str = "a.json") -> list[bytes]:
    pieces = iter([content[start : start + size] for start in range(0, len(content), size)])
    return b"".join(lines_of_array(Path(name), pieces)).split(b"\n")


@given(
    elements=st.lists(VALUES, max_size=6),
    indent=st.sampled_from([None, 0, 2]),
    size=st.integers(1, 40),
    before=st.sampled_from([b"", b"\xef\xbb\xbf", b" \r\n"]),
)
def test_each_element_is_a_line(elements: list[Any], indent: int | None, size: int, before: bytes) -> None:
    # the first piece shows that it is an array
    content = json.dumps(elements, indent=indent, ensure_ascii=False).encode()
    came = lines(before + content + b"\n", max(size, len(before) + 1))
    assert [json.loads(line) for line in came if line.strip()] == elements
    assert len(came) == len(elements) + 1 or not elements


@pytest.mark.parametrize("content", [b'{"text": "x"}\n{"text": "[y]"}\n', b"", b"\n\n", b"nonsense ["])
def test_what_is_no_array_is_left_as_it_is(content: bytes) -> None:
    assert b"\n".join(lines(content)) == content


@pytest.mark.parametrize("cut", range(1, 35))
def test_an_array_without_its_end_is_truncated(cut: int) -> None:
    whole = b'[{"text": "a ]"}, {"text": "\\"b\\""}]'
    with pytest.raises(BonepickError, match=r"a\.json: truncated or damaged .its JSON array has no end"):
        lines(whole[:cut])


def test_what_follows_the_array_is_not_dropped() -> None:
    with pytest.raises(BonepickError, match="something follows its JSON array"):
        lines(b'[{"text": "x"}]\n[{"text": "y"}]', 7)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.json.gz"])
def test_import_reads_an_array_and_names_a_bad_row_by_its_number(
    tmp_path: Path, read: Callable[[Path], list[dict[str, Any]]], name: str
) -> None:
    elements = [{"text": f"row {number}\n[", "score": number} for number in range(30)]
    content = json.dumps([*elements, 7], indent=1).encode()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    params = ImportParams(name=str(tmp_path / "in"))
    import_dataset(params, tmp_path / "out", RowParams(on_error="quarantine"))
    assert read(tmp_path / "out" / "train" / "00000.jsonl.zst") == elements
    with pytest.raises(BonepickError, match=r"a\.json\S*:31: row is 7, wanted a JSON object"):
        import_dataset(params, tmp_path / "out2", RowParams())
