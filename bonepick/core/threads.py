"""One thread for arithmetic whose result is kept: sums in another order differ in their last bits."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS, OpenMP and torch (where it is loaded) to one thread inside the block.

    Matrix products and k-means centres differ in their last bits between one thread and two, so this is what makes
    models identical on machines with other numbers of cores.
    """
    import sys

    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else 1
    with threadpool_limits(1):
        if torch:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(threads)
