"""docs/experiments.md, in order, in a copy of the repository on few rows; test_queue.py tests its queue."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from shlex import quote

import pytest
from ruamel.yaml import YAML

import bonepick
from bonepick.classifiers.static.base_model import load_base_model, save_without_card
from tests.repository import TOP, Shell, git, link_copy, ran
from tests.system.test_walkthrough_page import BASE_MODEL, assert_shown, blocks, commands

pytestmark = pytest.mark.timeout(900)  # a section is several runs of the pipeline

PAGE = TOP / "docs/experiments.md"
WORKFLOW = TOP / "docs/ci/pull-request.yml"
TESTED_ELSEWHERE = ("Many at once", "Sweeps")  # modules of their own: they leave processes behind
FIGURES = "evals/contrastive/metrics.json"

Tree = Callable[[Path], dict[str, bytes]]
Section = Callable[[str], dict[str, str]]


def sections(page: str) -> dict[str, str]:
    """The text below each heading, by its words."""
    found = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def run_section(text: str, run: Callable[[str], str]) -> dict[str, str]:
    """Run a section's commands and hold its text blocks to what the last one printed; returns what each printed."""
    printed: dict[str, str] = {}
    line = ""
    for block in blocks(text):
        if block.kind == "text":
            assert_shown(block.body, printed[line], line)
            continue
        for line in commands(block):
            printed[line] = run(line)
    return printed


def third_dataset(folder: Path) -> None:
    rows = (folder / "inputs/rows/seen/train/rows.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "inputs/third/train").mkdir(parents=True)
    (folder / "inputs/third/train/rows.jsonl").write_bytes(b"".join(rows[-200:]))


@pytest.fixture(scope="module")
def copy(reproduced_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository on few rows, with the base model that the page takes from the hub."""
    folder = tmp_path_factory.mktemp("a copy")
    link_copy(reproduced_once / "a copy", folder)
    (folder / BASE_MODEL).mkdir(parents=True)
    save_without_card(load_base_model("packaged"), folder / BASE_MODEL)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base model")
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a store")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another repository, with no cache of its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    git(folder, "init", "-q")
    return folder


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origin") / "bonepick.git"


@pytest.fixture(scope="module")
def section(shell: Shell, copy: Path, store: Path, elsewhere: Path, origin: Path) -> Section:
    """Run the page up to the end of a section, each once; returns what the section's commands printed."""
    texts = {name: text for name, text in sections(PAGE.read_text()).items() if name not in TESTED_ELSEWHERE}
    done: dict[str, dict[str, str]] = {}
    begun: set[str] = set()

    def here(line: str) -> str:
        return shell(f"export STORE={quote(str(store))}; {line}").stdout

    def there(line: str) -> str:
        return shell(f"export REPO={quote(str(origin))}; cd {quote(str(elsewhere))}; {line}").stdout

    def through(wanted: str) -> dict[str, str]:
        for name, text in texts.items():
            if name not in done:
                assert name not in begun, f"{name!r} failed before"
                begun.add(name)
                if name == "More than numbers":
                    third_dataset(copy)
                if name == "Use it elsewhere":  # the files are not in a bare clone: they come from the remote
                    git(copy, "clone", "-q", "--bare", str(copy), str(origin))
                done[name] = run_section(text, there if name == "Use it elsewhere" else here)
            if name == wanted:
                break
        return done[wanted]

    return through


def table(printed: str) -> dict[str, dict[str, str]]:
    """The experiments' rows of what `dvc exp show` draws, in its order: name -> column -> cell."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines() if "  " in line.strip()]
    head = next(line for line in lines if line[0] == "Experiment")
    rows = [(re.search(r"\[(.+)\]", line[0]), line) for line in lines]
    return {name[1]: dict(zip(head, line, strict=True)) for name, line in rows if name}


def column(printed: str, name: str) -> list[float]:
    return [float(row[name]) for row in table(printed).values()]


def test_one_change_runs_only_what_hangs_on_it(section: Section) -> None:
    printed = section("One change")
    contrastive = {"train@contrastive", "eval@contrastive"}
    assert ran(printed["dvc exp run -n wide -S train.n_clusters=200"]) == contrastive | {"compare", "select"}
    assert ran(printed["dvc exp run -n reseeded -S train.seed=7 eval@contrastive"]) == contrastive


def test_sort_by_takes_figures_as_they_are_typed(section: Section) -> None:
    printed = section("One change")
    show = "dvc exp show --only-changed"
    rising = column(printed[f"{show} --sort-by contrastive.auc"], "contrastive.auc")
    falling = column(printed[f"{show} --sort-by contrastive.unseen.auc --sort-order desc"], "contrastive.unseen.auc")
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert len(set(rising)) == len(set(falling)) == len(table(printed[show])) == 3


def test_the_table_can_be_narrowed(section: Section) -> None:
    printed = section("One change")
    (dropping,) = (text for line, text in printed.items() if " --only-changed --drop " in line)
    (keeping,) = (text for line, text in printed.items() if " --keep " in line)
    figures = {f"contrastive.{name}" for name in ("auc", "sample.auc", "unseen.auc", "valid_auc")}
    assert set(table(dropping)["wide"]) == {"Experiment", "Created", "train.n_clusters", "train.seed", *figures}
    assert set(table(keeping)["wide"]) == {"Experiment", "train.n_clusters", *figures}
    assert column(keeping, "contrastive.valid_auc") == sorted(column(keeping, "contrastive.valid_auc"))


def test_differences_name_figures_and_parameters(section: Section) -> None:
    printed = section("One change")
    assert "contrastive.unseen.auc" in printed["dvc metrics diff"]
    assert "fasttext" not in printed["dvc metrics diff"]
    assert re.search(r"train.n_clusters +200 +50 +-150", printed["dvc exp diff wide narrow"])


def test_an_experiment_is_kept_or_left(section: Section, shell: Shell) -> None:
    printed = section("Keep it or leave it")
    assert "models/kinds/contrastive" in printed["dvc checkout"], "what was applied is taken back"
    assert "n_clusters: 200" in shell("git show wider-clusters:params.yaml").stdout
    assert set(shell("dvc exp list --name-only").stdout.split()) >= {"wide", "narrow"}
    assert "reseeded" not in shell("dvc exp list --name-only").stdout
    assert shell("git status --porcelain --untracked-files=no").stdout == ""
    assert shell("dvc status -q")


def test_temp_leaves_the_working_tree_alone(section: Section, shell: Shell) -> None:
    printed = section("Without touching the working tree")
    assert "train@contrastive" in ran(printed["dvc exp run --temp -n gentle -S train.contrastive.global_share=0.5"])
    assert "train.contrastive.global_share" in printed["dvc exp diff HEAD gentle"]
    assert shell("git status --porcelain --untracked-files=no").stdout == ""
    assert shell("dvc status -q")


def test_curves_are_written(section: Section, copy: Path) -> None:
    section("Curves")
    page = (copy / "dvc_plots/index.html").read_text()
    assert '"rev": "wide"' in page
    assert "<script" in page and "https://" in page, "the page says that its script is loaded"
    (curve,) = json.loads((copy / "dvc_plots/curves.json").read_text())["data"]["reports/plots/pr_curve.csv"]
    assert curve["revisions"] == ["HEAD", "wide"]
    points = curve["content"]["data"]["values"]
    assert {(point["model"], point["rev"]) for point in points} >= {("contrastive", "HEAD"), ("contrastive", "wide")}


def test_more_than_numbers(section: Section, shell: Shell) -> None:
    printed = section("More than numbers")
    (stricter, larger, third) = (text for line, text in printed.items() if line.startswith("dvc exp run"))
    assert ran(stricter) >= {"transform_dataset@sample", "train@fasttext"}
    assert ran(larger) >= {"base_model", "balance_dataset@sample", "normalize_dataset@sample", "train@model2vec"}
    assert ran(third) >= {"import_hf_dataset@third", "convert_to_fasttext@third", "train@fasttext"}
    assert "if . < 3 then" in shell("dvc params diff HEAD stricter").stdout
    assert "fasttext.third.auc" in shell("dvc metrics diff HEAD third").stdout
    unquoted = "dvc exp run -S 'datasets.sample.transform.label={score: (.score | if . < 3 then 0 else 1 end)}'"
    assert "LexerNoViableAltException" in shell(unquoted, code=255).stderr
    assert "set-param" in shell("dvc exp run -S train.n_cluster=5", code=255).stderr


def test_the_best_model_is_had_elsewhere(
    section: Section, shell: Shell, copy: Path, elsewhere: Path, tree: Tree
) -> None:
    section("What to believe")
    shell(f"cd {quote(str(elsewhere))} && dvc get {quote(str(copy))} models/best -o by-path")  # there is no remote yet
    assert '"metric": "valid_auc"' in section("Share the model")["cat models/best/selection.json"]
    *_, probabilities = section("Use it elsewhere").values()
    wanted = tree(copy / "models/best")
    assert {"manifest.json", "selection.json"} < set(wanted)
    assert tree(elsewhere / "by-path") == tree(elsewhere / "quality") == tree(elsewhere / "released") == wanted
    line = f"cd {quote(str(elsewhere))} && dvc artifacts get {quote(str(copy))} best-classifier -o missing --rev v2.0.0"
    assert "Studio" in shell(line, code=1).stderr
    assert probabilities == f"{bonepick.load(copy / 'models/best').predict_proba(['some text'])}\n"


def test_the_page_is_tested_and_points_to_the_workflow() -> None:
    page = PAGE.read_text()
    assert set(TESTED_ELSEWHERE) < set(sections(page))
    assert f"]({WORKFLOW.relative_to(PAGE.parent)})" in page


def test_the_workflow_comments_on_what_a_pull_request_changes(
    section: Section, shell: Shell, copy: Path, origin: Path, tmp_path: Path
) -> None:
    section("Use it elsewhere")
    target = shell("git branch --show-current").stdout.strip()
    folder = tmp_path / "checked out"
    git(tmp_path, "clone", "-q", str(origin), str(folder))
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    git(folder, *identity, "merge", "-q", "--no-ff", "-m", "merged", "origin/wider-clusters")  # as the forge does
    (folder / ".venv").symlink_to(sys.prefix)
    for name in ("pyproject.toml", "constraints.txt"):
        os.utime(folder / name, (0, 0))  # or make would install again
    forge = {
        "github.base_ref": target,
        "github.token": "a token",
        "github.event.pull_request.html_url": "https://forge.example/pull/7",
    }
    (tmp_path / "bin").mkdir()
    gh = tmp_path / "bin/gh"
    gh.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$RUNNER_TEMP/asked"\n')
    gh.chmod(0o755)
    variables = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}

    workflow = YAML(typ="safe").load(WORKFLOW)
    steps = workflow["jobs"]["metrics"]["steps"]
    for step in steps:
        if step.get("run", "make test") == "make test":  # the tests do not run themselves
            continue
        given = {name: re.sub(r"\$\{\{ (.+) \}\}", lambda m: forge[m[1]], v) for name, v in step.get("env", {}).items()}
        exports = "; ".join(f"export {name}={quote(value)}" for name, value in (variables | given).items())
        line = (
            f"cd {quote(str(folder))}; PATH={quote(str(gh.parent))}:$PATH; {exports}; bash -e -c {quote(step['run'])}"
        )
        shell(line)

    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert [step["uses"].partition("@")[0] for step in steps if "uses" in step] == [
        "actions/checkout",
        "actions/setup-python",
        "actions/cache",
    ]
    assert "make test" in [step.get("run") for step in steps]
    comment = (tmp_path / "metrics.md").read_text()
    assert re.search(r"\| train.n_clusters +\| 100 +\| 200 ", comment)
    assert re.search(r"\| contrastive.unseen.auc +\| 0\.\d+ +\| 0\.\d+ ", comment)
    assert (tmp_path / "summary").read_text() == comment
    assert (tmp_path / "asked").read_text().splitlines() == [
        *("pr", "comment", "https://forge.example/pull/7", "--edit-last", "--create-if-none"),
        *("--body-file", str(tmp_path / "metrics.md")),
    ]
