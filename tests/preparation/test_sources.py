"""Rows come from URLs, from the files of a hub dataset and from the hub itself; what cannot be had is one sentence."""

import base64
import datetime
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data import files
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
ROWS = [{"text": f"text {n}", "score": n % 4, "n": n} for n in range(100)]
WITH_SPLITS = {
    "train/b.jsonl": ROWS[40:60],
    "train/a.jsonl.gz": ROWS[:40],
    "validation/c.jsonl.zst": ROWS[60:80],
    "test/part/d.json": ROWS[80:],
}
SPLIT = {"train": ROWS[:60], "valid": ROWS[60:80], "test": ROWS[80:]}
QUARANTINE = RowParams(on_error="quarantine")


def imported(name: object, output: Path, rows: RowParams = RowParams(), workers: int = 1, **params: Any) -> Path:
    import_dataset(ImportParams(name=str(name), **params), output, rows, Run(workers, overwrite=True))
    return output


def refused(name: object, output: Path, **params: Any) -> str:
    with pytest.raises(BonepickError) as caught:
        imported(name, output, **params)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def rows_of(read: Read) -> Callable[[Path], dict[str, list[dict[str, Any]]]]:
    """Return the rows of each split."""
    return lambda folder: {
        split.name: [row for shard in sorted(split.glob("*")) for row in read(shard)]
        for split in sorted(folder.iterdir())
        if split.is_dir() and split.name != "quarantine"
    }


RowsOf = Callable[[Path], dict[str, list[dict[str, Any]]]]


@pytest.fixture(params=["file", "memory"])
def placed(request: pytest.FixtureRequest, tmp_path: Path, write: Write) -> Iterator[Callable[..., str]]:
    """Put files behind a URL, and return it: `placed({"train/a.jsonl.gz": rows})`."""
    memory = fsspec.filesystem("memory")

    def place(files: dict[str, Any], folder: str = "data") -> str:
        here = write(tmp_path / "placed" / folder, files)
        if request.param == "file":
            return f"file://{here}"
        for path in here.rglob("*"):
            if path.is_file():
                memory.pipe(f"/placed/{folder}/{path.relative_to(here)}", path.read_bytes())
        return f"memory://placed/{folder}"

    yield place
    if memory.exists("/placed"):
        memory.rm("/placed", recursive=True)


Placed = Callable[..., str]


@pytest.mark.parametrize(("end", "workers"), [("", 2), ("/", 1), ("/*", 1), ("/**", 1)])
def test_a_tree_behind_a_url_is_read_with_its_splits(
    tmp_path: Path, placed: Placed, rows_of: RowsOf, small_blocks: int, end: str, workers: int
) -> None:
    url = placed(WITH_SPLITS)
    assert rows_of(imported(url + end, tmp_path / "out", workers=workers)) == SPLIT


def test_bytes_are_those_of_the_folder_and_tell_no_place(tmp_path: Path, placed: Placed, tree: Tree) -> None:
    url = placed(WITH_SPLITS)
    expected = tree(imported(tmp_path / "placed" / "data", tmp_path / "local", valid_split=0.5))
    for end in ("", "/*"):
        assert tree(imported(url + end, tmp_path / "out", valid_split=0.5)) == expected
    assert str(tmp_path).encode() not in b"".join(expected.values())


def test_a_tree_without_splits_is_split_by_hash_as_a_folder_is(tmp_path: Path, placed: Placed, tree: Tree) -> None:
    url = placed({"b.jsonl": ROWS[50:], "part/a.jsonl.zst": ROWS[:50]})
    for amount in (0.3, 20.0):
        expected = tree(imported(tmp_path / "placed" / "data", tmp_path / "local", test_split=amount))
        assert tree(imported(url, tmp_path / "out", test_split=amount, workers=2)) == expected


@pytest.mark.parametrize("name", ["part 0", "a#b", "what?", "a[1]", "100%", "a::b", "ünï", "x@y:z", "a&b=c;d"])
def test_names_are_taken_as_they_are(tmp_path: Path, placed: Placed, rows_of: RowsOf, name: str) -> None:
    url = placed({f"train/{name}.jsonl": ROWS[:50], "test/t.jsonl": ROWS[50:]})
    assert rows_of(imported(url, tmp_path / "out")) == {"train": ROWS[:50], "test": ROWS[50:]}


@pytest.mark.parametrize("name", ["part 0", "a#b", "what?", "a[1]", "100%", "star*"])
def test_names_in_the_url_are_taken_as_they_are(tmp_path: Path, placed: Placed, rows_of: RowsOf, name: str) -> None:
    url = placed({f"{name}/{name}.jsonl.gz": ROWS[:50], "other.jsonl": ROWS[50:]}, folder=f"in {name}")
    assert rows_of(imported(f"{url}/{name}", tmp_path / "out")) == {"train": ROWS[:50]}
    assert rows_of(imported(f"{url}/{name}/{name}.jsonl.gz", tmp_path / "out")) == {"train": ROWS[:50]}
    if "*" not in name:
        assert rows_of(imported(f"{url}/{name}/*", tmp_path / "out")) == {"train": ROWS[:50]}


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("part-*", ROWS[:40]),
        ("part-?.jsonl", ROWS[:20]),
        ("part-[1-9]*", ROWS[10:40]),
        ("*.jsonl", [*ROWS[40:50], *ROWS[:20]]),
        ("**/*.zst", ROWS[20:40]),
        ("*/deep/*.zst", ROWS[30:40]),
        ("part-1.jsonl", ROWS[10:20]),
    ],
)
def test_a_pattern_at_the_end_picks_files_and_folders(
    tmp_path: Path, placed: Placed, rows_of: RowsOf, pattern: str, wanted: list[dict[str, Any]]
) -> None:
    url = placed(
        {
            "part-0.jsonl": ROWS[:10],
            "part-1.jsonl": ROWS[10:20],
            "part-2/a.jsonl.zst": ROWS[20:30],
            "part-2/deep/b.jsonl.zst": ROWS[30:40],
            "one.jsonl": ROWS[40:50],
        }
    )
    assert rows_of(imported(f"{url}/{pattern}", tmp_path / "out")) == {"train": wanted}


def test_what_is_no_shard_in_a_folder_is_none_behind_a_url(tmp_path: Path, placed: Placed, rows_of: RowsOf) -> None:
    others = [".hidden.jsonl", ".git/a.jsonl", "quarantine/train/a.jsonl", "dataset.json", "README.md"]
    url = placed({"a.jsonl": ROWS, **dict.fromkeys(others, b"no row")})
    for end in ("", "/*"):
        assert rows_of(imported(url + end, tmp_path / "out")) == {"train": ROWS}


def test_two_files_that_are_the_same_shard_are_refused_by_their_urls(tmp_path: Path, placed: Placed) -> None:
    url = placed({"train/a.jsonl": ROWS, "train/a.json.gz": ROWS})
    message = refused(url, tmp_path / "out")
    assert f"{url}/train/a.jsonl" in message
    assert f"{url}/train/a.json.gz" in message


def test_a_bad_row_is_named_by_url_and_line_and_can_be_rejected(
    tmp_path: Path, placed: Placed, rows_of: RowsOf, read: Read
) -> None:
    url = placed({"part/a.jsonl.zst": b'{"text": "x"}\nnot json\n'})
    for workers in (1, 2):
        assert refused(url, tmp_path / "out", workers=workers).startswith(f"{url}/part/a.jsonl.zst:2: not valid JSON")
    folder = imported(url, tmp_path / "out", QUARANTINE)
    assert rows_of(folder) == {"train": [{"text": "x"}]}
    assert [row["raw"] for row in read(folder / "quarantine" / "train" / "part" / "a.jsonl")] == ["not json"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("cut", [0, 9])
def test_a_truncated_file_is_named_by_its_url(tmp_path: Path, placed: Placed, suffix: str, cut: int) -> None:
    url = placed({f"a.jsonl{suffix}": ROWS})
    path = tmp_path / "placed" / "data" / f"a.jsonl{suffix}"
    path.write_bytes(path.read_bytes()[:cut])
    if url.startswith("memory"):
        fsspec.filesystem("memory").pipe(f"/placed/data/a.jsonl{suffix}", path.read_bytes())
    assert f"{url}/a.jsonl{suffix}: truncated or damaged" in refused(url, tmp_path / "out")


def test_a_url_with_nothing_to_read_is_refused(tmp_path: Path, placed: Placed) -> None:
    url = placed({"a.txt": b"x"})
    assert refused(url, tmp_path / "out").startswith(f"{url} holds no files of rows, wanted JSONL, Parquet")
    for end in ("/nowhere", "/*.jsonl", "/nowhere/*", "/a.txt/*"):
        assert refused(url + end, tmp_path / "out").startswith(f"{url}{end} cannot be read (")


def test_links_below_a_file_url_are_followed_but_not_in_a_circle(tmp_path: Path, write: Write, rows_of: RowsOf) -> None:
    write(tmp_path / "store", {"part/a.jsonl": ROWS[:50], "b.jsonl": ROWS[50:]})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").symlink_to(tmp_path / "store" / "part")
    (tmp_path / "data" / "b.jsonl").symlink_to(tmp_path / "store" / "b.jsonl")
    for end in ("", "/*"):
        assert rows_of(imported(f"file://{tmp_path}/data{end}", tmp_path / "out")) == {"train": ROWS}
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "data")
    assert refused(f"file://{tmp_path}/data", tmp_path / "out").startswith(f"{tmp_path}/data/loop links to a folder")


@pytest.mark.parametrize("end", ["", "/*"])
@pytest.mark.parametrize("output", ["", "out", ".."])
def test_an_output_that_overlaps_a_file_url_is_refused(
    tmp_path: Path, write: Write, tree: Tree, end: str, output: str
) -> None:
    source = write(tmp_path / "source", {"a.jsonl": ROWS})
    before = tree(tmp_path)
    assert "overlap" in refused(f"file://{source}{end}", source / output)
    assert tree(tmp_path) == before


def test_a_url_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    assert "Protocol not known: gopher" in refused("gopher://host/data", tmp_path / "out")


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)  # as where it is not installed
    assert "gcsfs" in (message := refused("gs://bucket/data", tmp_path / "out"))
    assert "install" in message


@pytest.mark.parametrize("kind", ["ftp", "http", "https"])
def test_a_server_out_of_reach_is_refused_and_no_password_shown(tmp_path: Path, kind: str) -> None:
    message = refused(f"{kind}://me:hidden@127.0.0.1:9/data/a.jsonl?signature=hidden", tmp_path / "out")
    assert message.startswith(f"{kind}://127.0.0.1:9/data/a.jsonl")
    assert "cannot be read (" in message
    assert "me:" not in message
    if kind != "ftp":
        assert "hidden" not in message
        assert "Cannot connect to host" in message


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nobody is logged in at Amazon."""
    import s3fs

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    s3fs.S3FileSystem.clear_instance_cache()
    return monkeypatch


def test_a_bucket_without_credentials_is_refused(tmp_path: Path, aws: pytest.MonkeyPatch) -> None:
    message = refused("s3://bucket/data", tmp_path / "out")
    assert message.startswith("s3://bucket/data cannot be read (NoCredentialsError: ")
    assert "FSSPEC_S3_ANON=true" in message


def test_a_bucket_out_of_reach_is_refused(tmp_path: Path, aws: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        aws.setenv(f"AWS_{name}", value)
    message = refused("s3://bucket/data/*", tmp_path / "out")
    assert message.startswith("s3://bucket/data/* cannot be read (EndpointConnectionError: ")


class _Web(SimpleHTTPRequestHandler):
    """Sends whole files and never a part of one, as simple servers do; of `cut.jsonl`, only the beginning."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        outputfile.write(source.read(50 if self.path.endswith("/cut.jsonl") else -1))

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a server of `tmp_path`."""
    with serving(partial(_Web, directory=str(tmp_path))) as address:
        yield address


def test_an_answer_that_breaks_off_is_refused(tmp_path: Path, web: str, write: Write) -> None:
    write(tmp_path, {"some/cut.jsonl": ROWS})
    message = refused(f"{web}/some/cut.jsonl", tmp_path / "out")
    assert message.startswith(f"{web}/some/cut.jsonl cannot be read (")


def test_a_file_on_the_web_is_read_and_its_signature_not_written_down(
    tmp_path: Path, web: str, write: Write, rows_of: RowsOf, small_blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "REMOTE_BYTES", 100)  # so that a part of the file would be asked for
    write(tmp_path, {"some/a.jsonl": ROWS * 10})
    folder = imported(f"{web}/some/a.jsonl?signature=hidden", tmp_path / "out", workers=2)
    assert rows_of(folder) == {"train": ROWS * 10}
    assert json.loads((folder / "dataset.json").read_text())["made_by"]["params"]["name"] == "a.jsonl"


def test_a_table_on_the_web_is_read_though_its_server_gives_files_as_a_whole(
    tmp_path: Path, web: str, rows_of: RowsOf
) -> None:
    parquet(tmp_path / "some", {"a.parquet": ROWS})
    assert rows_of(imported(f"{web}/some/a.parquet?signature=hidden", tmp_path / "out")) == {"train": ROWS}


@pytest.mark.parametrize(
    "names",
    [
        ("train", "test", "validation"),
        ("data/train-00000-of-00001", "data/test-0", "dev"),
        ("en/train/a", "en/test/a", "en/val/a"),
    ],
)
def test_files_that_are_named_by_split_are_split_so(
    tmp_path: Path, placed: Placed, rows_of: RowsOf, names: tuple[str, str, str]
) -> None:
    parts = dict(zip([f"{name}.jsonl" for name in names], (ROWS[:60], ROWS[80:], ROWS[60:80]), strict=True))
    assert rows_of(imported(placed(parts), tmp_path / "out")) == SPLIT


def test_a_file_of_no_split_beside_others_is_refused_and_not_trained_on_or_dropped(
    tmp_path: Path, placed: Placed
) -> None:
    url = placed({"train.jsonl": ROWS[:50], "test.jsonl": ROWS[50:80], "more.jsonl": ROWS[80:]})
    assert f"{url}/more.jsonl belongs to no split" in refused(url, tmp_path / "out")


@pytest.mark.parametrize("names", [("train", "more"), ("test-0", "test-1"), ("testimony", "trains")])
def test_files_that_do_not_tell_splits_apart_are_all_train(
    tmp_path: Path, placed: Placed, rows_of: RowsOf, names: tuple[str, str]
) -> None:
    found = rows_of(imported(placed({f"{name}.jsonl": ROWS[:9] for name in names}), tmp_path / "out"))
    assert {split: len(rows) for split, rows in found.items()} == {"train": 18}


EDU = "HuggingFaceFW/fineweb-edu-llama3-annotations"
VALUES = {
    "text": ["a", "b"],
    "score": pa.array([2**63 - 1, None], pa.int64()),
    "half": [0.1, 2.0],
    "good": [True, None],
    "metadata": [{"url": "u", "seen": [1, None], "more": {"n": 2**53 + 1}}, None],
    "when": pa.array([datetime.datetime(2024, 5, 6, 7, 8, 9, 10), None], pa.timestamp("us")),
    "raw": pa.array([b"\xff\0", None]),
}
EXPECTED = [
    {
        "text": "a",
        "score": 2**63 - 1,
        "half": 0.1,
        "good": True,
        "metadata": {"url": "u", "seen": [1, None], "more": {"n": 2**53 + 1}},
        "when": "2024-05-06T07:08:09.000010",
        "raw": {"base64": base64.b64encode(b"\xff\0").decode()},
    },
    {"text": "b", "score": None, "half": 2.0, "good": None, "metadata": None, "when": None, "raw": None},
]
CONFIGS = """---
configs:
- config_name: en
  data_files:
  - {split: train, path: en/train-*}
  - {split: test, path: en/test-*}
- config_name: de
  data_files: de/*
- config_name: odd
  data_files:
  - {split: extra, path: de/*}
---
"""


def parquet(folder: Path, files: dict[str, Any]) -> Path:
    for name, rows in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(rows) if isinstance(rows, dict) else pa.Table.from_pylist(rows), folder / name)
    return folder


@pytest.fixture
def edu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder holds a dataset under the name that it has on the hub."""
    (tmp_path / EDU).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / EDU


@pytest.mark.parametrize("source", ["auto", "hf"])
def test_values_of_parquet_files_survive(tmp_path: Path, edu: Path, rows_of: RowsOf, source: str) -> None:
    parquet(edu, {"a.parquet": VALUES})
    folder = imported(EDU, tmp_path / "out", source=source, revision="v1")
    assert rows_of(folder) == {"train": EXPECTED}
    assert json.loads((folder / "dataset.json").read_text())["made_by"]["params"]["revision"] == "v1"


@pytest.mark.parametrize("source", ["auto", "hf"])
def test_parquet_files_keep_their_splits(tmp_path: Path, edu: Path, rows_of: RowsOf, source: str) -> None:
    names = ("train", "validation", "test")
    parts = zip(names, SPLIT.values(), strict=True)
    parquet(edu, {f"data/{name}-00000-of-00001.parquet": rows for name, rows in parts})
    assert rows_of(imported(EDU, tmp_path / "out", source=source)) == SPLIT


@pytest.mark.parametrize("source", ["auto", "hf"])
def test_a_subset_is_picked(tmp_path: Path, edu: Path, rows_of: RowsOf, source: str) -> None:
    parquet(edu, {"en/train-0.parquet": ROWS[:60], "en/test-0.parquet": ROWS[60:80], "de/a.parquet": ROWS[80:]})
    (edu / "README.md").write_text(CONFIGS)
    assert rows_of(imported(EDU, tmp_path / "out", source=source, subset="de")) == {"train": ROWS[80:]}
    found = rows_of(imported(EDU, tmp_path / "out", source=source, subset="en"))
    assert found == {"train": ROWS[:60], "test": ROWS[60:80]}
    for subset in ("", "fr"):
        assert "wanted one of en, de, odd: --subset (-s) takes it" in refused(
            EDU, tmp_path / "out", source=source, subset=subset
        )
    assert "split 'extra' is none of train, valid" in refused(EDU, tmp_path / "out", source=source, subset="odd")


def test_a_file_that_breaks_off_is_one_sentence(tmp_path: Path, edu: Path) -> None:
    parquet(edu, {"a.parquet": ROWS, "b.parquet": ROWS})
    (edu / "b.parquet").write_bytes((edu / "b.parquet").read_bytes()[:-50])
    message = refused(EDU, tmp_path / "out")
    assert message.startswith(EDU)
    assert "cannot be read beyond row" in message


@pytest.mark.parametrize("name", ["json", "parquet", "a b#c", "100%"])
def test_a_folder_of_parquet_files_may_have_any_name(
    tmp_path: Path, rows_of: RowsOf, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """To `datasets`, some names are those of file formats: it would read all such files around here."""
    parquet(tmp_path, {f"{name}/a.parquet": ROWS[:9], "other/a.parquet": ROWS[9:]})
    monkeypatch.chdir(tmp_path)
    assert rows_of(imported(name, tmp_path / "out")) == {"train": ROWS[:9]}


@pytest.mark.parametrize("name", ["a[1]", "a*"])
def test_a_folder_whose_name_is_a_pattern_to_datasets_is_refused_where_that_resolves_a_card(
    tmp_path: Path, rows_of: RowsOf, name: str
) -> None:
    parquet(tmp_path, {f"{name}/a.parquet": ROWS[:9], "ab/a.parquet": ROWS[9:]})
    assert rows_of(imported(tmp_path / name, tmp_path / "out")) == {"train": ROWS[:9]}
    assert "rename the folder" in refused(tmp_path / name, tmp_path / "out", subset="en")


def test_nothing_is_copied_into_the_cache(tmp_path: Path, edu: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    parquet(edu, {"a.parquet": ROWS})
    imported(EDU, tmp_path / "out")
    assert sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()) == 0


@pytest.mark.parametrize("several", [True, False])
def test_what_datasets_saved_is_read(tmp_path: Path, rows_of: RowsOf, several: bool) -> None:
    from datasets import Dataset, DatasetDict

    one = Dataset.from_list(ROWS[:60])
    saved = DatasetDict({"train": one, "validation": Dataset.from_list(ROWS[60:])}) if several else one
    saved.save_to_disk(tmp_path / "source")
    expected = {"train": ROWS[:60], "valid": ROWS[60:]} if several else {"train": ROWS[:60]}
    assert rows_of(imported(tmp_path / "source", tmp_path / "out")) == expected


def test_a_damaged_save_is_one_sentence(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "source", {"state.json": b"{", "dataset_info.json": b"{"})
    assert "source/state.json cannot be read (" in refused(tmp_path / "source", tmp_path / "out")


REPOSITORY = str(Path(__file__).parents[2])
COMMIT = "c0ffee" + "0" * 34


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub as it takes to load the dataset some/graded from a folder."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, root: Path) -> None:
        self.root = root
        super().__init__(*args)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        _, _, rest = unquote(url.path).partition("/datasets/some/graded")
        if "/datasets/some/gated" in url.path:
            self._answer(403, {"X-Error-Code": "GatedRepo"})
        elif "/datasets/some/graded" not in url.path:
            self._answer(404, {"X-Error-Code": "RepoNotFound"})
        elif rest.startswith("/resolve/"):
            self._file(self.root / rest.split("/", 3)[3])
        elif rest.startswith("/tree/"):
            folder = self.root / "/".join(rest.split("/")[3:])
            found = folder.rglob("*") if parse_qs(url.query)["recursive"] == ["true"] else folder.glob("*")
            self._answer(200, {}, json.dumps(list(map(self._entry, sorted(found)))).encode())
        elif rest in ("", "/revision/main", f"/revision/{COMMIT}"):
            self._answer(200, {}, json.dumps({"id": "some/graded", "sha": COMMIT}).encode())
        else:
            self._answer(404, {"X-Error-Code": "RevisionNotFound"})

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass

    def _entry(self, path: Path) -> dict[str, Any]:
        kind, name = "directory" if path.is_dir() else "file", path.relative_to(self.root).as_posix()
        return {"type": kind, "path": name, "size": path.stat().st_size, "oid": "0" * 40}

    def _file(self, path: Path) -> None:
        if not path.is_file():
            return self._answer(404, {"X-Error-Code": "EntryNotFound"})
        data, headers = path.read_bytes(), {"ETag": f'"{path.name}"', "X-Repo-Commit": COMMIT}
        if not (wanted := self.headers.get("Range")):
            return self._answer(200, headers, data)
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        headers["Content-Range"] = f"bytes {first}-{min(last, len(data) - 1)}/{len(data)}"
        return self._answer(206, headers, data[first : last + 1])

    def _answer(self, code: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """The address of a hub that has the dataset some/graded: `tmp_path/hub`."""
    with serving(partial(_Hub, root=tmp_path / "hub")) as address:
        yield address


IMPORT = """
import sys
from pathlib import Path
from bonepick.terminal import at_terminal
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams
from bonepick.data.rows import RowParams
for name in sys.argv[1].split(","):
    try:
        with at_terminal(quiet=True):
            name, _, revision = name.partition("@")
            import_dataset(ImportParams(name=name, revision=revision, subset=sys.argv[2]), Path("out"), RowParams())
    except SystemExit as ended:
        assert ended.code == 1
"""


def from_hub(folder: Path, names: str, subset: str = "", **environment: str) -> list[str]:
    """Import in a process of its own (the hub's address is read once), and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, names, subset],
        cwd=folder,
        env={
            **os.environ,
            "HF_HOME": str(folder / "cache"),
            "PYTHONPATH": REPOSITORY,
            **environment,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).splitlines()


def test_a_hub_dataset_is_streamed_and_its_commit_written_down(tmp_path: Path, hub: str, rows_of: RowsOf) -> None:
    parquet(tmp_path / "hub", {"en/train-0.parquet": ROWS[:60], "en/test-0.parquet": ROWS[60:]})
    (tmp_path / "hub" / "README.md").write_text(CONFIGS)
    assert from_hub(tmp_path, "some/graded@main", "en", HF_ENDPOINT=hub) == []
    assert rows_of(tmp_path / "out") == {"train": ROWS[:60], "test": ROWS[60:]}
    made_by = json.loads((tmp_path / "out" / "dataset.json").read_text())["made_by"]["params"]
    assert (made_by["name"], made_by["subset"], made_by["revision"]) == ("some/graded", "en", COMMIT)
    assert not list((tmp_path / "cache").rglob("*.parquet"))


def test_what_the_hub_refuses_is_told_apart(tmp_path: Path, hub: str) -> None:
    printed = from_hub(tmp_path, "some/absent,some/gated,some/graded@v9,a/b/c", HF_ENDPOINT=hub)
    assert [line.partition(" is no folder here and cannot be had from the hub ")[::2] for line in printed] == [
        (
            "error: 'some/absent'",
            "(no such dataset, or a private one): check the name, or log in (hf auth login)",
        ),
        ("error: 'some/gated'", "(it is gated): ask for access on its page, and log in (hf auth login)"),
        ("error: 'some/graded'", "(no such revision): check --revision"),
        ("error: 'a/b/c'", "(no name that a dataset can have): check the name"),
    ]


def test_without_a_network_or_offline_there_is_one_sentence_and_no_retry(tmp_path: Path) -> None:
    (line,) = from_hub(tmp_path, "some/graded", HF_ENDPOINT="http://127.0.0.1:9")
    assert line.startswith("error: 'some/graded' is no folder here")
    assert line.endswith(": check the name and the network")
    (line,) = from_hub(tmp_path, "some/graded", HF_HUB_OFFLINE="1")
    assert line.endswith("(HF_HUB_OFFLINE is set): unset it, or name a local folder")
