"""The lines of docs/scoring.md, in order, in a copy of the repository; and the pipeline's own scores."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from tests.repository import TOP, Shell, ran, shell_blocks

PAGE = TOP / "docs/scoring.md"


def rows_in(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.timeout(900)  # a busy machine is no failure
def test_the_lines_of_the_page(reproduced: str, shell: Shell, copy: Path) -> None:
    lines = shell_blocks(PAGE)
    printed = {line: shell(line).stdout for line in lines}
    corpus = rows_in(copy / "data/raw/unseen/test/00000.jsonl.zst")
    scored = rows_in(copy / "tmp/scores/test/00000.jsonl.zst")
    assert [{**row, "metadata": None} for row in corpus] == [{**row, "metadata": None} for row in scored]
    scores = [next(iter(row["metadata"].values()))["score"] for row in scored]
    best = json.loads((copy / "models/best/thresholds.json").read_text())["best_f1"]["threshold"]
    assert len(rows_in(copy / "tmp/kept/test/00000.jsonl.zst")) == sum(score >= best for score in scores)
    assert pq.read_table(copy / "tmp/alone/00000.parquet")["id"].to_pylist() == [row["group"] for row in corpus]
    kept = rows_in(copy / "tmp/best-tenth/test/00000.jsonl.zst")
    words = [len(row["text"].split()) for row in corpus]
    assert 0 < sum(len(row["text"].split()) for row in kept) <= 0.1 * sum(words)
    assert all(row in corpus for row in kept)
    assert (copy / "tmp/lines.jsonl").stat().st_size > 0
    (filtered,) = [out for line, out in printed.items() if line.startswith("bonepick filter")]
    assert re.fullmatch(r"kept from score [\d.e-]+: [\d.]+% of rows, [\d.]+% of words, [\d.]+% of bytes\n", filtered)
    (experiment,) = [out for line, out in printed.items() if line.startswith("dvc exp run")]
    assert ran(experiment) == {"score@late"}
    for path in (copy / "data/scores/late").rglob("*"):
        name = path.relative_to(copy / "data/scores/late").as_posix()
        if path.is_file() and "/shards/" not in name:
            assert path.read_bytes() == (copy / "tmp/scores" / name).read_bytes(), "as the command writes them"
    first = {path: path.read_bytes() for path in (copy / "data/scores/late").rglob("*") if path.is_file()}
    shell("touch data/raw/unseen/test/* && dvc repro -f -s score@late")
    assert {path: path.read_bytes() for path in first} == first, "records too are those of any machine"
