"""A file that is not what its name says is named for what it is; what is no file at all is never opened."""

import bz2
import gzip
import io
import lzma
import os
import socket
import tarfile
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.core.regular_files import refuse_irregular
from bonepick.data.fasttext_files import holds_fasttext_files, line_blocks
from bonepick.data.file_kinds import kind_of
from bonepick.data.files import find_remote_files, walk_files
from bonepick.data.rows import RowParams
from bonepick.data.shards import Shard, find_shards, read_blocks
from bonepick.data.unpack import unpacked
from bonepick.preparation.balance import link_dataset
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

ROWS = b'{"text": "a made-up text", "score": 1}\n' * 9
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 12345\n"
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
}


def read(path: Path) -> bytes:
    return b"".join(block.data for block in read_blocks(Shard(path, "train", "a")))


def parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": ["a"]}), stream)
    return stream.getvalue()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.jsonl", ROWS)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        entry = tarfile.TarInfo("a.jsonl")
        entry.size = len(ROWS)
        archive.addfile(entry, io.BytesIO(ROWS))
    return stream.getvalue()


OTHERS = {
    "git-LFS": (POINTER, "git lfs pull"),
    "Parquet": (parquet(), "import-hf-dataset"),
    "zip": (zipped(), "unpack it"),
    "tar": (tarred(), "unpack it"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "fetch the file again"),
    "XML": (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "fetch the file again"),
    "UTF-16LE": (ROWS.decode().encode("utf-16"), "iconv -f UTF-16LE"),
    "UTF-16BE": (ROWS.decode().encode("utf-16-be"), "iconv"),
    "UTF-32LE": (ROWS.decode().encode("utf-32-le"), "iconv"),
    "UTF-32BE": (b"\0\0\xfe\xff" + ROWS.decode().encode("utf-32-be"), "iconv"),
    "JSON array": (b'[{"text": "a"},\n {"text": "b"}]', "import-hf-dataset"),
    "CSV": (b'text,score\n"a text, made up",1\n', "import-hf-dataset"),
}


@pytest.mark.parametrize("packing", ["", *PACK])
@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_json_lines_is_named_with_what_to_do_packed_or_not(tmp_path: Path, kind: str, packing: str) -> None:
    content, advice = OTHERS[kind]
    path = tmp_path / f"a.jsonl{packing}"
    path.write_bytes(PACK[packing](content) if packing else content)
    with pytest.raises(BonepickError, match=rf"a\.jsonl\S* .*{kind}") as error:
        read(path)
    assert packing or advice in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("named", ["", *PACK])
def test_what_is_packed_otherwise_than_its_name_says_is_told_its_right_name(
    tmp_path: Path, packing: str, named: str
) -> None:
    path = tmp_path / f"a.jsonl{named}"
    path.write_bytes(PACK[packing](ROWS))
    if packing == named:
        assert read(path) == ROWS
    else:
        with pytest.raises(BonepickError, match=rf"is packed with \w+, .*rename it to a\.jsonl\{packing}$"):
            read(path)


@pytest.mark.parametrize("named", PACK)
@pytest.mark.parametrize("content", [ROWS, POINTER, b"id\ttext\n", "тексты\n".encode()])
def test_plain_text_that_is_named_as_packed_is_no_damaged_file(tmp_path: Path, named: str, content: bytes) -> None:
    path = tmp_path / f"a.jsonl{named}"
    path.write_bytes(content)
    with pytest.raises(BonepickError, match=r"git lfs pull|is plain text, .*rename it to a\.jsonl$"):
        read(path)


@pytest.mark.parametrize(
    "line", [b"[1, 2]\n", b'["a", "b"]\n', b"nonsense\n", b"\xff\n", b"text, and more\n", b"<p>\n"]
)
def test_a_first_row_that_is_bad_condemns_no_file(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line + ROWS)
    assert read(path) == line + ROWS


@given(st.binary(max_size=60))
def test_any_bytes_are_read_whole_or_refused_in_one_line(data: bytes) -> None:
    for packing in ("", *PACK):
        with tempfile.NamedTemporaryFile(suffix=f".jsonl{packing}") as file:
            Path(file.name).write_bytes(data)
            try:
                assert b"".join(unpacked(Path(file.name))) == data
                assert not packing
            except BonepickError as error:
                assert packing or kind_of(data)
                assert file.name in str(error)
                assert "\n" not in str(error)


@pytest.mark.parametrize("packing", PACK)
def test_pieces_are_short_however_much_is_packed(tmp_path: Path, packing: str) -> None:
    (tmp_path / f"a{packing}").write_bytes(PACK[packing](bytes(1 << 20)) * 2)
    pieces = list(unpacked(tmp_path / f"a{packing}", piece_bytes=1000))
    assert max(map(len, pieces)) <= 1000
    assert sum(map(len, pieces)) == 1 << 21


def with_window(log: int) -> bytes:
    params = zstandard.ZstdCompressionParameters.from_level(1, window_log=log)
    compressor = zstandard.ZstdCompressor(compression_params=params).compressobj()
    return compressor.compress(ROWS) + compressor.flush()


@pytest.mark.parametrize("log", [27, 28, 31])
def test_zstd_with_a_long_window_is_read(tmp_path: Path, log: int) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(with_window(log))
    assert read(tmp_path / "a.jsonl.zst") == ROWS


@pytest.mark.parametrize("before", [b"", zstandard.compress(ROWS)], ids=["first frame", "second frame"])
def test_zstd_with_a_dictionary_names_it_and_what_helps(tmp_path: Path, before: bytes) -> None:
    dictionary = zstandard.train_dictionary(1000, [b'{"text": "words %d of row %d"}' % (n % 7, n) for n in range(500)])
    (tmp_path / "a.jsonl.zst").write_bytes(before + zstandard.ZstdCompressor(dict_data=dictionary).compress(ROWS))
    with pytest.raises(BonepickError, match=r"packed with a zstd dictionary.*zstd -d -D DICTIONARY"):
        read(tmp_path / "a.jsonl.zst")


def test_parts_of_xz_may_have_padding_between_them(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.xz").write_bytes(lzma.compress(ROWS) + bytes(8) + lzma.compress(ROWS) + bytes(4))
    assert read(tmp_path / "a.jsonl.xz") == ROWS * 2


IRREGULAR = {
    "FIFO": "is a FIFO",
    "socket": "is a socket",
    "device": "is a device .linked to /dev/zero",
    "broken": "is a broken link",
    "circle": "cannot be looked at",
}


def make_irregular(kind: str, path: Path) -> None:
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(os.path.relpath(path))  # a path of its kind is short
    else:
        path.symlink_to({"device": Path("/dev/zero"), "broken": path.parent / "gone", "circle": path}[kind])


@pytest.mark.parametrize("kind", IRREGULAR)
def test_what_is_no_regular_file_is_named_and_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "train"
    folder.mkdir(parents=True)
    make_irregular(kind, folder / "a.jsonl")
    looks: list[Callable[[], object]] = [
        lambda: walk_files(tmp_path / "data"),
        lambda: link_dataset(tmp_path / "data", tmp_path / "linked"),
        lambda: import_dataset(ImportParams(name=str(tmp_path / "data")), tmp_path / "out", RowParams()),
        lambda: find_shards(tmp_path / "data"),
        lambda: find_remote_files(f"file://{tmp_path}/data"),
        lambda: find_remote_files(f"file://{folder}/a.jsonl"),
        lambda: read(folder / "a.jsonl"),
    ]
    for look in looks:
        with pytest.raises(BonepickError, match=rf"a\.jsonl.*{IRREGULAR[kind]}"):
            look()


@pytest.mark.parametrize("kind", IRREGULAR)
def test_lines_for_fasttext_are_read_from_regular_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make_irregular(kind, tmp_path / "test.txt")
    assert holds_fasttext_files(tmp_path)
    with pytest.raises(BonepickError, match=rf"test\.txt.*{IRREGULAR[kind]}"):
        list(line_blocks(tmp_path, "test", False, "fail"))
    assert list(line_blocks(tmp_path, "train", False, "fail")) == []


def test_a_folder_where_a_file_is_wanted_is_named(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="is a folder, wanted a regular file"):
        refuse_irregular(tmp_path)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.tsv"])
def test_tables_in_place_of_shards_name_the_command_that_reads_them(
    tmp_path: Path, notes: list[str], name: str
) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / name).write_bytes(b"text\n")
    with pytest.raises(BonepickError, match=rf"holds no shards: .*{name} is none: .*import-hf-dataset -n {tmp_path}"):
        find_shards(tmp_path)
    with pytest.raises(BonepickError, match=r"is not a directory.*import-hf-dataset"):
        find_shards(tmp_path / "train" / name)
    (tmp_path / "train" / "b.jsonl").write_bytes(ROWS)
    assert [shard.name for shard in find_shards(tmp_path)] == ["b"]
    assert len(notes) == 1
    assert name in notes[0]


def test_a_zstd_file_that_unpacks_to_very_much_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(zstandard.compress(bytes(1 << 28)))
    tracemalloc.start()
    try:
        assert sum(map(len, unpacked(tmp_path / "a.zst"))) == 1 << 28
        assert tracemalloc.get_traced_memory()[1] < 1 << 27
    finally:
        tracemalloc.stop()
