"""URLs without what may be secret in them: scheme, host and path are shown, and nothing else, whatever the scheme.

User names and passwords stand before an `@`, signatures and tokens behind a `?` or `#`. What people paste is not always
well formed, so in doubt more is left out: `scheme://...` where it cannot be told where a password ends.
"""

import re
from urllib.parse import unquote

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]+"
_WHOLE = re.compile(rf"(?:{_SCHEME}::)*{_SCHEME}:/+")  # a `Path` has made one slash of two
_CHAINED = re.compile(rf"::(?={_SCHEME}:[:/])")  # zip://inside::https://host/a.zip
_BEGIN = re.compile(rf"(?<![A-Za-z0-9+.-]){_SCHEME}:/+")
_PARTS = re.compile(rf"({_SCHEME}:/+)(.*)", re.DOTALL)
_RUN = re.compile(r"""(?:[^\s'"<>`?#]|['"<>`](?=['"<>`]*[\w%=/@:?#]))*(?:[?#]\S*)?""")  # in a sentence
_HOST = re.compile(r"(\[[^\]]*\]|[^:@\[\]]*)(:\d*)?")
_QUERY = re.compile(r"[?#]|%3[fF]|%23")


def without_secrets(url: str) -> str:
    """Return a URL, also a chained one, with scheme, host and path alone; in another text, see `hide_secrets`.

    >>> without_secrets("ftp://me:secret@host/a.jsonl"), without_secrets("S3://bucket/a.jsonl?X-Amz-Signature=secret")
    ('ftp://host/a.jsonl', 'S3://bucket/a.jsonl')
    >>> without_secrets("zip://*.jsonl::https://me:se/cr@et@host/a.zip#token"), without_secrets("ftp://me:sec?ret@host")
    ('zip://*.jsonl::https://host/a.zip', 'ftp://...')
    """
    if not _WHOLE.match(url):
        return hide_secrets(url)
    return "::".join(_bare(part) for part in _CHAINED.split(url))


def hide_secrets(text: str) -> str:
    """Return a text in which each URL is as `without_secrets` makes it.

    >>> hide_secrets("404, url='https://me:secret@host/a?token=secret', at s3://bucket/a")
    "404, url='https://host/a', at s3://bucket/a"
    """
    shown, end = "", 0
    while begin := _BEGIN.search(text, end):
        shown += text[end : begin.start()]
        end = _end(text, begin.end())
        shown += without_secrets(text[begin.start() : end])
    return shown + text[end:]


def quotes_secret(text: str, url: str) -> bool:
    """Tell whether a text about a URL quotes any word of it that `without_secrets` leaves out.

    Libraries name the parts as well: a password with a slash in it is no port for them, and they say which.

    >>> quotes_secret("Port could not be cast from 'se'", "ftp://me:se/cret@host"), quotes_secret("host", "ftp://host")
    (True, False)
    """
    names = set(re.findall(r"[?&;#]([^?&;#=]*)=", url))
    hidden = (_words(url) | _words(unquote(url))) - _words(without_secrets(url)) - names
    # short ones as whole words alone: `me` is in many a sentence
    return any(word in text if len(word) > 3 else re.search(rf"\b{re.escape(word)}\b", text) for word in hidden)


def _words(url: str) -> set[str]:
    return set(re.findall(r"[^\s:/?#@&=;,'\"]+", url))


def _end(text: str, begin: int) -> int:
    """Return where a URL ends whose host begins there: further on, if a password with spaces or quotes is in it."""
    end = _end_of_run(text, begin)
    host = re.split("[/?#]", text[begin:end])[0]
    if _HOST.fullmatch(host.rpartition("@")[2]) and ":" not in host.rpartition("@")[0]:
        return end
    following = _BEGIN.search(text, end)
    at = text.rfind("@", begin, following.start() if following else len(text))
    return max(end, _end_of_run(text, at + 1)) if at >= 0 else end


def _end_of_run(text: str, begin: int) -> int:
    run = _RUN.match(text, begin)
    return begin + len(run[0].rstrip(").:,;'\"<>`")) if run else begin


def _bare(url: str) -> str:
    parts = _PARTS.fullmatch(url)
    if not parts:  # the head of a chain: `simplecache::s3://...`
        return url
    scheme, rest = parts.groups()
    at = rest.rfind("@")
    authority = re.split("[/?#]", rest)[0]
    if at >= 0 and (":" in rest[:at] or "@" in authority):
        if _QUERY.search(rest[:at]):
            return f"{scheme}..."
        rest = rest[at + 1 :]
    elif not _HOST.fullmatch(authority):
        return f"{scheme}..."
    return scheme + _QUERY.split(rest, maxsplit=1)[0]
