"""Files of fastText lines, ours or somebody else's: read like shards, with their labels in canonical form."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.params import OnError
from bonepick.core.progress import note
from bonepick.core.urls import FOR_DATASET, refuse_url
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX, TOKEN_ENDS
from bonepick.data.file_kinds import TO_UTF8
from bonepick.data.labels import canonical_label
from bonepick.data.origins import UNKNOWN, Origin, each_origin
from bonepick.data.row_loop import BlockResult, RowLoop, each_block
from bonepick.data.shards import SPLITS, Shard

_TOKEN_END = re.compile(f"[{TOKEN_ENDS}]")
_LABEL = re.compile(f"[{TOKEN_ENDS}]*({FASTTEXT_PREFIX}[^{TOKEN_ENDS}]*)")
_OTHER_PREFIX = re.compile(r"__[^\W_]+__")


class LabelledText(NamedTuple):
    """What a line says: its canonical labels, each once, and the text behind them; and where it is from."""

    labels: tuple[str, ...]
    text: str
    origin: Origin = UNKNOWN


def holds_fasttext_files(directory: Path) -> bool:
    """Tell whether a directory is a converted dataset: `train.txt`, `valid.txt` or `test.txt` lies in it.

    Raises:
        UsageError: it is a URL.
    """
    refuse_url(directory, FOR_DATASET)
    return any(os.path.lexists(directory / f"{split}.txt") for split in SPLITS)


def line_blocks(
    directory: Path, split: str, multi_label: bool, on_error: OnError
) -> Iterator[BlockResult[LabelledText]]:
    """Read the lines of a split block by block; nothing where it has no file. Blank lines are no rows.

    A file beside may say where they are from: see `each_origin`, whose faults are raised too.

    Raises:
        BonepickError: `on_error` is `fail`, and a line is not valid UTF-8, has a label elsewhere than at its start, or,
            unless `multi_label`, not exactly one.
    """
    path = directory / f"{split}.txt"
    if not os.path.lexists(path):
        return
    labelled = False
    first = ""
    origins = enumerate(each_origin(path), 1)
    shards = [Shard(path, split, split)]
    # in this process: to hand a line to another takes longer than to read it
    loop = RowLoop(_ReadLine(multi_label), on_error, _decode_line)
    for block in each_block(shards, loop, 1, f"read {path}"):
        block.items = [*_with_origins(block, origins)]
        labelled = labelled or any(item.labels for item in block.items)
        first = first or next((item.text for item in block.items), "")
        yield block
    if first and not labelled:
        note(f"no line of {path} begins with {FASTTEXT_PREFIX}{_hint(first)}: none has a label")


def _with_origins(block: BlockResult[LabelledText], origins: Iterator[tuple[int, Origin]]) -> Iterator[LabelledText]:
    """Yield the lines of a block; those that are blank or rejected have origins too, which are passed over."""
    for wanted, item in zip(block.lines, block.items, strict=True):
        yield item._replace(origin=next(origin for number, origin in origins if number == wanted))


def _decode_line(raw: bytes) -> str:
    try:
        return raw.decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise BonepickError(
            f"not valid UTF-8 (byte {raw[error.start]:#x} at {error.start}): {shortened(raw)}: {TO_UTF8}"
        ) from None


@dataclass(frozen=True)
class _ReadLine:
    """One line as its labels and its text."""

    multi_label: bool

    def __call__(self, line: str, raw: bytes) -> LabelledText:
        try:
            return self._parsed(line)
        except BonepickError as error:
            wanted = "labels" if self.multi_label else f"one {FASTTEXT_PREFIX}, a space"
            raise BonepickError(f"{error}: wanted {wanted} and the text") from None

    def _parsed(self, line: str) -> LabelledText:
        labels: dict[str, None] = {}
        end = 0
        while found := _LABEL.match(line, end):
            labels[canonical_label(found[1])] = None
            end = found.end()
        text = line[end + 1 :] if labels else line
        if not labels and not self.multi_label:
            raise BonepickError(f"{shortened(line)} does not begin with {FASTTEXT_PREFIX}{_hint(line)}")
        if len(labels) > 1 and not self.multi_label:
            raise BonepickError(f"{shortened(line)} has more than one label (--multi-label takes several)")
        if FASTTEXT_PREFIX in text and any(token.startswith(FASTTEXT_PREFIX) for token in _TOKEN_END.split(text)):
            raise BonepickError(f"{shortened(line)} has a label inside its text")
        return LabelledText(tuple(labels), text)


def _hint(line: str) -> str:
    if found := _OTHER_PREFIX.match(line):
        return f" (if {found[0]} is the label prefix, sed 's/^{found[0]}/{FASTTEXT_PREFIX}/' changes it)"
    return ""
