"""The README's commands, in order, in a copy of the repository, on a few hundred rows of the sample."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from ruamel.yaml import YAML

from bonepick.data.rows import encode
from bonepick.data.sample import sample_rows
from bonepick.evaluation.tables import parsed_csv

TOP = Path(__file__).parent.parent
ROWS = {"seen": 500, "unseen": 200}
EVALUATED = ("model2vec", "contrastive", "fasttext")
Shell = Callable[..., "subprocess.CompletedProcess[str]"]


def shell_blocks(path: Path) -> list[str]:
    """Commands of the document's shell blocks, without comments."""
    blocks = re.findall(r"^```shell\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines() if line.strip()]


def copy_repository(folder: Path) -> None:
    """Copy the repository as git sees it, without what the pipeline made, with this environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (TOP / name).exists() and name != "dvc.lock" and not name.startswith("evals/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
    for name in ("pyproject.toml", "constraints.txt"):
        os.utime(folder / name, (0, 0))  # were they newer than the environment, make would install the copy into it
    (folder / ".venv").symlink_to(sys.prefix)
    git(folder, "init", "-q")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, at a path with a space, on a few hundred rows."""
    folder = tmp_path_factory.mktemp("a copy")
    copy_repository(folder)
    few_rows(folder)
    commit_all(folder)
    return folder


def quick_copy(folder: Path) -> None:
    """Copy the repository, on made-up rows, and commit it."""
    copy_repository(folder)
    few_rows(folder, made_up_rows)
    commit_all(folder)


def commit_all(folder: Path) -> None:
    for name, value in (("user.name", "test"), ("user.email", "test@localhost")):
        git(folder, "config", name, value)  # dvc exp run commits too
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "copy")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


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
        target = folder / "rows" / part / split / "rows.jsonl"
        target.parent.mkdir(parents=True)
        lines = [encode(row) for row in islice(rows(part), count)]
        target.write_bytes(b"\n".join(lines) + b"\n")
        params["datasets"][name]["import"] |= {"source": "local", "name": f"rows/{part}"}
        if part == "seen":
            hub = folder / "HuggingFaceFW/fineweb-edu-llama3-annotations"
            shutil.copytree(folder / "rows" / part, hub)
    params["train"]["fasttext"]["bucket"] = 10_000  # 128 MB a model otherwise
    params["train"]["contrastive"]["n_pairs"] = 10_000
    params["eval"]["bootstrap"] = 50
    yaml.dump(params, folder / "params.yaml")


@pytest.fixture(scope="module")
def shell(copy: Path) -> Iterator[Shell]:
    """Run a command line in the copy, as if the environment were activated there."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "MAKE", "PYTEST_"))}
    variables |= {
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "BONEPICK_NUM_PROC": "1",
        "DVC_NO_ANALYTICS": "1",
    }

    def run(line: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["bash", "-c", line], cwd=copy, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == code, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    yield run


@pytest.fixture(scope="module")
def reproduced(shell: Shell) -> str:
    """What the first `make repro` in the copy printed, its results committed."""
    printed = shell("make repro").stdout
    shell("git add -A && git commit -qm results")
    return printed


def ran(printed: str) -> set[str]:
    return set(re.findall(r"Running stage '([^']+)'", printed))


def test_repro_ends_with_the_table(reproduced: str, copy: Path) -> None:
    table = (copy / "reports/leaderboard.md").read_text()
    assert reproduced.endswith(table)
    assert {line.split("|")[1].strip() for line in table.splitlines()[2:]} == {"model2vec", "contrastive", "fasttext"}
    assert "auc sample" in table
    assert "auc unseen" in table


def test_repro_leaves_a_clean_pipeline(reproduced: str, shell: Shell) -> None:
    assert shell("dvc status -q")
    assert ran(shell("dvc repro").stdout) == set()
    assert shell("git status --porcelain").stdout == ""


def test_metrics_have_one_top_key_per_kind(reproduced: str, copy: Path) -> None:
    for kind in ("model2vec", "contrastive", "fasttext"):
        metrics = json.loads((copy / "evals" / kind / "metrics.json").read_text())
        assert set(metrics) == {kind}
        assert set(metrics[kind]) == {
            *(names := ("accuracy", "macro_f1", "auc", "average_precision", "within_topic_auc")),
            *(f"valid_{name}" for name in names),
            *("sample", "unseen"),
        }
        assert set(metrics[kind]["unseen"]) == {"auc", "within_topic_auc"}


def test_forced_repro_elsewhere_gives_the_same_lock(reproduced: str, shell: Shell, copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "-q", str(copy), str(other)], check=True)
    (other / "dvc.lock").unlink()
    shell(f"cd {quote(str(other))} && BONEPICK_NUM_PROC=2 PYTHONHASHSEED=7 dvc repro --force --no-run-cache")
    assert (other / "dvc.lock").read_text() == (copy / "dvc.lock").read_text()


def test_readme_commands_run_in_order(reproduced: str, shell: Shell, copy: Path) -> None:
    lines = shell_blocks(copy / "README.md")
    assert lines[:2] == ["make repro", "make test"], "CI runs these two"
    printed = {line: shell(line).stdout for line in lines[2:] if not line.startswith("make setup")}
    assert ran(printed["dvc exp run -S train.n_clusters=200"]) == {
        *("train_contrastive", "eval_model2vec@contrastive", "compare", "select")
    }
    assert "train.n_clusters" in printed["dvc exp show --only-changed"]
    assert "200" in printed["dvc exp show --only-changed"]
    assert printed["make eval"].endswith((copy / "reports/leaderboard.md").read_text())
    assert "macro avg" in printed["bonepick eval-model2vec -d tmp/edu-binary -m tmp/edu-model2vec"]
    assert "P@1" in printed["bonepick eval-fasttext -d tmp/edu-binary -m tmp/edu-fasttext -o tmp/edu-eval"]


def test_commands_of_the_page_on_evaluation_run_in_order(reproduced: str, shell: Shell, copy: Path) -> None:
    printed = {line: shell(line).stdout for line in shell_blocks(copy / "docs/evaluation.md")}
    pairs = [(a, b) for i, a in enumerate(sorted(EVALUATED)) for b in sorted(EVALUATED)[i + 1 :]]
    one_run, two_runs = printed["bonepick compare evals"], printed["bonepick compare HEAD evals"]
    verdict = "({0}|{1}) is better|no difference that .* rows can show: ({0}|{1}) "
    assert all(re.search(verdict.format(a, b), one_run) for a, b in pairs)
    assert all(f"| HEAD:{name} " in two_runs and f"| evals:{name} " in two_runs for name in EVALUATED)
    assert ran(printed["dvc exp run -S eval.prior=0.1 -S eval.precision=0.8"]) == {
        *("eval_model2vec@model2vec", "eval_model2vec@contrastive", "eval_fasttext", "compare", "select")
    }
    assert "precision_0.8" in json.loads((copy / "models/best/thresholds.json").read_text())
    for page in ("tmp/two-models/report.html", "tmp/report/report.html", "reports/report.html"):
        assert "<svg" in (copy / page).read_text()


def test_a_dataset_that_params_no_longer_name_is_refused(reproduced: str, shell: Shell, copy: Path) -> None:
    stray = copy / "data/normalized/stray"
    stray.mkdir()
    done = shell("python -m stages.train_model2vec -d data/normalized -b models/base -o tmp/model", code=2)
    stray.rmdir()
    assert done.stderr.startswith("error: data/normalized/stray belongs to no dataset of params.yaml: remove it")
    assert done.stderr.count("\n") == 1


def test_stages_refuse_code_of_another_working_copy(reproduced: str, shell: Shell, tmp_path: Path) -> None:
    here, there = quote(str(tmp_path)), quote(str(TOP))
    line = f"cd {here} && PYTHONPATH={there} python -m stages.compare -e evals -t data/topics -o reports"
    done = shell(line, code=2)
    assert "bonepick was imported from" in done.stderr
    assert done.stderr.count("\n") == 1


def committed_figures(kind: str) -> dict[tuple[str, str, str], dict[str, str]]:
    lines = parsed_csv((TOP / "evals" / kind / "figures.csv").read_text(encoding="utf-8"))
    return {(line["of"], line["name"], line["figure"]): line for line in lines}


def test_readme_tables_are_what_the_committed_figures_say() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    found = {kind: committed_figures(kind) for kind in EVALUATED}
    rows = re.findall(r"^\| (\w+) +\|([ .,\d|\[\]]+)\|$", readme, re.MULTILINE)
    assert [name for name, _ in rows] == ["fasttext", "model2vec", "contrastive"]
    with_interval = (("all", "", "auc"), ("dataset", "sample", "auc"), ("dataset", "unseen", "auc"))
    for name, cells in rows:
        lines = [found[name][key] for key in (*with_interval, ("all", "", "within_topic_auc"))]
        wanted = [float(line[column]) for line in lines for column in ("value", "low", "high")]
        plain = (("all", "", "accuracy"), ("all", "", "macro_f1"), ("valid", "", "auc"))
        wanted += [float(found[name][key]["value"]) for key in plain]
        # other processors move the last digits of trained models
        assert [float(number) for number in re.findall(r"[\d.]+", cells)] == pytest.approx(wanted, abs=0.003)
    for name in ("sample", "unseen"):
        line = rf"^\| {name} \| ([-+.\d]+) \[.*?\] \| ([-+.\d]+) \["
        ((pooled, within),) = re.findall(line, readme, re.MULTILINE)
        for shown, figure in ((pooled, "auc"), (within, "within_topic_auc")):
            values = [float(found[k]["dataset", name, figure]["value"]) for k in ("contrastive", "model2vec")]
            assert float(shown) == pytest.approx(values[0] - values[1], abs=0.004)
