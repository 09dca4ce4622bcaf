"""URLs where a path is wanted: refused, since as a path `s3://bucket/x` is a folder `s3:` here."""

import re
from pathlib import Path

from bonepick.core.errors import UsageError

FOR_OUTPUT = "write to a local folder and copy it"
FOR_DATASET = "bring its rows here first (import-hf-dataset -n {url} -o DIR)"
FOR_FILES = "copy it to a local folder and name that"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")  # a `Path` has made one slash of two


def refuse_url(path: Path | str, instead: str) -> None:
    """Refuse what is a URL and no path here.

    Args:
        path: as it was given.
        instead: what to do, with `{url}` where the URL belongs; such as `FOR_OUTPUT`.

    Raises:
        UsageError: it is a URL.

    >>> refuse_url(Path("s3://bucket/x"), FOR_OUTPUT)
    Traceback (most recent call last):
        ...
    bonepick.core.errors.UsageError: s3://bucket/x is a URL, wanted a local path: write to a local folder and copy it
    """
    if _SCHEME.match(str(path)):
        url = without_secrets(_SCHEME.sub(r"\1://", str(path), count=1))
        raise UsageError(f"{url} is a URL, wanted a local path: {instead.format(url=url)}")


def without_secrets(text: str) -> str:
    """Return a URL, or a text with URLs in it, without user names, passwords and the signatures of web addresses.

    >>> without_secrets("ftp://me:secret@host/a.jsonl"), without_secrets("https://host/a.jsonl?signature=secret")
    ('ftp://host/a.jsonl', 'https://host/a.jsonl')
    """
    return re.sub(r"(https?://[^?]*)\?[^\s'\"]*", r"\1", re.sub(r"://[^/\s]*@", "://", text))
