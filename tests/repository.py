"""Copies of the repository in which tests run its pipeline: made once for all test runs on one state, then linked."""

import fcntl
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bonepick.data.rows import encode
from bonepick.preparation.importing.sample import sample_rows

TOP = Path(__file__).parent.parent
ROWS = {"seen": 500, "unseen": 200}
HUB = "HuggingFaceFW/fineweb-edu-llama3-annotations"
"""The README's hub name: a folder of that name, where the commands run, is read instead."""
PRINTED, READS = "printed.txt", "reads"
KEPT = 24 * 3_600
"""Seconds that a copy is kept which no test run makes any more."""
PUT_BACK = "touch params.yaml && git restore . && dvc checkout -q"
"""Back to the last commit. Untouched, a file that DVC rewrote a moment ago at the same size is unchanged to git."""
Shell = Callable[..., "subprocess.CompletedProcess[str]"]

# `sitecustomize` of the first reproduction's processes: what each stage read of params.yaml, one file a stage
RECORDER = """
import atexit, json, sys
from pathlib import Path

def record():
    params_file = sys.modules.get("bonepick.core.params_file")
    stage = Path(sys.argv[0])
    if params_file and stage.parent.name == "stages":
        item = [word for flag, word in zip(sys.argv, sys.argv[1:]) if flag in ("--dataset", "--kind", "--corpus")]
        (Path(__file__).parent / "@".join([stage.stem, *item])).write_text(json.dumps(list(params_file.values_read)))

atexit.register(record)
"""


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def commit_all(folder: Path, message: str = "copy") -> None:
    for name, value in (("user.name", "test"), ("user.email", "test@localhost")):
        git(folder, "config", name, value)  # dvc exp run commits too
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def _files() -> list[str]:
    """Return the names of the repository's files as git sees them, without what the pipeline made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name and (TOP / name).exists()]
    return [name for name in names if name != "dvc.lock" and not name.startswith("evals/")]


def copy_repository(folder: Path) -> None:
    """Copy the repository, without what the pipeline made, with this environment."""
    for name in _files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, folder / name)
    for name in ("pyproject.toml", "constraints.txt"):
        os.utime(folder / name, (0, 0))  # were they newer than the environment, make would install the copy into it
    (folder / ".venv").symlink_to(sys.prefix)
    git(folder, "init", "-q")


def made_up_rows(part: str) -> Iterator[dict[str, Any]]:
    """Rows like those of the sample, which takes long to read, without end."""
    rng = random.Random(part)
    plain = "the of and in with page people work time year place part".split()
    poor = "buy cheap click deal login cart offer sale win download".split()
    good = "theorem cell treaty molecule grammar orbit enzyme empire poem century".split()
    while True:
        score = rng.choice((0, 1, 2, 2, 3, 3))
        kind = good if (score > 1) != (rng.random() < 0.1) else poor
        words = rng.choices(plain, k=10) + rng.choices(kind, k=2)
        yield {"text": " ".join(words), "score": score, "source": f"made up {score}", "group": str(rng.random())}


def few_rows(folder: Path, rows: Callable[[str], Iterable[dict[str, Any]]] = sample_rows) -> None:
    """Point the datasets, and the README's hub name, at a few rows."""
    yaml = YAML()
    params = yaml.load(folder / "params.yaml")
    for (part, count), name in zip(ROWS.items(), ("sample", "unseen"), strict=True):
        split = "train" if part == "seen" else "test"
        target = folder / "inputs/rows" / part / split / "rows.jsonl"
        target.parent.mkdir(parents=True)
        lines = [encode(row) for row in islice(rows(part), count)]
        target.write_bytes(b"\n".join(lines) + b"\n")
        params["datasets"][name]["import"] |= {"source": "local", "name": f"inputs/rows/{part}"}
        if part == "seen":
            shutil.copytree(folder / "inputs/rows" / part, folder / HUB)
    quicken(params)
    yaml.dump(params, folder / "params.yaml")


def quicken(params: dict[str, Any]) -> None:
    """Make trainings short, models small and resamples few."""
    train = params["train"]
    train["fasttext"]["bucket"] = 10_000  # 128 MB a model otherwise
    train["contrastive"] |= {"n_pairs": 2_000, "n_clusterings": 2}
    params["eval"]["bootstrap"] = 50


def shell_in(folder: Path) -> Shell:
    """Return what runs a command line in a folder, as if the environment were activated there."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "MAKE", "PYTEST_"))}
    variables |= {
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "BONEPICK_NUM_PROC": "1",
        "DVC_NO_ANALYTICS": "1",
    }

    def run(line: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == code, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    return run


def ran(printed: str) -> set[str]:
    """Stages that DVC says it ran."""
    return set(re.findall(r"Running stage '([^']+)'", printed))


def _state() -> str:
    """Return a digest of all that a copy is made of."""
    digest = hashlib.sha256(sys.prefix.encode())
    for name in sorted(_files()):
        digest.update(f"{name}\0{os.access(TOP / name, os.X_OK)}\0".encode())
        digest.update(hashlib.sha256((TOP / name).read_bytes()).digest())
    return digest.hexdigest()[:16]


def reproduced_in(root: Path, run: Path) -> Path:
    """Return a folder below which a copy is reproduced and committed; whichever worker comes first makes it.

    Args:
        root: folder that is the same for all test runs: those on the same files and environment share the copy.
        run: folder of this one, which looks once whether the copy is still as it was made.
    """
    folder, looked_at = root / f"reproduced-{_state()}", run / "reproduced"
    with _alone(root / f"{folder.name}.lock"):
        if (folder / PRINTED).exists() and not looked_at.exists() and not _as_made(folder / "a copy"):
            (folder / PRINTED).unlink()
        looked_at.touch()
        if not (folder / PRINTED).exists():
            for old in root.glob("reproduced-*"):
                if old == folder or time.time() - old.stat().st_mtime > KEPT:
                    shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            copy, reads = folder / "a copy", folder / READS
            copy.mkdir(parents=True)
            reads.mkdir()
            (reads / "sitecustomize.py").write_text(RECORDER)
            copy_repository(copy)
            few_rows(copy)
            commit_all(copy)
            shell = shell_in(copy)
            printed = shell(f"PYTHONPATH='{reads}' make repro").stdout
            shell("git add -A && git commit -qm results")
            # the one stage that is not there by default
            shell("sed -i 's|^corpora:.*|corpora: {unseen: {input: data/raw/unseen}}|' params.yaml")
            shell(f"PYTHONPATH='{reads}' python -m stages.score --corpus unseen -m models/best -o tmp/scores")
            shell(f"rm -r tmp && {PUT_BACK}")
            (folder / PRINTED).write_text(printed)
    return folder


def _as_made(copy: Path) -> bool:
    shell = shell_in(copy)
    try:
        return shell("git status --porcelain && dvc status -q").stdout == ""
    except AssertionError:
        return False


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def link_copy(source: Path, target: Path) -> None:
    """Copy a reproduced copy; what the pipeline made is linked: stages and DVC replace files, and never edit them."""
    for folder, folders, files in os.walk(source):
        here = target / Path(folder).relative_to(source)
        here.mkdir(parents=True, exist_ok=True)
        made = Path(folder).relative_to(source).parts[:1] in (("data",), ("models",)) or "cache" in Path(folder).parts
        for name in [*files, *(name for name in folders if (Path(folder) / name).is_symlink())]:
            if (Path(folder) / name).is_symlink():
                (here / name).symlink_to((Path(folder) / name).readlink())
            elif made:
                os.link(Path(folder) / name, here / name)
            else:
                shutil.copy2(Path(folder) / name, here / name)
    # what git knows of the files' times is that of the source: it would write all of them anew where it puts some back
    subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=target, check=True)


def shell_blocks(path: Path) -> list[str]:
    """Commands of the document's shell blocks, without comments."""
    blocks = re.findall(r"^```shell\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines() if line.strip()]
