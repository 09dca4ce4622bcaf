"""docs/walkthrough.md on stand-ins for its datasets: each line runs in order, and prints what the page shows.

Its pipeline is in `test_walkthrough.py` beside it.
"""

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from bonepick.classifiers.static.base_model import load_base_model, save_without_card
from tests.repository import TOP

PAGE = TOP / "docs/walkthrough.md"
PIPELINE = "## The same as a pipeline"

# what there is no network for; all else runs as it is written
SUBSTITUTES = (
    ("dvc import-url 's3://ai2-llm/", "dvc import-url '{bucket}/"),  # DVC takes no file:// URLs
    ("s3://ai2-llm/", "file://{bucket}/"),
    (
        "hf download openbmb/Ultra-FineWeb-classifier classifiers/ultra_fineweb_en.bin --local-dir tmp/openbmb",
        "mkdir -p tmp/openbmb/classifiers && cp {foreign} tmp/openbmb/classifiers/ultra_fineweb_en.bin",
    ),
)
HUB = "HuggingFaceFW/fineweb-edu-llama3-annotations"  # a folder of that name, where the commands run, is read instead
BASE_MODEL = "minishlab/potion-base-32M"  # likewise
BUCKET = {
    "fw_pp_ref_mini_o4-mini-batch_medium": "batch_api/fw_pp_ref_mini_o4-mini-batch_medium/quality_jun1/retrieved",
    "fw_pp_ref": "quality/fw_pp_ref",
}
ROWS, FEW_ROWS = 12_000, 2_000  # 10,000 of the first are test rows

SCORE_SHARES = (10, 45, 30, 10, 4, 1)
PLAIN = "the a of and in is it that on for with page day people work time year place part thing".split()
GOOD = "theorem cell photosynthesis century treaty equation molecule grammar orbit enzyme empire volcano poem".split()
POOR = "buy cheap click deal subscribe coupon login cart offer shipping promo win download brand sale".split()

NUMBER = re.compile(r"\d+\.\d+")


class Block(NamedTuple):
    kind: str
    body: str


class Line(NamedTuple):
    """A printed line: its words with `#` for each figure, and the figures. Whole numbers are counts: they are words."""

    words: str
    figures: list[float]


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]


def commands(block: Block) -> list[str]:
    """The command lines of a shell block, each with those that continue it (they are indented), without comments."""
    lines = re.split(r"\n(?=\S)", block.body.replace("\\\n", " ").strip())
    return [line for line in lines if not line.startswith("#")]


def form(lines: Sequence[str]) -> list[Line]:
    """What is compared: columns may be wider or narrower, and models smaller."""
    alike = [re.sub("-{3,}", "---", re.sub(r"[\d.]+ MB", "MB", line)) for line in lines]
    return [
        Line(" ".join(NUMBER.sub("#", line).split()), [float(number) for number in NUMBER.findall(line)])
        for line in alike
    ]


def assert_shown(shown: str, printed: str, what: str) -> None:
    """Hold a text block to what was printed; `...` stands in it for lines that are left out, once."""
    wanted, found = shown.splitlines(), printed.splitlines()
    if "..." in wanted:
        head = wanted.index("...")
        tail = len(wanted) - head - 1
        wanted, found = wanted[:head] + wanted[head + 1 :], found[:head] + found[len(found) - tail :]
    wanted_form, found_form = form(wanted), form(found)
    assert [line.words for line in found_form] == [line.words for line in wanted_form], f"{what}\n{printed}"
    for line, other in zip(found_form, wanted_form, strict=True):
        # other processors move the digits of trained models
        assert line.figures == pytest.approx(other.figures, abs=0.05), f"{what}\n{printed}"


def annotated(count: int, seed: int) -> Iterator[tuple[str, int]]:
    """Texts and scores; the higher the score, the more words are good ones."""
    draw = random.Random(seed)
    for score in draw.choices(range(6), SCORE_SHARES, k=count):
        share = 0.15 + 0.14 * score
        kinds = draw.choices((PLAIN, GOOD, POOR), (1, share, 1 - share), k=24)
        yield " ".join(map(draw.choice, kinds)), score


def stand_in_bucket(folder: Path) -> None:
    for seed, (name, place) in enumerate(BUCKET.items(), 2):
        rows = [
            {"id": f"{name}-{number}", "text": text, "metadata": {name: {"score": float(score)}}}
            for number, (text, score) in enumerate(annotated(FEW_ROWS, seed))
        ]
        shards = folder / "pretraining-data/sources/WebOrganizer/v0" / place
        shards.mkdir(parents=True)
        for number in range(2):
            lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows[number::2])
            (shards / f"part_{number}.jsonl.zst").write_bytes(zstandard.compress(lines))


def stand_in_hub(folder: Path, count: int) -> None:
    """The columns that the page uses, with their types on the hub; and the base model."""
    rows = [
        {"text": text, "metadata": {"url": f"https://site{number % 997}.example/{number}"}, "score": score}
        for number, (text, score) in enumerate(annotated(count, 1))
    ]
    (folder / HUB / "data").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / HUB / "data/train-00000-of-00001.parquet")
    (folder / BASE_MODEL).mkdir(parents=True)
    save_without_card(load_base_model("packaged"), folder / BASE_MODEL)


def stand_in_model(file: Path) -> None:
    """A model of somebody else's: `neg` and `pos`, trained on other rows of the same kind."""
    import fasttext

    lines = [f"__label__{'neg' if score < 3 else 'pos'} {text}\n" for text, score in annotated(1_000, 9)]
    text_file = file.with_suffix(".txt")
    text_file.write_text("".join(lines), encoding="utf-8")
    model = fasttext.train_supervised(str(text_file), epoch=10, dim=8, bucket=1_000, thread=1, seed=1, verbose=0)
    model.save_model(str(file))


class Away(NamedTuple):
    """What lies elsewhere: the bucket, and the model that is downloaded."""

    bucket: Path
    foreign: Path

    def put_into(self, line: str) -> str:
        for written, instead in SUBSTITUTES:
            line = line.replace(written, instead.format(**self._asdict()))
        return line


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Away:
    folder = tmp_path_factory.mktemp("away")
    stand_in_bucket(folder / "bucket")
    stand_in_model(folder / "foreign.bin")
    return Away(folder / "bucket", folder / "foreign.bin")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the commands run in, with the stand-ins; fastText's models are too large to be left."""
    stand_in_hub(tmp_path, ROWS)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    shutil.rmtree(tmp_path / "tmp", ignore_errors=True)


def test_every_command_runs_and_prints_what_the_page_shows(
    place: Path, away: Away, bonepick: Callable[..., Any]
) -> None:
    printed, shell_block = "", ""

    def in_bash(line: str) -> str:
        done = subprocess.run(["bash", "-euc", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}"
        return done.stdout

    for block in blocks(PAGE.read_text(encoding="utf-8").partition(PIPELINE)[0]):
        if block.kind == "text":
            assert_shown(block.body, printed, shell_block)
            continue
        printed, shell_block = "", block.body
        for line in map(away.put_into, commands(block)):
            if line.startswith("bonepick "):  # in this process: what takes long is to import the libraries
                words = in_bash(f"printf '%s\\0' {line}").split("\0")[1:-1]
                ended = bonepick(*words)
                assert ended.code == 0, f"{line}\n{ended.err}"
                printed += ended.err + ended.out
            else:
                printed += in_bash(line)
    assert json.loads((place / "tmp/data/bins/dataset.json").read_text())["label_form"]["bin_edges"] == [2.0]


def test_substitutes_are_all_used() -> None:
    page = PAGE.read_text(encoding="utf-8")
    text = "\n".join(line for block in blocks(page) if block.kind == "shell" for line in commands(block))
    for written, _ in SUBSTITUTES:
        assert written in text
        text = text.replace(written, "")
    assert (Path(sys.prefix) / "bin/hf").is_file()
