"""What every script in `stages/` does first: read its arguments, and refuse what would make its result untrue."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bonepick.core.errors import UsageError
from bonepick.core.parallel import worker_count
from bonepick.core.run import Run
from bonepick.terminal import at_terminal
from stages.running.checked import found_right
from stages.running.guard import unedited

NAMES = ("--dataset", "--kind", "--corpus")
"""Flags whose values are keys of `params.yaml`."""


def run_stage(main: Callable[[argparse.Namespace, Run], None], *flags: tuple[str, ...]) -> None:
    """Parse the stage's flags, check `params.yaml` as a whole, and run `main`; what is at the output is replaced.

    Args:
        main: gets the flags' values, and how to run.
        flags: names of each, such as `("-o", "--output-dir")`; all are required, and all but `NAMES` are
            paths.

    Raises:
        SystemExit: with 1 or 2 and one line on stderr for each fault.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    for names in flags:
        parser.add_argument(*names, required=True, type=str if names[0] in NAMES else Path)
    arguments = parser.parse_args()
    with at_terminal():
        refuse_other_working_copy()
        _refuse_wrong_params()
        with unedited(Path.cwd()):
            main(arguments, Run(worker_count(), overwrite=True))


def refuse_other_working_copy() -> None:
    """Refuse to run where `bonepick` was imported from outside the current folder.

    `dvc exp run --queue` and `--temp` run stages in a copy of the repository; with an editable install, code of the
    main copy would run there unseen, and its results would enter the run cache under the wrong name.
    """
    code = Path(__file__).resolve().parents[2]
    if code != Path.cwd().resolve():
        raise UsageError(f"bonepick was imported from {code}, not from {Path.cwd()}: run `python -m stages.NAME` there")


def _refuse_wrong_params() -> None:
    if found_right():
        return
    # in a process of its own: what it imports, the params of all operations, is none of what this stage depends on
    checked = subprocess.run([sys.executable, "-m", "stages.running.check_params"])
    if checked.returncode:
        raise SystemExit(checked.returncode)
