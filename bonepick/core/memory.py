"""Room for libraries of arithmetic: where the address space is limited too much, they do not fail but hang."""

import mmap
import resource

from bonepick.core.errors import BonepickError

LEAST = 512 << 20
"""Bytes of address space; what a command really needs is more, and is told by the library that gets none."""


def refuse_without_room() -> None:
    """Refuse to begin before scipy is imported, whose OpenBLAS waits for ever for memory that is not to be had.

    Raises:
        BonepickError: the limit of the address space leaves too little.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return
    try:
        mmap.mmap(-1, LEAST, prot=mmap.PROT_READ).close()
    except OSError:
        raise BonepickError(
            f"not enough memory: {LEAST >> 20} MiB and more are needed, and the limit leaves less (ulimit -v): raise it"
        ) from None
