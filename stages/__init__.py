"""One short script per stage of `dvc.yaml`; run as `python -m stages.NAME` from the top of the repository."""

import sys
from types import TracebackType

from bonepick.core.no_memory import lack_of_memory


def _answer(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Answer Ctrl-C, and too little memory, while a script's imports run, before `at_terminal` is there to do it."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("error: interrupted: nothing was begun yet\n")
    elif sentence := lack_of_memory(error):
        sys.stderr.write(f"error: {sentence}\n")
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _answer
