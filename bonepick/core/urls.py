"""URLs where a path is wanted: refused, since as a path `s3://bucket/x` is a folder `s3:` here."""

import re
from pathlib import Path

from bonepick.core.errors import UsageError
from bonepick.core.url_secrets import without_secrets as without_secrets

FOR_OUTPUT = "write to a local folder and copy it"
FOR_DATASET = "bring its rows here first (import-hf-dataset -n {url} -o DIR)"
FOR_FILES = "copy it to a local folder and name that"
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+::?)+/")
_SLASHES = re.compile(r"(?:^|(?<=::))([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")  # a `Path` has made one of two or three


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
    if _URL.match(str(path)):
        url = without_secrets(_SLASHES.sub(_with_slashes, str(path)))
        raise UsageError(f"{url} is a URL, wanted a local path: {instead.format(url=url)}")


def _with_slashes(scheme: re.Match[str]) -> str:
    """Return the beginning of a URL as it was most likely given: one of a file names no host."""
    return f"{scheme[1]}://" + "/" * (scheme[1].lower() == "file")
