"""The same rows give the same bytes, whatever the workers, the hash seed, the packing and the order of the folders."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.faults.running import Running, names, write_rows
from tests.faults.variant import COMMANDS

Start, Tree = Callable[..., Running], Callable[[Path], dict[str, bytes]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Several shards, one of several blocks, and a row that no command can use."""
    folder = write_rows(tmp_path_factory.mktemp("plain") / "rows", 500)
    long = write_rows(tmp_path_factory.mktemp("long"), 10_000, seed=2)
    (long / "train" / "0.jsonl").replace(folder / "train" / "long.jsonl")
    with (folder / "train" / "1.jsonl").open("ab") as shard:
        shard.write(b'{"text": 1\n')
    return folder


def packed(suffix: str, content: bytes) -> bytes:
    return {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}[suffix](content)


def test_every_command(tmp_path: Path, rows: Path, start: Start, tree: Tree) -> None:
    running, made = [], []
    for seed, workers, packing, hash_seed in ((1, 1, "", "0"), (2, 2, ".gz", "123"), (3, 7, ".zst", "0")):
        folder = tmp_path / str(seed)
        files = list(tree(rows).items())
        random.Random(seed).shuffle(files)  # they are created in another order too
        for name, content in files:
            path = folder / "rows" / f"{name}{packing}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(packed(packing, content))
        words = (seed, folder / "rows", folder / "out", workers)
        running.append(start(*words, python=("-m", "tests.faults.variant"), env={"PYTHONHASHSEED": hash_seed}))
    for number, one in enumerate(running, 1):
        ended = one.ended()
        assert (ended.code, ended.err) == (0, "")
        assert names(tmp_path / str(number) / "out") == sorted(COMMANDS)
        made.append(tree(tmp_path / str(number) / "out"))
    first, *others = made
    for other in others:
        assert first.keys() == other.keys()
        assert [name for name in first if first[name] != other[name]] == []
