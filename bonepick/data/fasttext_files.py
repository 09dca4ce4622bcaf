"""Files of fastText lines, ours or somebody else's: read with their labels in canonical form."""

import re
from collections.abc import Iterator
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.urls import FOR_DATASET, refuse_url
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX
from bonepick.data.labels import canonical_label
from bonepick.data.shards import SPLITS

_TOKEN_END = re.compile(r"[ \t\r\v\f\0]")  # where fastText ends a token


def holds_fasttext_files(directory: Path) -> bool:
    """Tell whether a directory is a converted dataset: `train.txt`, `valid.txt` or `test.txt` lies in it.

    Raises:
        UsageError: it is a URL.
    """
    refuse_url(directory, FOR_DATASET)
    return any((directory / f"{split}.txt").is_file() for split in SPLITS)


def read_fasttext_file(path: Path, multi_label: bool = False) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the canonical labels and the text of each line; nothing where there is no such file.

    Raises:
        BonepickError: a line is not valid UTF-8, has a label elsewhere than at its start, or, unless `multi_label`,
            not exactly one.
    """
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _parsed(line.decode().rstrip("\r\n"), multi_label)
            except (UnicodeDecodeError, BonepickError) as error:
                wanted = "labels" if multi_label else "one __label__, a space"
                raise BonepickError(f"{path}:{number}: {error}: wanted {wanted} and the text") from None


def _parsed(line: str, multi_label: bool) -> tuple[tuple[str, ...], str]:
    labels = list[str]()
    text = line
    while text.startswith(FASTTEXT_PREFIX):
        label, *rest = _TOKEN_END.split(text, maxsplit=1)
        labels.append(canonical_label(label))
        text = rest[0] if rest else ""
    if not labels and not multi_label:
        raise BonepickError(f"{shortened(line)} does not begin with {FASTTEXT_PREFIX}")
    if len(labels) > 1 and not multi_label:
        raise BonepickError(f"{shortened(line)} has more than one label")
    if any(token.startswith(FASTTEXT_PREFIX) for token in _TOKEN_END.split(text)):
        raise BonepickError(f"{shortened(line)} has a label inside its text")
    return tuple(labels), text
