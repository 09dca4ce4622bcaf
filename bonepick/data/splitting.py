"""Splits by hash: a row's split derives from the seed and its group alone."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import UsageError
from bonepick.core.params import Fault

Amount = Annotated[float, Meta(ge=0, lt=2**63)]
"""How many rows a split gets: below 1 a share, from 1 on a count."""


def amount_faults(test: float, valid: float) -> Iterator[Fault]:
    """Yield what is wrong with the amounts `test_split` and `valid_split` by themselves.

    >>> [str(fault) for fault in amount_faults(0.95, 0.1)]
    ['test_split 0.95 and valid_split 0.1 leave no training rows']
    """
    for field, amount in {"test_split": test, "valid_split": valid}.items():
        if amount >= 1 and amount != int(amount):
            yield Fault(field, f"{field} {amount:g}: wanted a share below 1, or a whole number of rows")
    if valid < 1 and valid > _share_left(test) - 1e-9:
        yield Fault("test_split", f"test_split {test} and valid_split {valid} leave no training rows")


def _share_left(test: float) -> float:
    return 1 - (test if test < 1 else 0)


def make_splitter(
    seed: int, test: float, valid: float, groups: Callable[[], Iterable[str]] = tuple
) -> Callable[[str], str]:
    """Return the function group -> `train`, `valid` or `test`.

    Args:
        seed: of the hash.
        test, valid: below 1 a share of all groups; from 1 on a count of rows, filled with whole groups in the order
            of their hash, up to at most that many.
        groups: yields the group of every row; called only where a count is given.

    Raises:
        UsageError: the amounts leave no training rows, or are of a part of a row.

    >>> split = make_splitter(42, test=0.5, valid=0.0)
    >>> [split(host) for host in ("a.org", "b.org", "c.org", "d.org")]
    ['train', 'train', 'train', 'test']
    """
    for fault in amount_faults(test, valid):
        raise UsageError(str(fault))
    in_test = _chooser(seed, "test", test, groups)

    def outside_test() -> Iterable[str]:
        return (group for group in groups() if not in_test(group))

    in_valid = _chooser(seed, "valid", valid / _share_left(test) if valid < 1 else valid, outside_test)
    return lambda group: "test" if in_test(group) else "valid" if in_valid(group) else "train"


def _chooser(seed: int, split: str, amount: float, groups: Callable[[], Iterable[str]]) -> Callable[[str], bool]:
    if not amount:  # a hash of every text saved
        return lambda group: False
    if amount < 1:
        return lambda group: stable_hash(seed, split, group) < amount * 2**64
    import numpy as np

    hashes = np.fromiter((stable_hash(seed, split, group) for group in groups()), np.uint64)
    chosen = set[int]()
    room = int(amount)
    values, sizes = np.unique(hashes, return_counts=True)  # 16 bytes a row; a Counter takes 150
    for value, size in zip(values, sizes, strict=True):
        if size <= room:
            chosen.add(int(value))
            room -= int(size)
        if not room:
            break
    if chosen and len(chosen) == len(values):
        raise UsageError(f"{split}_split {amount:g} takes all {len(hashes)} rows: it leaves no training rows")
    return lambda group: stable_hash(seed, split, group) in chosen


def stable_hash(seed: int, *parts: str | bytes) -> int:
    """Return a 64-bit hash of the seed and some strings: the same on every machine, in every process.

    >>> stable_hash(42, "a") == stable_hash(42, "a"), stable_hash(42, "a") == stable_hash(43, "a")
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=8, key=seed.to_bytes(8, "big"))
    for part in parts:
        raw = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return int.from_bytes(digest.digest(), "big")
