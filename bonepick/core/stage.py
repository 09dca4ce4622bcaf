"""What every script in `stages/` needs: its arguments, and the guards that its result is that of its working copy."""

import argparse
from collections.abc import Callable
from pathlib import Path

from bonepick.core.errors import UsageError
from bonepick.core.guard import unedited
from bonepick.core.params import PARAMS_FILE, read_node
from bonepick.core.terminal import at_terminal


def run_stage(main: Callable[[argparse.Namespace], None], *flags: tuple[str, ...]) -> None:
    """Parse the stage's flags and run `main` with them as paths.

    All flags are required: `("-o", "--output-dir")`, or `("-m", "--model-dirs", "+")` for one path or more.

    Raises:
        SystemExit: with 1 or 2 and one line on stderr where something is wrong.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    for flag in flags:
        names, several = [name for name in flag if name != "+"], "+" if "+" in flag else None
        parser.add_argument(*names, required=True, type=Path, nargs=several)
    arguments = parser.parse_args()
    with at_terminal():
        refuse_other_working_copy()
        with unedited(Path.cwd()):
            main(arguments)


def refuse_other_working_copy() -> None:
    """Refuse to run where `bonepick` was imported from outside the current folder.

    `dvc exp run --queue` and `--temp` run stages in a copy of the repository; with an editable install, code of the
    main copy would run there unseen, and its results would enter the run cache under the wrong name.
    """
    code = Path(__file__).resolve().parents[2]
    if code != Path.cwd().resolve():
        raise UsageError(f"bonepick was imported from {code}, not from {Path.cwd()}: run `python -m stages.NAME` there")


def dataset_dirs(root: Path) -> list[Path]:
    """Return the folders of the datasets that `params.yaml` names, in its order.

    Raises:
        UsageError: there are other folders beside them, which would silently be part of the stage's input.
    """
    names = [str(name) for name in read_node("datasets")]
    if strangers := sorted(path.name for path in root.glob("[!.]*") if path.is_dir() and path.name not in names):
        raise UsageError(
            f"{root / strangers[0]} belongs to no dataset of {PARAMS_FILE}: "
            f"remove it (data/*/{strangers[0]}), or name it there"
        )
    return [root / name for name in names]
