"""Remotes on S3, against a real server on loopback: pushed, lost, pulled, refused, killed; and docs/remotes.md."""

import itertools
import json
import random
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from ruamel.yaml import YAML
from s3fs import S3FileSystem

from tests.repository import TOP, link_copy, ran
from tests.system.demo import NOBODY, Shell, claims, digests, round_trip
from tests.system.s3 import S3Server

PAGE = (TOP / "docs/remotes.md").read_text(encoding="utf-8")
SOON = {"AWS_MAX_ATTEMPTS": "1"}  # gives up at once; else, minutes pass
FORBIDDEN = "An error occurred (403) when calling the HeadObject operation: Forbidden"
LARGE_FILES, LARGE_BYTES = 32, 2 << 20
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as started:
        yield started


@pytest.fixture(scope="module")
def shell(server: S3Server) -> Shell:
    return Shell(server)


@pytest.fixture
def here(copy: Path, tmp_path: Path) -> Path:
    """A copy of the repository for one test, reproduced, and its results committed."""
    link_copy(copy, tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def bucket(server: S3Server, numbers: Iterator[int]) -> str:
    """An empty bucket."""
    name = f"bucket-{next(numbers)}"
    server.files().mkdir(name)
    return name


def as_remote(shell: Shell, here: Path, bucket: str) -> None:
    """Do what `dvc remote add` does, without the seconds that each start of DVC takes."""
    with (here / ".dvc/config").open("a") as config:
        config.write(f"    remote = storage\n['remote \"storage\"']\n    url = s3://{bucket}/bonepick\n")
    shell(here, "git commit -qam 'Name the bucket'")


def test_round_trip(shell: Shell, server: S3Server, here: Path, tmp_path: Path, bucket: str) -> None:
    trip = round_trip(shell, here, tmp_path / "clone", f"s3://{bucket}/bonepick")
    kinds = (f"models/kinds/{kind}" for kind in ("fasttext", "model2vec", "contrastive"))
    missing = [out for out in ("data/raw", "data/fasttext", *kinds) if not any(f"{out}/" in made for made in trip.made)]
    assert not missing
    proven = claims(trip, server, bucket)
    assert all(proven.values()), proven


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, FORBIDDEN),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "Unable to locate credentials"),
    ],
)
def test_wrong_credentials(
    shell: Shell, here: Path, server: S3Server, bucket: str, variables: dict[str, str], said: str
) -> None:
    as_remote(shell, here, bucket)
    before = digests(here)
    printed = shell(here, "dvc push", code=255, **variables)
    assert re.search(rf"^ERROR: unexpected error - .*{re.escape(said)}$", printed, re.MULTILINE), printed
    assert "Traceback (most recent call last)" not in printed
    assert f"`{said}`" in PAGE
    assert server.files().find(bucket) == []
    assert digests(here) == before


def test_pull_with_wrong_credentials_then_with_right_ones(
    shell: Shell, here: Path, tmp_path: Path, bucket: str
) -> None:
    as_remote(shell, here, bucket)
    shell(here, "dvc push -q")
    shell(tmp_path, "git clone -q here clone")
    clone = tmp_path / "clone"
    printed = shell(clone, "dvc pull", code=1, AWS_SECRET_ACCESS_KEY="wrong")
    assert re.search(rf"^ERROR: failed to connect to s3 .*{re.escape(FORBIDDEN)}$", printed, re.MULTILINE), printed
    local = "dvc remote modify -q --local storage"
    shell(clone, f"{local} access_key_id $AWS_ACCESS_KEY_ID && {local} secret_access_key $AWS_SECRET_ACCESS_KEY")
    shell(clone, "dvc pull", AWS_SECRET_ACCESS_KEY="", AWS_ACCESS_KEY_ID="")
    assert digests(clone) == digests(here)
    assert shell(clone, "git status --porcelain") == ""


def test_no_such_bucket(shell: Shell, here: Path, server: S3Server) -> None:
    as_remote(shell, here, "nobodys")
    printed = shell(here, "dvc push", code=255)
    said = "The specified bucket does not exist"
    assert f"ERROR: unexpected error - {said}" in printed
    assert f"`{said}`" in PAGE
    server.files().mkdir("nobodys")
    assert "files pushed" in shell(here, "dvc push")


def test_the_server_dies_in_the_middle_of_a_push(
    shell: Shell, here: Path, tmp_path: Path, server: S3Server, bucket: str
) -> None:
    draw, large = random.Random(1), here / "inputs/large"
    large.mkdir()
    for number in range(LARGE_FILES):
        (large / f"{number}.bin").write_bytes(draw.randbytes(LARGE_BYTES))
    as_remote(shell, here, bucket)
    shell(here, "dvc add -q inputs/large && git add inputs && git commit -qm large")
    cached = sorted((here / ".dvc/cache/files").rglob("*"))

    push = subprocess.Popen(
        ["dvc", "push", "-j", "1", "inputs/large.dvc"],
        cwd=here,
        env=shell.environment | SOON,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        files, start = server.files(), time.monotonic()
        while sum(entry["size"] for entry in files.find(bucket, detail=True).values()) < 4 * LARGE_BYTES:
            assert push.poll() is None, push.communicate()
            assert time.monotonic() - start < PATIENCE, "nothing arrives"
        server.crash()
        printed, _ = push.communicate(timeout=PATIENCE)
    finally:
        push.kill()
        push.wait()
        server.start()
    assert push.returncode == 1
    said = re.search(r"^ERROR: failed to push data to the cloud - (\d+) files failed to upload$", printed, re.MULTILINE)
    assert said
    assert "Could not connect to the endpoint URL" in printed
    arrived = server.files().find(bucket)
    assert 4 <= len(arrived) < LARGE_FILES, "it was to be the middle"
    assert int(said[1]) >= LARGE_FILES + 1 - len(arrived)  # and one for the directory
    assert sorted((here / ".dvc/cache/files").rglob("*")) == cached

    shell(here, "dvc push")
    assert set(arrived) < set(server.files().find(bucket))
    shell(tmp_path, "git clone -q here clone")
    shell(tmp_path / "clone", "dvc pull")
    assert digests(tmp_path / "clone") == digests(here)
    for path in large.iterdir():
        assert (tmp_path / "clone/inputs/large" / path.name).read_bytes() == path.read_bytes()


def put_texts(files: S3FileSystem, folder: str, rows: list[bytes]) -> None:
    """Put rows into two shards, one of them packed."""
    half = len(rows) // 2
    files.pipe_file(f"{folder}/train/a.jsonl.zst", zstandard.compress(b"".join(rows[:half])))
    files.pipe_file(f"{folder}/train/b.jsonl", b"".join(rows[half:]))


@pytest.fixture
def rows(copy: Path) -> list[bytes]:
    return (copy / "inputs/rows/seen/train/rows.jsonl").read_bytes().splitlines(keepends=True)


@pytest.fixture
def texts(server: S3Server, bucket: str, rows: list[bytes]) -> str:
    put_texts(server.files(), f"{bucket}/texts", rows)
    return f"s3://{bucket}/texts"


def rows_in(dataset: Path) -> int:
    return sum(split["rows"] for split in json.loads((dataset / "dataset.json").read_text())["splits"].values())


def import_from(shell: Shell, here: Path, name: str) -> str:
    """Let the pipeline import its dataset from there."""
    yaml = YAML()
    params = yaml.load(here / "params.yaml")
    params["datasets"]["sample"]["import"]["name"] = name
    yaml.dump(params, here / "params.yaml")
    return shell(here, "dvc repro import_hf_dataset@sample")


def test_the_pipeline_imports_from_a_bucket(
    shell: Shell, here: Path, texts: str, read: Callable[[Path], list[Any]], rows: list[bytes]
) -> None:
    assert ran(import_from(shell, here, texts)) == {"inputs", "import_hf_dataset@sample"}
    imported = [row for path in (here / "data/raw/sample").rglob("*.jsonl.zst") for row in read(path)]
    wanted = list(map(json.loads, rows))
    assert sorted(imported, key=json.dumps) == sorted(wanted, key=json.dumps)


@pytest.fixture
def logged_in(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in (NOBODY | server.environment).items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()
    return monkeypatch


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("", 500), ("/train/*.zst", 250), ("/train/b.jsonl", 250), ("/tr*", 500), ("/train/?.json*", 500)],
)
def test_the_command_imports_from_a_bucket(
    logged_in: pytest.MonkeyPatch, bonepick: Callable[..., Any], texts: str, tmp_path: Path, pattern: str, count: int
) -> None:
    ended = bonepick("import-hf-dataset", "-n", texts + pattern, "-o", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert rows_in(tmp_path / "out") == count


@pytest.mark.parametrize("pattern", ["", "/*"])
@pytest.mark.parametrize(
    ("variables", "name", "said"),
    [
        ({}, "missing", "check the URL"),
        ({"SECRET_ACCESS_KEY": "wrong"}, "texts", "PermissionError"),
        ({"ACCESS_KEY_ID": "wrong"}, "texts", "PermissionError"),
        ({"ENDPOINT_URL": "http://127.0.0.1:9"}, "texts", "Could not connect to the endpoint URL"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(
    logged_in: pytest.MonkeyPatch,
    bonepick: Callable[..., Any],
    texts: str,
    tmp_path: Path,
    variables: dict[str, str],
    name: str,
    said: str,
    pattern: str,
) -> None:
    for variable, value in variables.items():
        logged_in.setenv(f"AWS_{variable}", value)
    url = texts.replace("texts", name) + pattern
    ended = bonepick("import-hf-dataset", "-n", url, "-o", tmp_path / "out")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: {url} cannot be read (")
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_pinned_inputs(shell: Shell, here: Path, server: S3Server, bucket: str, texts: str, rows: list[bytes]) -> None:
    shell(here, f"dvc import-url {texts} inputs/texts")
    assert ran(import_from(shell, here, "inputs/texts")) == {"inputs", "import_hf_dataset@sample"}
    before = digests(here)
    put_texts(server.files(), f"{bucket}/texts", rows[:100])
    assert ran(shell(here, "dvc repro import_hf_dataset@sample")) == set(), "what is pinned does not move by itself"
    assert digests(here) == before
    shell(here, "dvc update inputs/texts.dvc")
    assert ran(shell(here, "dvc repro import_hf_dataset@sample")) == {"inputs", "import_hf_dataset@sample"}
    assert rows_in(here / "data/raw/sample") == 100


def test_every_command_of_the_page_runs_in_order(
    shell: Shell, here: Path, tmp_path: Path, server: S3Server, rows: list[bytes]
) -> None:
    script = "".join(re.findall(r"^```shell\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    for written, instead in {
        "my-bucket": "page",
        "https://s3.example.org": server.endpoint,
        "AKIAEXAMPLE": server.environment["AWS_ACCESS_KEY_ID"],
        "wJalrEXAMPLE": server.environment["AWS_SECRET_ACCESS_KEY"],
        "git@example.org:team/bonepick.git": str(here),
        "/srv/dvc-cache": str(tmp_path / "dvc-cache"),
        "make repro": "dvc repro",
    }.items():
        assert written in script
        script = script.replace(written, instead)
    shell(here, "git reset -q HEAD~")  # the page commits the results
    server.files().mkdir("page")
    put_texts(server.files(), "page/texts", rows)
    nobody = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"), "")
    printed = shell(here, script, **nobody)
    assert ran(printed) == set()
    assert printed.count("Data and pipelines are up to date.") == 3  # dvc repro here, dvc status and repro in the clone
    assert printed.count("are in sync") == 1
    assert "500 rows -> tmp/texts" in printed
    assert any((tmp_path / "dvc-cache/files").rglob("*"))
    assert f"{here}/.dvc/cache" not in shell(here, "dvc cache dir")
