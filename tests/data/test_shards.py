"""Shards are found, read in blocks of whole lines and written, whatever they are packed in."""

import bz2
import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile

import pytest
import zstandard
from hypothesis import assume, given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.data import shards
from bonepick.data.file_kinds import BOM, kind_of
from bonepick.data.line_writer import LineWriter
from bonepick.data.shards import BLOCK_BYTES, Shard, find_shards, read_blocks

Write = Callable[..., Path]
LINES = b"".join(b'{"n": %d}\n' % n for n in range(50))
# what the zstd program (1.5) makes of "hello\n" on its standard input
ZSTD_HELLO = bytes.fromhex("28b52ffd045831000068656c6c6f0a5388bd91")
SKIPPABLE = b"\x50\x2a\x4d\x18" + b"\x04\0\0\0" + b"note"


def shard(path: Path) -> Shard:
    return Shard(path, "train", path.name)


def content(path: Path) -> bytes:
    return b"".join(block.data for block in read_blocks(shard(path)))


def packed(suffix: str, data: bytes) -> bytes:
    if suffix.endswith(".xz"):
        return lzma.compress(data)
    if suffix.endswith(".bz2"):
        return bz2.compress(data)
    if "z" not in suffix:
        return data
    return gzip.compress(data) if "gz" in suffix else zstandard.ZstdCompressor(write_checksum=True).compress(data)


@pytest.mark.parametrize("packing", ["", ".gz", ".gzip", ".zst", ".zstd", ".xz", ".bz2"])
@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".ndjson"])
def test_every_packing_reads_as_its_lines(tmp_path: Path, small_blocks: int, suffix: str, packing: str) -> None:
    path = tmp_path / f"a{suffix}{packing}"
    path.write_bytes(packed(packing, LINES))
    assert [found.name for found in find_shards(tmp_path)] == ["a"]
    assert content(path) == LINES


@pytest.mark.parametrize("name", ["A.JSONL", "a.Json", "A.JSONL.GZ", "a.jsonl.Zst"])
def test_an_ending_in_capitals_is_the_same_ending(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(packed(name.lower(), LINES))
    (found,) = find_shards(tmp_path)
    assert (found.name, content(found.path)) == (name[0], LINES)
    (tmp_path / name).write_bytes(packed(name.lower(), b'[{"n": 1}]'))
    with pytest.raises(BonepickError, match="begins like a JSON array"):
        content(found.path)


def test_a_file_of_the_zstd_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(ZSTD_HELLO)
    assert content(tmp_path / "a.jsonl.zst") == b"hello\n"


@pytest.mark.parametrize("between", [b"", SKIPPABLE], ids=["frames", "skippable"])
def test_all_frames_of_a_zst_file_are_read(tmp_path: Path, between: bytes) -> None:
    half = len(LINES) // 2
    parts = [zstandard.compress(part) for part in (LINES[:half], b"", LINES[half:])]
    (tmp_path / "a.zst").write_bytes(between.join([b"", *parts, b""]))
    assert content(tmp_path / "a.zst") == LINES


def test_all_members_of_a_gz_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LINES[:99]) + gzip.compress(LINES[99:]))
    assert content(tmp_path / "a.gz") == LINES


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".xz", ".bz2"])
def test_a_file_cut_anywhere_is_an_error_that_names_it(tmp_path: Path, suffix: str) -> None:
    whole, path = packed(suffix, LINES), tmp_path / f"a.jsonl{suffix}"
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(BonepickError, match=r"a\.jsonl.*: truncated or damaged"):
            content(path)


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".xz", ".bz2"])
def test_a_packed_file_without_a_byte_is_truncated_too(tmp_path: Path, suffix: str) -> None:
    """A program that dies early leaves just that; a packed file of nothing has its header and end."""
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(packed(suffix, b""))
    assert content(path) == b""
    path.write_bytes(b"")
    with pytest.raises(BonepickError, match="truncated or damaged"):
        content(path)


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".xz", ".bz2"])
@pytest.mark.parametrize("damage", ["not packed", "a second part cut", "a bit", "rubbish behind"])
def test_a_damaged_file_is_an_error(tmp_path: Path, suffix: str, damage: str) -> None:
    whole, path = packed(suffix, LINES), tmp_path / f"a.jsonl{suffix}"
    middle = len(whole) // 2
    damaged = {
        "not packed": b"\0" + LINES,
        "a second part cut": whole + whole[:-1],
        "a bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "rubbish behind": whole + b"rubbish",
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(BonepickError, match="truncated or damaged"):
        content(path)


BYTES = st.binary(max_size=400) | st.lists(st.sampled_from([b"\n", b"\r\n", b"a" * 70, b"{}", b"\0", b"\xff"])).map(
    b"".join
)


@given(data=BYTES, block_bytes=st.integers(1, 100))
def test_blocks_are_whole_lines_with_their_numbers_and_together_the_file(data: bytes, block_bytes: int) -> None:
    assume(not kind_of(data))
    with pytest.MonkeyPatch.context() as patch, NamedTemporaryFile(suffix=".jsonl") as file:
        patch.setattr(shards, "BLOCK_BYTES", block_bytes)
        Path(file.name).write_bytes(data)
        blocks = list(read_blocks(shard(Path(file.name))))
    assert b"".join(block.data for block in blocks) == data.removeprefix(b"\xef\xbb\xbf")
    line = 1
    for block in blocks:
        assert block.first == line
        line += block.data.count(b"\n")
    assert all(block.data.endswith(b"\n") for block in blocks[:-1])


def test_blocks_are_about_as_long_as_asked(tmp_path: Path, small_blocks: int) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINES)
    blocks = list(read_blocks(shard(tmp_path / "a.jsonl")))
    assert len(blocks) > 3
    assert all(len(block.data) < 2 * small_blocks for block in blocks)


def test_a_line_longer_than_a_block_stays_whole(tmp_path: Path, small_blocks: int) -> None:
    data = b"x\n" + b"y" * 1000 + b"\nz\n"
    (tmp_path / "a.jsonl").write_bytes(data)
    blocks = list(read_blocks(shard(tmp_path / "a.jsonl")))
    assert b"y" * 1000 in {line for block in blocks for line in block.data.split(b"\n")}
    assert content(tmp_path / "a.jsonl") == data


@pytest.mark.parametrize("data", [b"", b"\n", b"a", b"a\nb", b"a\r\nb\r\n", b"\n\n\na"])
def test_odd_ends_of_files_are_kept(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(data)
    assert content(tmp_path / "a.jsonl") == data


def test_an_empty_shard_is_one_empty_block_so_that_it_is_mirrored(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    (block,) = read_blocks(shard(tmp_path / "a.jsonl"))
    assert (block.first, block.data) == (1, b"")


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_a_byte_order_mark_goes_at_the_start_of_a_file_alone(tmp_path: Path, small_blocks: int, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(packed(suffix, BOM + LINES + BOM + b"{}\n"))
    assert content(path) == LINES + BOM + b"{}\n"


@pytest.mark.parametrize("suffix", [".json", ".json.gz", ".json.zst"])
@pytest.mark.parametrize("data", [b'[{"n": 1}, {"n": 2}]', b'\xef\xbb\xbf\n [\n  {"n": 1}\n]\n'])
def test_a_json_array_is_refused_as_one_and_not_line_by_line(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(packed(suffix, data))
    with pytest.raises(BonepickError, match=r"a\.json.* begins like a JSON array, wanted an object on each line"):
        content(path)


def test_shards_of_a_dataset_come_split_by_split_in_the_order_of_their_names(tmp_path: Path, write: Write) -> None:
    names = ["train/b.jsonl", "train/a/2.json.gz", "train/a/10.jsonl.zst", "valid/x.jsonl", "test/x.jsonl.zstd"]
    write(tmp_path, dict.fromkeys([*names, "README.md", "train/notes.txt", "outside.jsonl"], b"{}\n"))
    assert [(found.split, found.name) for found in find_shards(tmp_path)] == [
        ("train", "a/10"),
        ("train", "a/2"),
        ("train", "b"),
        ("valid", "x"),
        ("test", "x"),
    ]


def test_a_tree_without_splits_is_walked_whole(tmp_path: Path, write: Write) -> None:
    write(tmp_path, dict.fromkeys(["b.jsonl", "part/a.json", "dataset.json"], b"{}\n"))
    assert [(found.split, found.name) for found in find_shards(tmp_path)] == [("", "b"), ("", "part/a")]


@pytest.mark.parametrize("hidden", ["train/.a.jsonl", "train/.git/a.jsonl", "quarantine/train/a.jsonl"])
def test_hidden_files_and_rejected_rows_are_no_shards(tmp_path: Path, write: Write, hidden: str) -> None:
    write(tmp_path, {"train/b.jsonl": b"{}\n", hidden: b"{}\n"})
    assert [found.name for found in find_shards(tmp_path)] == ["b"]


def test_two_files_that_are_the_same_shard_are_refused(tmp_path: Path, write: Write) -> None:
    write(tmp_path, {"train/a.jsonl": b"{}\n", "train/a.json.gz": b"{}\n"})
    with pytest.raises(BonepickError, match=r"a\.json.* and .*a\.json.* are both shard 'a': remove one"):
        find_shards(tmp_path)


def test_linked_files_and_folders_are_followed(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "store", {"part/a.jsonl": b"{}\n", "b.jsonl": b"{}\n"})
    (tmp_path / "data" / "train").mkdir(parents=True)
    (tmp_path / "data" / "train" / "part").symlink_to(tmp_path / "store" / "part")
    (tmp_path / "data" / "train" / "c.jsonl").symlink_to(tmp_path / "store" / "b.jsonl")
    assert [found.name for found in find_shards(tmp_path / "data")] == ["c", "part/a"]


def test_a_link_to_a_folder_above_multiplies_no_rows(tmp_path: Path, write: Write) -> None:
    write(tmp_path, {"train/a.jsonl": b"{}\n"})
    (tmp_path / "train" / "loop").symlink_to(tmp_path / "train")
    try:
        found = find_shards(tmp_path)
    except BonepickError:
        return  # refusing is as good
    assert [one.name for one in found] == ["a"]


@pytest.mark.parametrize("kind", ["nothing", "a file", "an empty folder", "empty splits", "text alone"])
def test_what_is_no_dataset_is_refused(tmp_path: Path, write: Write, kind: str) -> None:
    folder = tmp_path / "data"
    if kind == "a file":
        folder.write_text("{}")
    elif kind == "an empty folder":
        folder.mkdir()
    elif kind == "empty splits":
        (folder / "train").mkdir(parents=True)
    elif kind == "text alone":
        write(folder, {"train/a.txt": b"x"})
    with pytest.raises(BonepickError, match=r"is not a directory|holds no shards"):
        find_shards(folder)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst"])
def test_written_bytes_do_not_depend_on_how_the_calls_were_cut(tmp_path: Path, small_blocks: int, suffix: str) -> None:
    lines = [Random(n).randbytes(n).hex().encode() for n in range(60)]
    cuts = {"one": [lines], "each": [[line] for line in lines], "odd": [lines[:7], [], lines[7:8], lines[8:]]}
    written = set()
    for name, calls in cuts.items():
        with LineWriter(tmp_path / "deep" / f"{name}{suffix}") as writer:
            for call in calls:
                writer.write(call)
        written.add((tmp_path / "deep" / f"{name}{suffix}").read_bytes())
    (whole,) = written
    unpacked = zstandard.ZstdDecompressor().stream_reader(whole).read() if suffix.endswith("zst") else whole
    assert unpacked == b"".join(line + b"\n" for line in lines)


@pytest.mark.parametrize("suffix", [".txt", ".jsonl.zst"])
def test_no_lines_are_a_file_of_none_that_reads_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with LineWriter(path):
        pass
    assert content(path) == b""


def test_a_writer_replaces_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("old")
    with pytest.raises(FileExistsError):
        LineWriter(tmp_path / "a.jsonl")


@pytest.mark.parametrize("packing", ["zst", "gz", "xz"])  # bz2 goes the way of xz, and takes long to pack
def test_equal_rows_that_unpack_to_very_much_come_in_blocks_of_the_usual_size(tmp_path: Path, packing: str) -> None:
    """A few kilobytes of a shard: what is unpacked at a time has a bound, and so have the blocks."""
    row = b'{"text": "%s"}\n' % (b"word " * 60)
    times = (1 << 26) // len(row)
    path = tmp_path / f"a.jsonl.{packing}"
    with LineWriter(path) as writer:
        for _ in range(times // 1000):
            writer.write([row[:-1]] * 1000)
    assert path.stat().st_size < 1 << 19
    tracemalloc.start()
    try:
        sizes = [len(block.data) for block in read_blocks(shard(path))]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == times // 1000 * 1000 * len(row)
    assert max(sizes) < 3 * BLOCK_BYTES
    assert peak < 1 << 25
