"""Files of fastText lines, ours or somebody else's: read with their labels in canonical form."""

import re
from collections.abc import Iterator
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.labels import canonical_label
from bonepick.data.shards import SPLITS
from bonepick.text.fasttext_lines import FASTTEXT_PREFIX

_TOKEN_END = re.compile(r"[ \t\r\v\f\0]")  # where fastText ends a token


def holds_fasttext_files(directory: Path) -> bool:
    """Tell whether a directory is a converted dataset: `train.txt`, `valid.txt` or `test.txt` lies in it."""
    return any((directory / f"{split}.txt").is_file() for split in SPLITS)


def read_fasttext_file(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the canonical label and the text of each line; nothing where there is no such file.

    Raises:
        BonepickError: a line is not valid UTF-8, or does not have exactly one label, at its start.
    """
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _parsed(line.decode().rstrip("\r\n"))
            except (UnicodeDecodeError, BonepickError) as error:
                raise BonepickError(f"{path}:{number}: {error}: wanted one __label__, a space and the text") from None


def _parsed(line: str) -> tuple[str, str]:
    label, *rest = _TOKEN_END.split(line, maxsplit=1)
    text = rest[0] if rest else ""
    if not label.startswith(FASTTEXT_PREFIX):
        raise BonepickError(f"{shortened(line)} does not begin with {FASTTEXT_PREFIX}")
    if any(token.startswith(FASTTEXT_PREFIX) for token in _TOKEN_END.split(text)):
        raise BonepickError(f"{shortened(line)} has more than one label")
    return canonical_label(label), text
