"""Evaluations of another commit, branch or experiment of this repository, out of git and DVC's cache."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bonepick.core.errors import BonepickError

EVALS = "evals"


@contextmanager
def evaluations_of(runs: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Yield name -> folder of evaluations, for as long as they are needed.

    Args:
        runs: each a folder, or what names a revision in git or DVC: `HEAD`, a branch, an experiment.

    Raises:
        BonepickError: one is neither, or DVC's cache lacks its evaluations; or both are the same.
    """
    if len(set(runs)) < len(runs):
        raise BonepickError(f"{runs[0]} is named twice: wanted two runs, or one whose models are compared")
    with TemporaryDirectory() as scratch:
        folders = {}
        for number, run in enumerate(runs):
            folders[run] = Path(run) if Path(run).is_dir() else Path(scratch) / str(number)
            if not Path(run).is_dir():
                _get(run, folders[run])
        yield folders


def _get(revision: str, target: Path) -> None:
    from dvc.api import DVCFileSystem
    from dvc.exceptions import DvcException
    from dvc.scm import SCMError
    from dvc_data.index import DataIndexError

    try:
        files = DVCFileSystem(rev=revision)
        files.get(EVALS, str(target), recursive=True)
    except (DvcException, SCMError, DataIndexError, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BonepickError(
            f"{revision!r} is no folder, and no revision whose {EVALS}/ can be had here ({reason}): "
            "`dvc exp show` lists experiments, `dvc fetch` brings what the cache lacks, `dvc repro` there makes it"
        ) from None
