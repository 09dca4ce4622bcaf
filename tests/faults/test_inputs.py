"""Every command that reads rows, on folders as they come: empty, cut short, full of strays and links."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from bonepick.core.replacing import MARKER
from tests.faults.running import End, fault, names, write_rows

Run, Tree = Callable[..., End], Callable[[Path], dict[str, bytes]]

READERS = {
    "import": "import-hf-dataset -n {rows} -o {out}",
    "transform": "transform-dataset -i {rows} -o {out}",
    "balance": "balance-dataset -i {rows} -o {out}",
    "normalize": "normalize-dataset -i {rows} -n potion -o {out}",
    "embed": "embed-dataset -i {rows} -m {base} -n potion -o {out}",
    "convert": "convert-to-fasttext -i {rows} -o {out}",
    "sample": "sample-dataset -i {rows} --rate 0.9 -o {out}",
    "reshard": "reshard-dataset -i {rows} --shards 2 -o {out}",
    "label-distribution": "label-distribution -i {rows}",
    "count-tokens": "count-tokens -i {rows}",
    "train-model2vec": "train-model2vec -d {rows} -m {base} -n whitespace --max-epochs 1 -o {out}",
    "train-contrastive": "train-contrastive -d {rows} -m {base} -n whitespace --n-clusters 3 -o {out}",
    "train-fasttext": "train-fasttext -d {rows} -n whitespace --bucket 100 --epoch 1 -o {out}",
    "eval-model2vec": "eval-model2vec -d {rows} -m {model2vec} -o {out}",
    "eval-fasttext": "eval-fasttext -d {rows} -m {fasttext} -o {out}",
}
EVALUATED_WITH = {name: READERS[f"train-{name}"] for name in ("model2vec", "fasttext")}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Path]) -> dict[str, Path]:
    """The folders that models go to which are evaluated."""
    return {name: tmp_path_factory.mktemp(name) / "model" for name in EVALUATED_WITH}


@pytest.fixture
def read(models: dict[str, Path], data: dict[str, Path], bonepick: Run) -> Callable[[str, Path, Path], End]:
    """Run a reader on rows: `read("normalize", rows, out)`; the models that it needs are trained once."""

    def run(reader: str, rows: Path, out: Path) -> End:
        for name, folder in models.items():
            if reader == f"eval-{name}" and not folder.exists():
                words = EVALUATED_WITH[name].format(**{**data, "out": folder}).split()
                assert bonepick(*words).code == 0
        words = READERS[reader].format(**{**data, **models, "rows": rows, "out": out}).split()
        return bonepick(*words, "--quiet")

    return run


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("splits", [[], ["train", "test"]], ids=["nothing in it", "empty splits"])
def test_an_empty_folder(tmp_path: Path, reader: str, read: Callable[..., End], splits: list[str]) -> None:
    (tmp_path / "rows").mkdir()
    for split in splits:
        (tmp_path / "rows" / split).mkdir()
    assert str(tmp_path / "rows") in fault(read(reader, tmp_path / "rows", tmp_path / "out"))
    assert names(tmp_path) == ["rows"]


@pytest.mark.parametrize("suffix", [".zst", ".gz"])
def test_a_file_that_is_cut_short(tmp_path: Path, reader: str, read: Callable[..., End], suffix: str) -> None:
    pack = zstandard.compress if suffix == ".zst" else gzip.compress
    for path in sorted(write_rows(tmp_path / "rows", 300).rglob("*.jsonl")):
        content = pack(path.read_bytes())
        path.with_name(path.name + suffix).write_bytes(content[: len(content) // 2])
        path.unlink()
    line = fault(read(reader, tmp_path / "rows", tmp_path / "out"))
    assert re.match(rf"error: {tmp_path}/rows/(train|test)/0\.jsonl\{suffix}: truncated or damaged", line)
    assert names(tmp_path) == ["rows"]


def test_strays_and_links(tmp_path: Path, reader: str, read: Callable[..., End], tree: Tree) -> None:
    """The same rows, beside what is no shard and behind links; the folder has the same name, since outputs show it."""
    plain, odd = write_rows(tmp_path / "plain" / "rows", 300), write_rows(tmp_path / "odd" / "rows", 300)
    for name in ("README.txt", ".DS_Store", "train/README.txt", "train/.DS_Store", "train/.hidden/0.jsonl"):
        (odd / name).parent.mkdir(exist_ok=True)
        (odd / name).write_text("no rows")
    store = tmp_path / "store"
    store.mkdir()
    for linked in ("train/0.jsonl", "train/part", "test"):
        (odd / linked).rename(store / Path(linked).name)
        (odd / linked).symlink_to(store / Path(linked).name)
    results = []
    for rows in (plain, odd):
        out = tmp_path / "made" / rows.parent.name
        ended = read(reader, rows, out)
        assert (ended.code, ended.err) == (0, "")
        results.append((ended.out.replace(str(rows), "").split(), tree(out)))
    assert results[0] == results[1]
    assert any(results[0]), "nothing was made, and nothing compared"


def test_an_empty_shard(tmp_path: Path, reader: str, read: Callable[..., End], tree: Tree) -> None:
    """It has no rows, and is neither a fault nor a difference."""
    rows, results = write_rows(tmp_path / "rows", 300), []
    for name in ("without", "with"):
        ended = read(reader, rows, tmp_path / name)
        assert (ended.code, ended.err) == (0, "")
        made = tree(tmp_path / name)
        if MARKER in made:  # it lists the empty shard's own
            marker = json.loads(made[MARKER])
            sizes = {file: size for file, size in marker["files"].items() if "empty" not in file}
            made[MARKER] = json.dumps({**marker, "files": sizes}).encode()
        results.append((ended.out, {file: content for file, content in made.items() if "empty" not in file}))
        for split in ("train", "test"):
            (rows / split / "empty.jsonl").touch()
    assert results[0] == results[1]


def test_a_shard_that_cannot_be_opened(tmp_path: Path, reader: str, read: Callable[..., End]) -> None:
    rows = write_rows(tmp_path / "rows", 300)
    for split in ("train", "test"):
        (rows / split / "0.jsonl").unlink()
        (rows / split / "0.jsonl").symlink_to(tmp_path / "gone.jsonl")
    assert re.match(
        rf"error: {rows}/(train|test)/0\.jsonl is a broken link ", fault(read(reader, rows, tmp_path / "out"))
    )
    assert names(tmp_path) == ["rows"]
