"""Formats of files with rows, by the endings of their names."""

from pathlib import PurePosixPath
from typing import Literal, get_args

from bonepick.data.file_kinds import PACKINGS
from bonepick.data.shards import SUFFIXES

Format = Literal["JSONL", "Parquet", "Arrow", "CSV", "TSV"]
_TABLES: dict[str, Format] = {".parquet": "Parquet", ".pq": "Parquet", ".arrow": "Arrow", ".feather": "Arrow"}
_TEXTS: dict[str, Format] = {".csv": "CSV", ".tsv": "TSV", ".tab": "TSV"}
ENDINGS: dict[str, Format] = {
    **dict.fromkeys(SUFFIXES, "JSONL"),
    **_TABLES,
    **{ending + packing: form for ending, form in _TEXTS.items() for packing in ("", *PACKINGS)},
}
"""Ending -> what a file of that name holds; `.json` may be JSON lines or an array."""

NO_ROWS = {
    **dict.fromkeys(("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"), "metadata"),
    **dict.fromkeys(("config.json", "metadata.json", "croissant.json", "_SUCCESS"), "metadata"),
    **dict.fromkeys(("LICENSE", "LICENSE.txt", "README.txt", "README"), "documentation"),
}
"""Names of files that hold no rows, whatever they end in -> why."""

CARDS = ("README.md", "dataset.json")
"""Names of files that are read for what they say of the others."""


def ending_of(name: str) -> str:
    """Return the ending by which a file's format is known; empty where it is not.

    >>> ending_of("en/a.jsonl.zst"), ending_of("a.parquet"), ending_of("a.txt")
    ('.jsonl.zst', '.parquet', '')
    """
    last = PurePosixPath(name).name.lower()
    known = [ending for ending in ENDINGS if last.endswith(ending) and last != ending]
    return max(known, key=len, default="")


def without_ending(name: str) -> str:
    """Return the name of a file without the ending that its format is known by.

    >>> without_ending("en/a.jsonl.zst"), without_ending("A.PARQUET")
    ('en/a', 'A')
    """
    return name[: len(name) - len(ending_of(name))]


def format_of(name: str) -> Format | None:
    """Return the format that a file's name stands for."""
    return ENDINGS.get(ending_of(name))


assert set(ENDINGS.values()) == set(get_args(Format))
