"""Mount points: folders to which no other folder can be renamed, as outputs are when all the work is done."""

import os
import re
from pathlib import Path

from bonepick.core.errors import BonepickError

MOUNTS = Path("/proc/self/mountinfo")
"""Linux alone has it; of folders bound to others of the same disk nothing else tells."""


def refuse_mount_point(target: Path) -> None:
    """Refuse an output at which something is mounted.

    Raises:
        BonepickError: there is.
    """
    where = target.resolve()
    if where.is_dir() and (os.path.ismount(where) or os.fsencode(where) in _mounted()):
        raise BonepickError(f"output {target} is a mount point, which cannot be replaced: choose a folder in it")


def _mounted() -> set[bytes]:
    try:
        lines = MOUNTS.read_bytes().splitlines()
    except OSError:
        return set()
    return {re.sub(rb"\\(\d{3})", lambda octal: bytes([int(octal[1], 8)]), line.split()[4]) for line in lines}
