"""Rows from files behind a URL."""

import re
from pathlib import Path, PurePosixPath

from bonepick.core.url_secrets import without_secrets
from bonepick.data.files import find_remote_files
from bonepick.preparation.importing.account import Account, account_of, no_rows
from bonepick.preparation.importing.splits import SplitChoice


def url_account(url: str, choice: SplitChoice) -> Account:
    """Return the account of the files below a URL (see `find_remote_files`), which are read where they lie.

    Raises:
        BonepickError: it cannot be read, or holds no files of rows; or see `account_of`.
    """
    where = without_secrets(url)
    account = account_of(where, find_remote_files(url), choice)
    if not account.splits:
        raise no_rows(where, account)
    return account


def url_name(url: str) -> str:
    """Return what is written down of a URL: the last name in it that is no pattern; the rest can hold a password.

    >>> url_name("s3://me:secret@bucket/corpus/part-*/*.jsonl"), url_name("https://host/a.jsonl?signature=secret")
    ('corpus', 'a.jsonl')
    """
    shown = without_secrets(url).rpartition("::")[2]  # of a chained URL, what it is all in
    return PurePosixPath(re.sub(r"/[^/*]*\*.*", "", shown)).name


def local_part(url: str) -> Path | None:
    """Return what a URL names on this machine's disk, None where it names nothing there.

    >>> local_part("file:///data/part-*/a.jsonl"), local_part("s3://bucket/corpus")
    (PosixPath('/data/part-'), None)
    """
    return Path(url.removeprefix("file://").partition("*")[0]) if url.startswith("file://") else None
