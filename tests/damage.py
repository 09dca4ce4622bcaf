"""Ways in which a file that was whole comes to hold something else: for tests of those who read it."""

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Damage = tuple[str, Callable[[Path], object]]
"""What it is called, and what does it to a file."""

LONG = "x" * 200_000
VALUES = [None, [], {}, -1, 1.5, 10**30, True, "", "\0\n\x1b[2J\u2028", LONG, [[]], {"a": {"b": None}}]
CELLS = ["", "much", "nan", "inf", "-1", "1e400", "9" * 5_000, LONG, "a,b", '"', "\0", "\x1b[2J"]


def damages(path: Path, flips: int = 5) -> Iterator[Damage]:
    """Yield ways to damage a file: what happens to any, what its kind of content allows, and bytes at random."""
    data = path.read_bytes()
    yield from _any(data, path.name)
    if path.suffix == ".json":
        yield from _other_values(data)
    if path.suffix == ".csv":
        yield from _other_cells(data)
    rng = random.Random(path.name)
    for number in range(flips):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield f"flipped {number}", _holding(bytes(changed))


def _any(data: bytes, name: str) -> Iterator[Damage]:
    half = len(data) // 2
    contents = {
        "empty": b"",
        "cut": data[:half],
        "longer": data + b"\0" * 100,
        "null": b"null",
        "a list": b"[]",
        "an object": b"{}",
        "deep": b"[" * 100_000,
        "deep objects": b'{"a":' * 100_000,
        "deep inside": data.rstrip()[:-1] + b', "deep": ' + b"[" * 5_000,
        "NUL": b"\0" * len(data),
        "no UTF-8": data[:half] + b"\xff\xfe" + data[half:],
        "UTF-16": data.decode(errors="ignore").encode("utf-16"),
    }
    yield from ((what, _holding(content)) for what, content in contents.items())
    yield "missing", lambda path: None
    yield "a folder", Path.mkdir
    yield "a FIFO", os.mkfifo
    for what, target in {"nothing": "nowhere", "itself": name, "a device": "/dev/zero"}.items():
        yield f"a link to {what}", lambda path, target=target: path.symlink_to(target)


def _holding(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _other_values(data: bytes) -> Iterator[Damage]:
    for place in _places(json.loads(data)):
        for value in VALUES:
            changed = _changed(json.loads(data), place, value)
            yield f"{place} = {str(value)[:12]!r}", _holding(json.dumps(changed).encode())
        if place:
            yield f"no {place}", _holding(json.dumps(_changed(json.loads(data), place)).encode())


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    if isinstance(value, dict):
        for key in list(value)[: 2 if place else 20]:  # of what lies deeper some stand for all
            yield from _places(value[key], (*place, key))
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*place, 0))


def _changed(content: Any, place: tuple[Any, ...], *new: Any) -> Any:
    """Return the content with another value at a place; without one where none is given."""
    if not place:
        return new[0]
    inside = content
    for key in place[:-1]:
        inside = inside[key]
    if new:
        inside[place[-1]] = new[0]
    else:
        del inside[place[-1]]
    return content


def _other_cells(data: bytes) -> Iterator[Damage]:
    header, first, *lines = data.decode().split("\n")
    for column in range(first.count(",") + 1):
        for cell in CELLS:
            cells = first.split(",")
            cells[column] = cell
            yield f"cell {column} = {cell[:12]!r}", _holding("\n".join([header, ",".join(cells), *lines]).encode())
    yield "a cell more", _holding("\n".join([header, f"{first},1", *lines]).encode())
    yield "no header", _holding("\n".join([first, *lines]).encode())
    yield "another column", _holding("\n".join([f"{header},more", first, *lines]).encode())
