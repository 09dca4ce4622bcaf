"""What is secret in the URL of a source is in no message, note, log or file, whatever the scheme, whoever says it."""

import logging
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

SECRET = "QXZQXZ"
NOWHERE = "127.0.0.1:9"
Tree = Callable[[Path], dict[str, bytes]]

URLS = [
    f"ftp://me:{SECRET}@{NOWHERE}/a.jsonl",
    f"ftp://me:{SECRET}/b@{NOWHERE}/a.jsonl",
    f"HTTPS://me:{SECRET}@{NOWHERE}/a.jsonl",
    f"https://{NOWHERE}/a.jsonl?sig={SECRET}",
    f"http://{NOWHERE}/a.jsonl#{SECRET}",
    f"http://me:{SECRET}:b@{NOWHERE}/a.jsonl",
    f"https://me:{SECRET}%40{NOWHERE}/a.jsonl",
    f"s3://key:{SECRET}@bucket/a.jsonl",
    f"s3://bucket/a_b/a.jsonl?X-Amz-Signature={SECRET}",
    f"abfs://container@account/a.jsonl?sig={SECRET}",
    f"gs://bucket/a.jsonl?token={SECRET}",
    f"zip://*.jsonl::https://me:{SECRET}@{NOWHERE}/a.zip?sig={SECRET}",
    f"file:///nowhere/a.jsonl?sig={SECRET}",
    f"memory://x/a?sig={SECRET}",
    f"webhdfs://me:{SECRET}@{NOWHERE}/a?delegation={SECRET}",
    f"gopher://me:{SECRET}@host",
]


@pytest.mark.parametrize("source", ["auto", "hf"])
@pytest.mark.parametrize("url", URLS)
def test_a_source_that_cannot_be_read(
    tmp_path: Path,
    url: str,
    source: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    notes: list[str],
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("bonepick.preparation.importing.hub.HUB_SECONDS", 0.1)
    with pytest.raises(BonepickError) as caught:
        import_dataset(ImportParams(name=url, source=source), tmp_path / "out", RowParams())  # type: ignore[arg-type]
    said = [str(caught.value), repr(caught.value), *notes, *capfd.readouterr()]
    assert not any(SECRET in each for each in said)
    assert caught.value.__suppress_context__, "else a traceback shows what the library said"


class _Web(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a server of `tmp_path`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Web, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_source_that_is_read(
    tmp_path: Path,
    web: str,
    tree: Tree,
    notes: list[str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{"text": "two"}\nno row\n')
    url = f"http://{web}/a.jsonl?sig={SECRET}#{SECRET}"
    params = ImportParams(name=url, revision="main", test_split=0.5)
    import_dataset(params, tmp_path / "out", RowParams(on_error="quarantine"))
    written = tree(tmp_path / "out")
    assert b'"a.jsonl"' in written["dataset.json"]
    assert notes, "of the revision that is ignored, and of the row"
    said = "".join([*notes, caplog.text, *capfd.readouterr()])
    assert SECRET not in said
    assert not any(SECRET.encode() in content for content in written.values())
