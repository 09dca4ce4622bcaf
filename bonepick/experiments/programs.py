"""git and DVC as programs: what they print, or their fault in one line."""

import subprocess
import sys
from shlex import join

from bonepick.core.errors import BonepickError

DVC = (sys.executable, "-m", "dvc")


def git(*words: str) -> str:
    """Run git, and return what it prints; raises `BonepickError` where it fails, as does `dvc`."""
    return _output(("git",), *words)


def dvc(*words: str) -> str:
    """Run DVC, and return what it prints."""
    return _output(DVC, *words)


def _output(program: tuple[str, ...], *words: str) -> str:
    ended = subprocess.run([*program, *words], capture_output=True, text=True, errors="replace")
    if ended.returncode:
        raise fault_of(join([program[-1], *words]), ended.stderr or ended.stdout)
    return ended.stdout


def fault_of(command: str, said: str) -> BonepickError:
    """Return the fault of a command that ended with what it said."""
    return BonepickError(f"`{command}` failed: {' '.join(said.split())[-500:]}")
