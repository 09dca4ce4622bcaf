"""A `tokenizer.json` that may be somebody else's: held to bounds, and tried elsewhere, before the library takes it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from bonepick.core.errors import BonepickError
from bonepick.core.reading import damaged, decoded, read_bytes
from bonepick.text.growth import growth

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_BYTES = 256 << 20
MAX_GROWTH = 100
"""Characters that a character of a text may become."""
SECONDS = 15
TRIAL = """
import resource, sys
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
limit = 2 << 30
resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
from tokenizers import Tokenizer
try:
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    runs = [letter * 500 + end for letter in "a0 .\\n-é漢" for end in ("", "!b", "\\x00")]
    tokenizer.encode_batch_fast([*runs, " ".join(runs), "It's 1,234.5 words; no more!\\n" * 50])
except BaseException as error:
    print(f"{type(error).__name__}: {error}")
"""


class _Added(msgspec.Struct):
    content: Annotated[str, Meta(max_length=1_000)]  # the time that they take grows with the square


class _File(msgspec.Struct):
    model: dict[str, msgspec.Raw]
    normalizer: dict[str, Any] | None = None
    pre_tokenizer: dict[str, Any] | None = None
    added_tokens: list[_Added] = []


def read_tokenizer(path: Path, remedy: str) -> "Tokenizer":
    """Return the tokenizer in a file.

    Args:
        path: the file.
        remedy: what to do where it cannot be read.

    Raises:
        BonepickError: there is no such file, it is no tokenizer, it makes texts much longer, or fails on simple ones.
    """
    from tokenizers import Tokenizer

    data = read_bytes(path, remedy, MAX_BYTES)
    content = decoded(data, _File, path, remedy)
    try:
        if (longer := growth(content.normalizer)) > MAX_GROWTH:
            raise damaged(path, f"its normalizer can make a text {longer:.3g} times as long", remedy)
    except ValueError as error:
        raise damaged(path, f"its normalizer: {error}", remedy) from None
    parts = _parts([content.normalizer, content.pre_tokenizer])
    if any(part.keys() & {"Regex", "precompiled_charsmap"} for part in parts):
        _try_elsewhere(path, remedy)
    try:
        return Tokenizer.from_str(data.decode())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library raises Exception itself, and a panic is none
        raise damaged(path, f"it is no tokenizer: {error}", remedy) from None


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]  # no recursion: it may be nested as deeply as JSON can be
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _try_elsewhere(path: Path, remedy: str) -> None:
    """Try a tokenizer whose expressions may panic, or take for ever, in a process of its own.

    Not in a worker of `core.parallel`: those import the main module again, which a script may not be made for.
    """
    command = [sys.executable, "-P", "-c", TRIAL, str(path.absolute())]
    try:
        # stderr is where a panic prints
        ended = subprocess.run(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise BonepickError(f"{path} takes more than {SECONDS} s for a few short texts: {remedy}") from None
    said = ended.stdout.decode(errors="replace")
    if said or ended.returncode:
        raise damaged(path, said or f"its process ended with {ended.returncode}", remedy)
