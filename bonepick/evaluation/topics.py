"""Topics: what the evaluated texts are about, so that metrics can be given inside topics; see `find_topics`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.read_parquet import read_parquet, refuse_other_columns
from bonepick.core.reading import is_there, read_json

DESCRIBED_FILE = "topics.json"
ASSIGNED_FILE = "topics.parquet"
COLUMNS = {"dataset": "string", "split": "string", "row": "int64", "digest": "string", "topic": "int64"}
"""Of the latter: name -> type."""
REMEDY = "find topics again"


@dataclass(frozen=True)
class Topic:
    """One topic, for people.

    Attributes:
        topic: its number.
        words: those that are most frequent in it, beside other topics.
        train_rows: how many of the fitted training rows it has.
        examples: beginnings of the evaluated texts nearest to its centre.
    """

    topic: int
    words: list[str]
    train_rows: int
    examples: list[str]


def load_topics(folder: Path) -> list[Topic]:
    """Read what the topics are.

    Raises:
        BonepickError: there is no such file, or it is damaged.
    """
    return read_json(_topics_file(folder, DESCRIBED_FILE), list[Topic], REMEDY)


def assigned_topics(folder: Path, columns: dict[str, list[Any]]) -> list[int]:
    """Return the topic of each row of a predictions file's columns.

    Raises:
        BonepickError: the file is missing or damaged, or a row has no topic, or another text than the one whose topic
            was found.
    """
    path = _topics_file(folder, ASSIGNED_FILE)
    read = read_parquet(path, REMEDY)
    refuse_other_columns(read, COLUMNS, (), path, REMEDY)
    table = read.to_pydict()
    keys = zip(table["dataset"], table["split"], table["row"], strict=True)
    known = dict(zip(keys, zip(table["digest"], table["topic"], strict=True), strict=True))
    topics = []
    names = ("dataset", "split", "row", "digest")
    for dataset, split, row, digest in zip(*(columns[name] for name in names), strict=True):
        digest_then, topic = known.get((dataset, split, row), ("", -1))
        if topic < 0 or (digest is not None and digest != digest_then):
            raise BonepickError(
                f"{folder} has no topic for row {row} of {split}/ of {dataset}, or one of another text: "
                "find topics of the datasets that are evaluated"
            )
        topics.append(topic)
    return topics


def _topics_file(folder: Path, name: str) -> Path:
    if not is_there(folder / name):
        raise BonepickError(f"{folder} holds no topics: find them first (find-topics -o {folder})")
    return folder / name
