"""A full disk, and a place that cannot be written: one clear line, and nothing left of the attempt."""

import ctypes
import os
import resource
from collections.abc import Callable
from pathlib import Path

from tests.faults.running import End, Running, fault, names, write_rows

Start, Run = Callable[..., Running], Callable[..., End]
LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec there should be little to do
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def limited_to(size: int) -> Callable[[], None]:
    """Let no file grow beyond that: it fails in the middle of a write, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk(tmp_path: Path, writer: list[str], start: Start) -> None:
    # fastText's model is cut, not the lines that it is trained on
    limit = limited_to(300_000 if "train-fasttext" in writer else 3_000)
    target = tmp_path / "full" / "out"
    line = fault(start(*writer, "-o", target, "-p", 2, preexec_fn=limit).ended())
    assert line.startswith(f"error: {target.parent}"), "which disk"
    assert "File too large" in line
    assert names(target.parent) == []


def test_a_full_disk_while_workers_are_busy(tmp_path: Path, start: Start) -> None:
    """The write fails with many blocks still to come: the workers have to go as well."""
    write_rows(tmp_path / "rows", 8_000)
    target = tmp_path / "full" / "out"
    words = ["sample-dataset", "--rate", 0.9, "-i", tmp_path / "rows", "-o", target, "-p", 3]
    running = start(*words, preexec_fn=limited_to(50_000))
    assert "File too large" in fault(running.ended())
    running.gone()
    assert names(target.parent) == []


def test_a_parent_that_is_a_file(tmp_path: Path, writer: list[str], bonepick: Run) -> None:
    (tmp_path / "file").write_text("precious")
    ended = bonepick(*writer, "-o", tmp_path / "file" / "out", "--quiet")
    assert fault(ended).startswith(f"error: {tmp_path / 'file'}")
    assert (names(tmp_path), (tmp_path / "file").read_text()) == (["file"], "precious")


def obey_modes() -> None:
    """Let a folder's mode bind root as well, who without this capability is a user like any other."""
    if os.geteuid() == 0:
        assert LIBC.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0


def test_a_parent_that_is_read_only(tmp_path: Path, writer: list[str], start: Start) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o555)
    try:
        line = fault(start(*writer, "-o", folder / "out", preexec_fn=obey_modes).ended())
    finally:
        folder.chmod(0o755)
    assert line.startswith(f"error: {folder}/")
    assert line.endswith(": Permission denied")
    assert names(folder) == []
