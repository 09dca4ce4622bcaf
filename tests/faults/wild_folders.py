"""Wild folders: what people call files and where they put them, what is no file, and cards that lie."""

import json
import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.faults.wild_csv import any_dialect, no_dialect
from tests.faults.wild_files import ANY, CONTENT_MAKERS, ENDINGS, REFUSED, Owed, arrow_bytes, lines_of, table_of


def wild_folder(rng: random.Random, folder: Path) -> Owed:
    """Make a wild folder; in half of them good rows lie beside what is wild."""
    folder.mkdir()
    owed = rng.choice(MAKERS)(rng, folder)
    if rng.random() < 0.5 and not (folder / "train").exists():
        (folder / "beside.jsonl").write_bytes(lines_of(rng, 5))
        owed = replace(owed, rows=None if owed.rows is None else owed.rows + 5)
    return owed


def _irregular(rng: random.Random, folder: Path) -> Owed:
    """What is no regular file under the name of one."""
    path = folder / f"a{rng.choice(ENDINGS)}"
    match rng.choice(["pipe", "zero", "full", "dangling", "circle", "up"]):
        case "pipe":
            os.mkfifo(path)
        case "zero":
            path.symlink_to("/dev/zero")
        case "full":
            path.symlink_to("/dev/full")
        case "dangling":
            path.symlink_to(folder / "gone")
        case "circle":
            path.symlink_to(path)
        case "up":
            path.symlink_to(folder)
    return REFUSED


def _folder(rng: random.Random, folder: Path) -> Owed:
    """A folder under the name of a file, empty or not."""
    (folder / "a.jsonl").mkdir()
    if rng.random() < 0.5:
        (folder / "a.jsonl" / rng.choice(["b.jsonl", ".hidden.jsonl", "b.txt"])).write_bytes(lines_of(rng, 4))
    return ANY


def _odd_name(rng: random.Random, folder: Path) -> Owed:
    names = [
        "a b",
        "a\nb",
        "*",
        "?",
        "[ab]",
        "%20",
        "-o",
        "--help",
        "a" * 240,
        "é",
        "\udcff",
        "a\x1b[2Jb",
        "~",
        "$HOME",
        "a;b",
    ]
    stem = rng.choice([*names, "train", "test-00000-of-00001", "#", "a::b", "file:", "{a}", "'", '"', "a\tb", ".jsonl"])
    (folder / f"{stem}.jsonl").write_bytes(lines_of(rng, 6))
    return Owed(6)


def _odd_split(rng: random.Random, folder: Path) -> Owed:
    names = [
        "train",
        "test",
        "valid",
        "val",
        "dev",
        "extra",
        "Train",
        "quarantine",
        "train ",
        "\n",
        "unsupervised",
        "0",
    ]
    for name in rng.sample(names, rng.randint(1, 4)):
        (folder / name).mkdir()
        (folder / name / "0.jsonl").write_bytes(lines_of(rng, 3))
    return ANY


def _card(rng: random.Random, folder: Path) -> Owed:
    """A card that names what is not there, or should not be read."""
    (folder / "data.jsonl").write_bytes(lines_of(rng, 5))
    paths = [
        "data.jsonl",
        "*.jsonl",
        "../*",
        "/etc/passwd",
        "gone.jsonl",
        "**",
        "https://127.0.0.1:1/a.jsonl",
        "",
        "[",
        7,
        None,
    ]
    configs = [
        [{"config_name": "default", "data_files": [{"split": "train", "path": rng.choice(paths)}]}],
        [{"config_name": "default", "data_files": rng.choice(paths)}],
        [{"config_name": "a", "data_files": "*"}, {"config_name": "b", "data_files": "*"}],
        rng.choice([None, 7, "x", [], [None], {"a": 1}, [{}], [{"config_name": None}], [{"data_files": {}}]]),
    ]
    head = json.dumps({"configs": rng.choice(configs)})
    head = rng.choice(
        [head, head, "{", "configs: [", "\t", "a: &a [*a]", "!!python/object:os.system x", "\x00", "é: \ud800"]
    )
    (folder / "README.md").write_bytes(f"---\n{head}\n---\n".encode(errors="surrogatepass"))
    return ANY


def _saved(rng: random.Random, folder: Path) -> Owed:
    """What `save_to_disk` wrote, or nearly."""
    (folder / "data-00000-of-00001.arrow").write_bytes(arrow_bytes(table_of(rng, 4), "stream"))
    good = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_split": None}
    files = [
        [],
        None,
        [{}],
        [{"filename": "../x.arrow"}],
        [{"filename": "/etc/passwd"}],
        [{"filename": 1}],
        [None],
        "x",
    ]
    wild = rng.choice([{"_data_files": rng.choice(files)}, [], None, 1, "x", {}])
    text = json.dumps(rng.choice([good, wild, wild]))
    text = rng.choice([text, text, text[:-2], "[" * 5_000, "\x00", ""])
    (folder / "state.json").write_text(text)
    if rng.random() < 0.3:
        splits = rng.choice([["train"], ["../x"], [""], [1], None, "train", ["."]])
        (folder / "dataset_dict.json").write_text(json.dumps({"splits": splits}))
    return ANY


MAKERS: list[Callable[[random.Random, Path], Owed]] = [
    *CONTENT_MAKERS, any_dialect, any_dialect, no_dialect, no_dialect,
    _irregular, _folder, _odd_name, _odd_name, _odd_split, _card, _saved,
]  # fmt: skip
