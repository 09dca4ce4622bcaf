"""No secret of a URL is shown, however odd it is, alone or in the middle of a sentence."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.core.url_secrets import hide_secrets, quotes_secret, without_secrets

SCHEMES = st.sampled_from(
    ["s3", "S3", "gs", "abfs", "az", "http", "HTTPS", "ftp", "sftp", "webhdfs", "file", "git+ssh"]
)
PLAIN = st.text("QXZ", min_size=1, max_size=5)
"""Letters that stand nowhere but in secrets."""
ODD = st.text("QXZ/@:#?%&= '\"+;,\t", max_size=12).filter(lambda secret: not re.search("::|:/", secret))
HOSTS = st.sampled_from(["bucket", "host.example.org:9000", "[::1]:80", "a-b", ""])
PATHS = st.text("abc/*.- é", max_size=12).map(lambda path: f"/{path}")

NO_SPACES = PATHS.map(lambda path: path.replace(" ", ""))


@st.composite
def urls(draw: st.DrawFn, paths: st.SearchStrategy[str] = PATHS) -> str:
    """Return a URL with secrets in one or several places."""
    user = draw(PLAIN | st.just(""))
    password = draw(st.just("") | st.builds("{}{}{}".format, PLAIN, ODD, PLAIN))
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    query = draw(st.sampled_from(["", "?sig={}", "?{}", "?a=b&token={}", "#{}", "?sig={}#{}", "%3Fsig={}"]))
    secret = draw(st.builds("{}{}".format, PLAIN, st.text("QXZ%&=+;/?#:@'\"", max_size=8)))
    assume("@" not in secret or login)
    url = f"{draw(SCHEMES)}://{login}{draw(HOSTS)}{draw(paths)}{query.replace('{}', secret)}"
    assume(not re.search("[A-Za-z]{2}:/", url.partition("://")[2]))
    return draw(st.sampled_from(["", "zip://*.jsonl::", "simplecache::"])) + url


@given(urls())
def test_nothing_of_a_secret_is_left(url: str) -> None:
    assert not set("QXZ") & set(without_secrets(url)), url


@given(urls(NO_SPACES))
def test_nor_in_a_sentence(url: str) -> None:
    """Where spaces in a password end, its `@` says; those in a path end the URL."""
    for sentence in (f"{url} cannot be read", f"404, url='{url}', at 12:30", f"<{url}>: no such file (of {url}): wait"):
        assert not set("QXZ") & set(hide_secrets(sentence)), sentence


@given(urls(NO_SPACES))
def test_nor_in_what_is_raised_or_noted(url: str) -> None:
    assert not set("QXZ") & set(str(BonepickError(f"at {url}: no"))), url


@given(urls())
def test_to_hide_twice_is_to_hide_once(url: str) -> None:
    once = without_secrets(url)
    assert without_secrets(once) == once


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/a.jsonl", None),
        ("s3://bucket/day@2024/a b.jsonl", None),
        ("https://host:9000/a.jsonl", None),
        ("zip://inside/*.jsonl::https://host/a.zip", None),
        ("file:///data/part-*/a.jsonl", None),
        ("data/a?b.jsonl", None),
        ("", None),
        ("s3://bucket/a.jsonl?X-Amz-Signature=secret", "s3://bucket/a.jsonl"),
        ("ftp://me:se/cret@host/a", "ftp://host/a"),
        ("ftp://me:12:30@[::1]:21/a", "ftp://[::1]:21/a"),
        ("https://me:secret@host/a?mail=x@y&key=secret", "https://..."),
        ("ftp://me:secret", "ftp://..."),
        ("ftp://me:secret%40host/a", "ftp://..."),
    ],
)
def test_what_is_shown(url: str, shown: str | None) -> None:
    assert without_secrets(url) == (url if shown is None else shown)


@pytest.mark.parametrize(
    "sentence",
    ["12:30:/ at", "error: rows.jsonl:3: {'a': 1}", "C:\\rows, me@host", "s3://bucket/x is a URL: copy it", "a::b @ c"],
)
def test_other_sentences_stay(sentence: str) -> None:
    assert hide_secrets(sentence) == sentence


def test_a_library_that_quotes_a_part_of_a_password() -> None:
    url = "ftp://me:se/cret@host/a?sig=abc&expires=1"
    assert quotes_secret("Port could not be cast to integer value as 'se'", url)
    assert quotes_secret("bad signature abc", url)
    assert quotes_secret("login failed (530 for me)", url)
    assert not quotes_secret("some message about the host that expires", url)


def test_a_note_loses_secrets(notes: list[str]) -> None:
    note("read from https://me:secret@host/a?sig=secret now")
    assert notes == ["read from https://host/a now"]
