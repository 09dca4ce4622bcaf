"""Wild copies of what a command wrote, as of models and evaluations: files cut, flipped, swapped, or crafted."""

import json
import os
import random
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

NUMBERS = (0, -1, 1, 2, 7, 2**15, 2**31 - 1, -(2**31), 2**40, 2**62, -(2**63))
VALUES: list[Any] = [
    *(None, True, 0, -1, 0.5, 1e308, 2**31, 2**63, 10**400, "", "x", "a" * 100_000, "../../etc/passwd", "/dev/zero"),
    *(
        "\x00",
        "\x1b[2J",
        "\ud800",
        "=1+1",
        "<script>",
        "|",
        "a,b\n",
        [],
        {},
        [[]],
        [None],
        {"": None},
        ["a", "a"],
        [1, "a"],
    ),
]


def wild_copy(rng: random.Random, source: Path, others: Mapping[str, Path], folder: Path) -> None:
    """Copy a folder, and change one of its files or some. Of models, half are ones that their manifest still fits."""
    shutil.copytree(source, folder)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
        if files:
            _change(rng, rng.choice(files), others)
    manifest = folder / "manifest.json"
    match rng.choice(["as it is", "sealed", "sealed", "sealed", "foreign"]):
        case "sealed":
            _seal(manifest)
        case "foreign" if manifest.is_file() and (folder / "model.bin").exists():
            manifest.unlink()


def _seal(manifest: Path) -> None:
    """Let a manifest say the sizes that the files have, so that what reads them is reached."""
    try:
        told = json.loads(manifest.read_text())
        told["files"] = {name: (manifest.parent / name).stat().st_size for name in told["files"]}
        manifest.write_text(json.dumps(told))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):  # it is wild itself
        return


def _change(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    """Change a file as its kind allows, or as any file can be changed."""
    kinds = {".json": _json, ".safetensors": _safetensors, ".bin": _numbers, ".csv": _csv, ".parquet": _numbers}
    if path.suffix in kinds and rng.random() < 0.6:
        kinds[path.suffix](rng, path)
    elif rng.random() < 0.15:
        rng.choice(INSTEAD)(rng, path, others)
    else:
        _bytes(rng, path)


def _bytes(rng: random.Random, path: Path) -> None:
    data = bytearray(path.read_bytes()) or bytearray(b"x")
    place = rng.randrange(len(data))
    match rng.choice(["cut", "start", "empty", "flip", "flips", "double", "zeros", "behind", "random"]):
        case "cut":
            del data[place:]
        case "start":
            del data[len(data) // 100 :]
        case "empty":
            data.clear()
        case "flip":
            data[place] ^= 1 << rng.randrange(8)
        case "flips":
            for _ in range(30):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case "double":
            data += bytes(data)
        case "zeros":
            data[place:] = bytes(len(data) - place)
        case "behind":
            data += rng.randbytes(50)
        case "random":
            data[:] = rng.randbytes(len(data))
    path.write_bytes(data)


def _numbers(rng: random.Random, path: Path) -> None:
    """Put a number into a binary file, most often near its start, where sizes and shapes are."""
    data = bytearray(path.read_bytes())
    if len(data) < 16:
        return
    for _ in range(rng.choice([1, 1, 3])):
        form = rng.choice(["<i", "<q", "<f", "<d"])
        number = rng.choice(NUMBERS)
        if form == "<i":
            number = max(min(number, 2**31 - 1), -(2**31))
        if form in ("<f", "<d"):
            number = rng.choice([float("nan"), float("inf"), -1e38, 0.0])
        place = rng.randrange(0, min(len(data) - 8, rng.choice([120, 120, 1_000, len(data)])))
        place -= place % 4
        data[place : place + struct.calcsize(form)] = struct.pack(form, number)
    path.write_bytes(data)


def _json(rng: random.Random, path: Path) -> None:
    try:
        value = json.loads(path.read_text())
    except (ValueError, RecursionError):  # changed before
        return _bytes(rng, path)
    text = json.dumps(wild_json(rng, value))
    if rng.random() < 0.15:
        text = rng.choice(
            [text[: rng.randrange(len(text) or 1)], "[" * 100_000, '{"a":' * 5_000, "NaN", "\ufeff" + text, text * 2]
        )
    path.write_text(text, errors="surrogatepass")
    return None


def wild_json(rng: random.Random, value: Any) -> Any:
    """Return a value with one of its parts replaced, gone, or there twice."""
    if rng.random() < 0.05 or not isinstance(value, (dict, list)) or not value:
        return rng.choice(VALUES)
    key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    match rng.choice(["inside", "inside", "inside", "gone", "more"]):
        case "inside":
            value[key] = wild_json(rng, value[key])
        case "gone":
            del value[key]
        case "more" if isinstance(value, dict):
            value[rng.choice(["", "x", "\x00", "../x", "a" * 9_000])] = rng.choice(VALUES)
        case "more":
            value.extend(value[: rng.randint(1, 3)])
    return value


def _safetensors(rng: random.Random, path: Path) -> None:
    """Change the header: its length, or the shapes, types and places that it tells."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0] if len(data) > 8 else 0
    if rng.random() < 0.2 or not 0 < size <= len(data) - 8:
        return _numbers(rng, path)
    try:
        header = wild_json(rng, json.loads(data[8 : 8 + size]))
    except (ValueError, RecursionError):
        return _bytes(rng, path)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size :])
    return None


def _csv(rng: random.Random, path: Path) -> None:
    lines = path.read_text(errors="replace").split("\n")
    odd = ["", "a,b", '"', "\x00", "nan,inf,-1", "1e999," * 5, "x" * 200_000, ",,,,,,,,", "=1+1", "\x1c,\x85", "1,2,3"]
    lines[rng.randrange(len(lines))] = rng.choice(odd)
    path.write_text("\n".join(lines), newline="")


def _gone(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    path.unlink()


def _pipe(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    path.unlink()
    os.mkfifo(path)


def _link(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    path.unlink()
    path.symlink_to(rng.choice(["/dev/zero", "/etc/passwd", "gone", path.name, ".."]))


def _folder(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    path.unlink()
    path.mkdir()


def _swapped(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    """Put another file there: of another model, one of the same name where there is one."""
    files = [file for name in sorted(others) for file in sorted(others[name].rglob("*")) if file.is_file()]
    same = [file for file in files if file.name == path.name]
    path.write_bytes(rng.choice(same if same and rng.random() < 0.7 else files).read_bytes())


def _sparse(rng: random.Random, path: Path, others: Mapping[str, Path]) -> None:
    """Let it be 3 GB, of which the disk holds little."""
    with path.open("ab") as file:
        file.truncate(3 << 30)


INSTEAD: list[Callable[[random.Random, Path, Mapping[str, Path]], None]] = [
    _gone, _gone, _pipe, _link, _link, _folder, _swapped, _swapped, _swapped, _swapped, _sparse,
]  # fmt: skip
