"""Topics: what the evaluated texts are about, so that metrics can be given inside topics; see `find_topics`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError

DESCRIBED_FILE = "topics.json"
ASSIGNED_FILE = "topics.parquet"


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
    if not (folder / DESCRIBED_FILE).is_file():
        raise _no_topics(folder)
    try:
        return msgspec.json.decode((folder / DESCRIBED_FILE).read_bytes(), type=list[Topic])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(folder / DESCRIBED_FILE, error) from None


def assigned_topics(folder: Path, columns: dict[str, list[Any]]) -> list[int]:
    """Return the topic of each row of a predictions file's columns.

    Raises:
        BonepickError: the file is missing or damaged, or a row has no topic, or another text than the one whose topic
            was found.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not (folder / ASSIGNED_FILE).is_file():
        raise _no_topics(folder)
    try:
        table = pq.read_table(folder / ASSIGNED_FILE).to_pydict()
    except pa.ArrowInvalid as error:
        raise _damaged(folder / ASSIGNED_FILE, error) from None
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


def _no_topics(folder: Path) -> BonepickError:
    return BonepickError(f"{folder} holds no topics: find them first (find-topics -o {folder})")


def _damaged(file: Path, error: Exception) -> BonepickError:
    return BonepickError(f"{file} is damaged ({' '.join(str(error).split())}): find topics again")
