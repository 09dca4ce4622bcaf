"""The guard of a running stage: DVC hashes code and params when a stage ends, so they must be what it began with."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bonepick.core import params_file
from bonepick.core.errors import BonepickError


@contextmanager
def unedited(top: Path) -> Iterator[None]:
    """Run a block, and refuse its result where the code that it ran or the params that it read were edited meanwhile.

    DVC would record the result under the edited version otherwise, and take it for up to date from then on. What is
    edited after its import and before the block, some tenths of a second, is not seen.

    Args:
        top: of the working copy that the modules come from.

    Raises:
        BonepickError: a module of the stage, or a node of `params.yaml` that it read, differs.
    """
    before = {path: _digest(path) for folder in ("bonepick", "stages") for path in (top / folder).rglob("*.py")}
    params_file.values_read.clear()
    yield
    ran = {Path(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    edited = [str(path.relative_to(top)) for path in sorted(ran & set(before)) if _digest(path) != before[path]]
    edited += [f"{node} in {params_file.PARAMS_FILE}" for node in params_file.nodes_that_changed()]
    if edited:
        raise BonepickError(
            f"{edited[0]} was edited while the stage ran, so that its result belongs to no version: run it again"
        )


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest()
