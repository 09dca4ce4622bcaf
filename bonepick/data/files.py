"""Files, here and behind URLs: the one place that walks directories, and lists and opens what others serve."""

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BufferedReader
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from bonepick.core.errors import BonepickError
from bonepick.core.extras import what_is_missing
from bonepick.core.regular_files import refuse_irregular
from bonepick.core.url_secrets import hide_secrets, quotes_secret, without_secrets
from bonepick.core.walking import walk

QUARANTINE = "quarantine"  # beside the splits: rejected rows, with their reasons
REMOTE_BYTES = 1 << 23  # what a server is asked for at a time (s3fs would take 50 MiB)
WEB = ("http://", "https://")
URL_HINTS = {
    "FileNotFoundError": "check the URL",
    "BadZipFile": "fetch or write this archive again",
    "ImportError": "install what is missing, or copy the files here",
    "AttributeError": "a fault of fsspec on such URLs: take the part of it behind the last ::, or copy the files here",
    "PermissionError": "check the credentials, and what they allow",
    "NoCredentialsError": "log in as for the aws program, or set FSSPEC_S3_ANON=true to read a public bucket",
}


@dataclass(frozen=True)
class RemoteFile:
    """A file behind a URL, read through fsspec; stands where a `Path` stands, and can be pickled.

    Attributes:
        root: a URL of its file system, as it was given: with a password, perhaps, so messages never show it.
        path: its path in that file system.
        url: its own URL, without secrets.
    """

    root: str
    path: str
    url: str

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """Its last name: inside the archive, where it lies in one."""
        return PurePosixPath(_member(self.url)).name

    def stamp(self) -> "Stamp":
        """Return what changes when the file does.

        Raises:
            BonepickError: it is out of reach.
        """
        try:
            told = _file_system(self.root)[0].info(self.path)
        except Exception as error:  # see `find_remote_files`
            raise unreadable(self.root, error, self.url) from None
        tag = next((told[key] for key in ("ETag", "etag", "md5Hash", "LastModified", "mtime") if told.get(key)), "")
        return Stamp(int(told.get("size") or 0), str(tag).strip('"'))

    def open(self, mode: str) -> BufferedReader:
        """Open it as a stream: nothing is copied first."""
        # from the web as one answer: not every server there can begin in the middle of a file
        return self._open(mode, 0 if self.root.startswith(WEB) else REMOTE_BYTES)

    def open_anywhere(self) -> BufferedReader:
        """Open it such that any part can be asked for, where its server allows it."""
        return self._open("rb", REMOTE_BYTES)

    def _open(self, mode: str, block_bytes: int) -> BufferedReader:
        system = _file_system(self.root)[0]
        reader = BufferedReader(system.open(self.path, mode, block_size=block_bytes))
        vars(reader)["system"] = system  # an archive's own file is closed with its file system
        return reader


File = Path | RemoteFile


class Stamp(NamedTuple):
    """What tells whether a file is still the one that it was: its size, and an ETag or its time of change."""

    size: int
    tag: str


def stamp_of(file: File) -> Stamp:
    """Return the stamp of a file.

    Raises:
        BonepickError: it is behind a URL and out of reach.
    """
    if isinstance(file, RemoteFile):
        return file.stamp()
    status = file.stat()
    return Stamp(status.st_size, str(status.st_mtime_ns))


def walk_files(root: Path) -> dict[str, File]:
    """Return the files below a folder, by their paths inside it; not what is hidden or under `quarantine/`.

    Raises:
        BonepickError: folders are linked in a circle, one cannot be listed, or what lies there is no regular file.
    """
    files_inside: dict[str, File] = {}
    for folder, folders, names in walk(root, into_links=True):
        folders[:] = [name for name in folders if not name.startswith(".") and name != QUARANTINE]
        for name in folders:
            if folder.resolve().is_relative_to((folder / name).resolve()):
                raise BonepickError(f"{folder / name} links to a folder that it lies in: remove the link")
        for name in names:
            if not name.startswith("."):
                file = folder / name
                refuse_irregular(file)
                files_inside[file.relative_to(root).as_posix()] = file
    return files_inside


def find_remote_files(url: str) -> dict[str, File]:
    """Return the files below a URL like `walk_files`. The URL of one file, or a pattern at the end, will do as well.

    Raises:
        BonepickError: nothing is there, it is out of reach, or fsspec knows no such URLs.
    """
    try:
        system, path = _file_system(url)
        root = path
        paths = _find(system, path)
        if not paths:
            root, paths = _matching(system, path)
        if not paths:
            system.info(path)  # has the reason: for `find`, what it cannot list is empty
    except BonepickError:
        raise
    except Exception as error:  # its errors, and those of the libraries behind it, have no common base
        raise unreadable(url, error) from None
    shown = without_secrets(url).rstrip("/")
    if paths == [path]:  # it is there under this name, so a `?` or `#` in it begins no query, but on the web
        member = _member(shown)
        name = PurePosixPath(member if _member(url).startswith(WEB) else path).name
        return {name: RemoteFile(url, path, shown if member.endswith(name) else f"{shown}/{name}")}
    pattern = path.removeprefix(root)
    top = without_secrets(url.rstrip("/").removesuffix(pattern))  # a `?` may be the pattern's
    by_name = {path.removeprefix(root.rstrip("/") + "/"): path for path in paths}
    return {name: RemoteFile(url, path, _url_of(top, name, path)) for name, path in by_name.items() if visible(name)}


def _member(url: str) -> str:
    """Return the part of a chain of URLs that names the file itself.

    >>> _member("zip://part/a.jsonl::https://host/b.zip"), _member("simplecache::https://host/a.jsonl")
    ('zip://part/a.jsonl', 'https://host/a.jsonl')
    """
    first, _, rest = url.partition("::")
    return first if "://" in first or not rest else _member(rest)


def _url_of(top: str, name: str, path: str) -> str:
    """Return the URL of a file by its name below a folder, or below the folder that a pattern begins in."""
    first, *rest = top.split("::")
    if rest and "://" in first:  # what is inside an archive
        return "::".join([f"{first.partition('://')[0]}://{path}", *rest])
    return f"{top}/{name}"


def _file_system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    system, path = url_to_fs(url, **_patience(url))
    return system, path


def _patience(url: str) -> dict[str, Any]:
    """Return options with which what is out of reach is an error within seconds, and what takes long may."""
    if url.startswith("s3://"):  # reads that break off later, s3fs itself repeats
        return {"config_kwargs": {"retries": {"mode": "standard", "total_max_attempts": 3}}}
    if url.startswith(WEB):
        from aiohttp import ClientTimeout

        return {"client_kwargs": {"timeout": ClientTimeout(total=None, sock_connect=5, sock_read=60)}}
    return {}


def _find(system: Any, path: str) -> list[str]:
    from fsspec.implementations.local import LocalFileSystem

    if isinstance(system, LocalFileSystem):
        if Path(path).is_dir():
            return [str(file) for file in walk_files(Path(path)).values()]  # fsspec would leave out what is linked
        if os.path.lexists(path):
            refuse_irregular(Path(path))
    return list(system.find(path))


def _matching(system: Any, path: str) -> tuple[str, list[str]]:
    """Return the folder that a pattern begins in, and the files that match it or lie in a folder that does."""
    from fsspec.utils import glob_translate

    parts = path.split("/")
    # names before the pattern are taken as they are: a folder may well be called `a[1]`
    first = next((number for number, part in enumerate(parts) if "*" in part), len(parts) - 1)
    if not set("*[" if path.startswith(WEB) else "*?[") & set(parts[first]):
        return path, []
    root = "/".join(parts[:first])
    pattern = re.compile(glob_translate("/".join(parts[first:])))
    names = [entry["name"].rstrip("/") for entry in system.ls(root, detail=True)]
    tops = [name for name in names if fnmatchcase(PurePosixPath(name).name, parts[first])]
    return root, [
        file
        for top in tops
        for file in _find(system, top)
        if any(map(pattern.match, accumulate(file.removeprefix(f"{root}/").split("/"), "{}/{}".format)))
    ]


def visible(name: str) -> bool:
    """Whether a path inside a folder is neither hidden nor under `quarantine/`."""
    *folders, last = name.split("/")
    return not last.startswith(".") and not any(part.startswith(".") or part == QUARANTINE for part in folders)


def reason(error: Exception, url: str = "") -> str:
    """Return what a library's error says, on one line, for messages: secrets of URLs in it are left out.

    Args:
        error: of whatever kind.
        url: that it is about; where the error quotes its secrets as other than a URL, its kind alone is said.
    """
    kind, said = type(error).__name__, hide_secrets(" ".join(str(error).split()))
    return kind if quotes_secret(said, url) else f"{kind}: {said[:200]}"


def unreadable(url: str, error: Exception, shown: str = "") -> BonepickError:
    """Return the fault that a library's error on a URL is; `shown` is what the URL is called, where it is another."""
    if url.startswith(WEB) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # all that goes wrong there is called "not found"
    hint = what_is_missing(error) or URL_HINTS.get(
        type(error).__name__, "check the URL, the network and the credentials"
    )
    return BonepickError(f"{shown or without_secrets(url)} cannot be read ({reason(error, url)}): {hint}")
