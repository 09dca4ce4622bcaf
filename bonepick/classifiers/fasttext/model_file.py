"""fastText's model file, checked before the library reads it.

The library believes every size that stands in the file: a damaged or crafted one crashes the process, takes gigabytes
or keeps it busy for ever. Here each is held against the others and against what the file holds.
"""

import mmap
import re
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bonepick.classifiers.fasttext.model_bytes import Cursor, ModelFileError, mapped
from bonepick.classifiers.fasttext.model_matrices import check_matrix
from bonepick.core.errors import BonepickError, shortened

MAGIC = 793712314
VERSIONS = (11, 12)
SUPERVISED = 3
HIERARCHICAL = 1
LOSSES = range(1, 5)
NGRAMS = range(1_001)
"""Longest n-gram of words or characters: beyond this a text takes hours, and the library takes -1 for no bound."""
MOST_WORK = 10**10
"""Bytes that the library may hash to make the character n-grams of its words: some ten seconds."""
MOST_COUNT = 10**15
"""The tree of the hierarchical softmax takes this for infinity."""


class Settings(NamedTuple):
    """What training was told, as it stands behind magic number and version."""

    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    lr_update_rate: int
    t: float


class Dictionary(NamedTuple):
    """How many words there are and, in a pruned model, n-grams (else -1); and the labels."""

    words: int
    pruned: int
    labels: list[str]


def labels_in(path: Path) -> list[str]:
    """Return the labels of a supervised model as its file spells them, after all sizes in it were checked.

    Raises:
        BonepickError: it is no such file, or what it says of its sizes does not fit together.
    """
    try:
        with path.open("rb") as stream, mapped(stream.fileno()) as data:
            return _checked_labels(data)
    except ModelFileError as fault:
        raise BonepickError(
            f"{path} cannot be used as a fastText classifier: {fault}; fetch or train the model again"
        ) from None


def _checked_labels(data: mmap.mmap) -> list[str]:
    file = Cursor(data)
    settings = _settings(file)
    dictionary = _dictionary(file, settings)
    ngrams = settings.bucket if dictionary.pruned < 0 else dictionary.pruned
    file.part = "input matrix"
    quantized = file.flag()
    if dictionary.pruned >= 0 and not quantized:
        raise ModelFileError("it is pruned but not quantized")
    check_matrix(file, dictionary.words + ngrams, settings.dim, quantized)
    file.part = "output matrix"
    quantized_output = file.flag()
    check_matrix(file, len(dictionary.labels), settings.dim, quantized and quantized_output)
    if rest := len(data) - file.at:
        raise ModelFileError(f"{rest:,} bytes follow its last matrix")
    return dictionary.labels


def _settings(file: Cursor) -> Settings:
    if len(file.data) < struct.calcsize("<14id") or file.take("<i") != (MAGIC,):
        raise ModelFileError(f"it begins with {shortened(file.data[:24])}, not as fastText's models do")
    (version,) = file.take("<i")
    if version not in VERSIONS:
        raise ModelFileError(f"its version is {version}, wanted {VERSIONS[0]} or {VERSIONS[1]}")
    settings = Settings(*file.take("<12id"))
    if settings.model != SUPERVISED:
        raise ModelFileError("it is not supervised (word vectors have no labels)")
    if version == VERSIONS[0]:
        settings = settings._replace(maxn=0)  # as the library does
    hashes = settings.word_ngrams > 1 or settings.maxn > 0
    for name, wrong in (
        ("dim", settings.dim < 1),
        ("loss", settings.loss not in LOSSES),
        ("word_ngrams", settings.word_ngrams not in NGRAMS),
        ("maxn", settings.maxn not in NGRAMS),
        ("bucket", settings.bucket < int(hashes)),
    ):
        if wrong:
            raise ModelFileError(f"its {name} is {getattr(settings, name)}")
    return settings


def _dictionary(file: Cursor, settings: Settings) -> Dictionary:
    file.part = "dictionary"
    size, n_words, n_labels, _, pruned = file.take("<iiiqq")
    if n_words < 0 or n_labels < 1 or size != n_words + n_labels or pruned < -1:
        raise ModelFileError(
            f"its dictionary has {n_words:,} words, {n_labels:,} labels, {size:,} entries, {pruned:,} n-grams"
        )
    start = file.at
    file.skip(10 * size)  # at least, so that the counts below are bounded
    words = re.compile(rb"(?:[^\0]*+\0.{8}\0){%d}+" % n_words, re.DOTALL).match(file.data, start)
    if not words:
        raise ModelFileError("its dictionary is cut or damaged")
    _refuse_long_work(file.data, words.span(), settings, n_words)
    file.at = words.end()
    labels = [_label(file, settings.loss) for _ in range(n_labels)]
    if pruned > 0:
        _pruned(file, pruned)
    return Dictionary(n_words, pruned, labels)


def _label(file: Cursor, loss: int) -> str:
    end = file.data.find(b"\0", file.at)
    if end < 0:
        raise ModelFileError("its dictionary is cut or damaged")
    raw = file.data[file.at : end]
    file.at = end + 1
    count, kind = file.take("<qb")
    try:
        label = raw.decode()
    except UnicodeDecodeError:
        raise ModelFileError(f"its label {shortened(raw)} is not valid UTF-8") from None
    if kind != 1 or (loss == HIERARCHICAL and not 0 < count < MOST_COUNT):
        raise ModelFileError(f"its label {shortened(label)} has kind {kind} and occurs {count:,} times")
    return label


def _pruned(file: Cursor, n_ngrams: int) -> None:
    start = file.at
    file.skip(8 * n_ngrams)
    rows = np.frombuffer(file.data[start : file.at], "<i4")[1::2]
    if rows.min() < 0 or rows.max() >= n_ngrams:
        raise ModelFileError("its n-grams point out of its input matrix")


def _refuse_long_work(data: mmap.mmap, span: tuple[int, int], settings: Settings, n_words: int) -> None:
    """Refuse words whose character n-grams would take for ever: each is hashed from its beginning."""
    longest = settings.maxn
    if longest < 1 or (span[1] - span[0] - 8 * n_words) * longest**2 <= MOST_WORK:
        return
    lengths = (len(word[1]) + 2 for word in re.compile(rb"([^\0]*+)\0.{9}", re.DOTALL).finditer(data, *span))
    if sum(length * min(length, longest) ** 2 for length in lengths) > MOST_WORK:
        raise ModelFileError(
            f"its words have too many character n-grams (maxn is {longest}): loading it would take hours"
        )
