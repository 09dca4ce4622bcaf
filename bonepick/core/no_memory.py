"""What to say where memory is lacking; nothing is imported here, so that it can be said while all else is."""

from collections.abc import Iterator

SIGNS = (
    *("can't start new thread", "failed to map segment", "allocate memory", "std::bad_alloc"),
    "Allocation error",
)
"""What libraries say that get no memory, or no thread."""


def lack_of_memory(error: BaseException) -> str:
    """Return what to say of a fault that comes of too little memory, by itself or by its causes; empty for any other.

    >>> lack_of_memory(MemoryError()), lack_of_memory(ValueError("no number"))
    ('not enough memory: free some, or raise the limit (ulimit -v)', '')
    """
    causes = list(_causes(error))
    # an interpreter that gets no memory for an exception raises the second
    if any(isinstance(cause, MemoryError | SystemError) for cause in causes):
        return "not enough memory: free some, or raise the limit (ulimit -v)"
    if sign := next((sign for sign in SIGNS for cause in causes if sign in str(cause)), ""):
        return f"not enough memory or processes ({sign}): free some, or raise the limits (ulimit -v, ulimit -u)"
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield a fault and what it came from: an import that fails is one of other imports."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
