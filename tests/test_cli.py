"""The commands: flags are those that are promised, a fault is one line and an exit code, and they work in a row."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bonepick as package
from bonepick.classifiers.base.kinds import kind_help, kind_names
from bonepick.cli import make_app

Run, Write, Read, Tree = (
    Callable[..., Any],
    Callable[..., Path],
    Callable[[Path], list[dict[str, Any]]],
    Callable[[Path], dict[str, bytes]],
)

REQUIRED = object()
INPUT, OUTPUT = {"--input-dir -i": REQUIRED}, {"--output-dir -o": REQUIRED, "--overwrite": False}
DATASETS = {"--dataset-dir -d": REQUIRED}
FIELDS = {"--text-field": "text", "--label-field": "score"}
READING = {"--on-error": "fail", "--num-proc -p": None}

# the table of the design, flag by flag; what it leaves open ("...") may be there too
PROMISED: dict[str, dict[str, object]] = {
    "import-hf-dataset": {
        "--name -n": REQUIRED,
        "--subset -s": "",
        "--test-split -t": 0.0,
        "--valid-split": 0.0,
        "--revision": "",
        "--group-by -g": "",
        "--batch-size -b": 100_000,
        "--seed -S": 42,
        **OUTPUT,
        **FIELDS,
        **READING,
    },
    "transform-dataset": {
        "--text-transform -t": "{text: .text}",
        "--label-transform -l": "{score: .score}",
        "--keep -k": "{}",
        **INPUT,
        **OUTPUT,
        **READING,
    },
    "balance-dataset": {"--seed -s": 42, "--split": None, **INPUT, **OUTPUT, **FIELDS, **READING},
    "normalize-dataset": {"--normalization -n": "plsfix", **INPUT, **OUTPUT, **FIELDS, **READING},
    "embed-dataset": {"--normalization -n": "", "--model-name -m": "packaged", **INPUT, **OUTPUT, **FIELDS, **READING},
    "convert-to-fasttext": {"--normalization -n": "whitespace", **INPUT, **OUTPUT, **FIELDS, **READING},
    "sample-dataset": {"--rate": 0.0, "--size": "", "--seed -s": 42, **INPUT, **OUTPUT, **FIELDS, **READING},
    "reshard-dataset": {
        "--shards": 0,
        "--rows-per-shard": 0,
        "--test-split -t": 0.0,
        "--valid-split": 0.0,
        "--seed -s": 42,
        **INPUT,
        **OUTPUT,
        **FIELDS,
        **READING,
    },
    "label-distribution": {"--labels": None, "--json": False, **INPUT, **FIELDS, **READING},
    "count-tokens": {"--tokenizer": "packaged", "--json": False, **INPUT, **FIELDS, **READING},
    "train-model2vec": {
        "--model-name -m": "packaged",
        "--learning-rate": 0.003,
        "--batch-size": 256,
        "--max-epochs": 50,
        "--early-stopping-patience": 5,
        "--loss-class-weight": "uniform",
        "--seed": 42,
        "--labels": (),
        **DATASETS,
        **OUTPUT,
        **FIELDS,
        **READING,
    },
    "train-contrastive": {
        "--model-name -m": "packaged",
        "--n-clusters": 100,
        "--seed": 42,
        "--labels": (),
        **DATASETS,
        **OUTPUT,
        **FIELDS,
        **READING,
    },
    "train-fasttext": {
        "--learning-rate": 0.5,
        "--word-ngrams": 2,
        "--min-count": 1,
        "--epoch": (3, 12),
        "--bucket": 2_000_000,
        "--min-char-ngram": 0,
        "--max-char-ngram": 0,
        "--window-size": 5,
        "--dimension": 16,
        "--loss": "softmax",
        "--num-negatives": 5,
        "--thread": 1,
        "--pretrained-vectors": "",
        "--seed": 42,
        "--labels": (),
        **DATASETS,
        **OUTPUT,
    },
    "eval-model2vec": {"--model-dir -m": REQUIRED, **DATASETS, **OUTPUT, **FIELDS, **READING, "--output-dir -o": None},
    "eval-fasttext": {"--model-dir -m": REQUIRED, **DATASETS, **OUTPUT, **FIELDS, **READING, "--output-dir -o": None},
}
REPEATABLE = {
    ("balance-dataset", "--input-dir"),
    ("balance-dataset", "--split"),
    ("sample-dataset", "--input-dir"),
    ("label-distribution", "--input-dir"),
    ("count-tokens", "--input-dir"),
} | {(command, "--dataset-dir") for command in PROMISED if command.startswith(("train", "eval"))}

ROWS = [{"text": f"Text  number {n}", "grade": n % 4, "n": n} for n in range(40)]
LABEL = '{score: (.grade | numbers | if . < 3 then "neg" else "pos" end)}'


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(tmp_path / "source", {"train/a.jsonl": ROWS[:30], "test/a.jsonl.gz": ROWS[30:]})


def said(ended: Any, code: int) -> str:
    """Return the one line of a fault."""
    assert ended.code == code
    assert ended.out == ""
    (line,) = ended.err.splitlines()
    assert line.startswith("error: ")
    return str(line)


def flags_of(command: str) -> dict[str, tuple[object, bool]]:
    """Return flag and its short form -> default, and whether it can be repeated."""
    found: dict[str, tuple[object, bool]] = {}
    for argument in make_app()[command].assemble_argument_collection():
        names = [name for name in argument.names if name.startswith("-")]
        if names:
            default = REQUIRED if argument.required else argument.field_info.default
            repeatable = "list" in str(argument.hint)
            found[" ".join(sorted(names, key=len, reverse=True))] = default, repeatable
    return found


def test_the_promised_commands_are_there(bonepick: Run) -> None:
    ended = bonepick("--help")
    assert ended.code == 0
    assert all(f" {command} " in ended.out for command in PROMISED)
    assert bonepick().out == ended.out, "no words at all are answered with help"


@pytest.mark.parametrize("command", PROMISED)
def test_every_command_has_the_promised_flags_and_defaults(command: str) -> None:
    found = flags_of(command)
    assert {flag: found.get(flag, ("no such flag",))[0] for flag in PROMISED[command]} == PROMISED[command]
    repeatable = {flag.split()[0] for flag, (_, many) in found.items() if many} - {"--labels"}
    assert repeatable == {flag for name, flag in REPEATABLE if name == command}


@pytest.mark.parametrize("command", PROMISED)
def test_the_help_of_every_command_explains_every_flag(command: str, bonepick: Run) -> None:
    ended = bonepick(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    shown = {
        line.strip("│* ").split("  ")[0]: line for line in ended.out.splitlines() if line.strip("│* ").startswith("-")
    }
    explained = {words.split()[0]: line for words, line in shown.items()}
    for flag in flags_of(command):
        line = explained[flag.split()[0]]
        help_text = line.strip("│ ").split("  ")[-1].strip()
        assert len(help_text) > 10, f"{flag} has no help"
        if " " in flag:
            assert f" {flag.split()[1]} " in line


def test_flags_mean_one_thing_everywhere() -> None:
    """Save `--batch-size`, and the short forms of `--seed` that the original's users are used to."""
    shorts: dict[str, set[str]] = {}
    for command in PROMISED:
        for flag in flags_of(command):
            long, *short = flag.split()
            shorts.setdefault(long, set()).add("".join(short))
    for flag in ("--batch-size", "--seed"):
        shorts.pop(flag)
    assert {long: found for long, found in shorts.items() if len(found) > 1} == {}


def test_a_short_flag_never_stands_for_two_flags_of_a_command() -> None:
    for command in PROMISED:
        shorts = [short for flag in flags_of(command) for short in flag.split()[1:]]
        assert len(shorts) == len(set(shorts))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nonsense"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["normalize-dataset"], "--input-dir"),
        (["normalize-dataset", "-i", "{source}"], "--output-dir"),
        (["normalize-dataset", "-i", "{source}", "-o"], "-o"),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "--bogus", "3"], "--bogus"),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "extra"], "extra"),
        (
            ["label-distribution", "-i", "{source}", "--labels", "a", "b", "c"],
            "--labels takes one value, and b c follows it: repeat it (--labels a --labels b --labels c)",
        ),
        (
            ["train-fasttext", "--labels", "a", "b", "-d", "{source}", "-o", "{out}"],
            "--labels takes one value, and b follows it: repeat it (--labels a --labels b)",
        ),
        (
            ["balance-dataset", "-i", "a", "b", "-o", "{out}"],
            "-i takes one value, and b follows it: repeat it (-i a -i b)",
        ),
        (
            ["normalize-dataset", "-i", "{source}", "-o", "{out}", "--text-field", "my", "text"],
            "--text-field takes one value, and text follows it: put quotes around a value with spaces in it",
        ),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "-n", "best"], "unknown normalizer 'best'"),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "-p", "0"], "number of processes"),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "-p", "two"], "two"),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "--on-error", "skip"], "skip"),
        (["normalize-dataset", "-i", "{source}", "-o", "{out}", "--text-field", ""], "--text-field is given nothing"),
        (["normalize-dataset", "-i", "{source}", "-o", "", "--overwrite"], "-o is given nothing"),
        (["normalize-dataset", "-i", "{source}", "--output-dir=", "--overwrite"], "--output-dir is given nothing"),
        (["normalize-dataset", "-i", "", "-o", "{out}"], "-i is given nothing"),
        (["score", "-m", "{source}", "-i", "", "-o", "{out}"], "-i is given nothing"),
        (["eval", "-m", "{source}", "-d", "{source}", "-d", "", "-o", "{out}"], "-d is given nothing"),
        (["balance-dataset", "-i", "{source}", "-o", "{out}", "--split", "dev"], "dev"),
        (["balance-dataset", "-i", "{source}", "-o", "{out}", "-s", "-1"], "seed is -1"),
        (["balance-dataset", "-i", "{source}", "-o", "{out}", "-s", "1.5"], "1.5"),
        (["import-hf-dataset", "-n", "", "-o", "{out}"], "-n is given nothing"),
        (["import-hf-dataset", "-n", "{source}", "-o", "{out}", "-b", "0"], "batch_size is 0"),
        (["import-hf-dataset", "-n", "{source}", "-o", "{out}", "-t", "-0.1"], "test_split is -0.1"),
        (["import-hf-dataset", "-n", "{source}/train", "-o", "{out}", "-t", "inf"], "test_split"),
        (
            ["import-hf-dataset", "-n", "{source}/train", "-o", "{out}", "-t", "0.7", "--valid-split", "0.4"],
            "no training rows",
        ),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--loss", "hinge"], "hinge"),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--dimension", "0"], "dimension is 0"),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--epoch", "0"], "epoch is 0: wanted a whole number from"),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--epoch", "3", "--epoch", "0"], "epoch is (3, 0): "),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--epoch", "1.5"], "1.5"),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--epoch", "3", "8"], "repeat it (--epoch 3 --epoch 8)"),
        (["train-fasttext", "-d", "{source}", "-o", "{out}", "--epoch", "3,8"], "repeat it (--epoch 3 --epoch 8)"),
        (["train-model2vec", "-d", "{source}", "-o", "{out}", "--l2", ".1,1"], "repeat it (--l2 .1 --l2 1)"),
        (["train-model2vec", "-d", "{source}", "-o", "{out}", "--hidden-units", "1.5"], "1.5"),
        (["train-model2vec", "-d", "{source}", "-o", "{out}", "--hidden-units", "[[1.5]]"], "1.5"),
        (
            ["train-model2vec", "-d", "{source}", "-o", "{out}", "--hidden-units", "[[], [0]]"],
            "hidden_units is ((), (0,))",
        ),
        (
            ["train-model2vec", "-d", "{source}", "-o", "{out}", "--hidden-units", "[]", "--hidden-units", "[0]"],
            "hidden_units is ((), (0,))",
        ),
        (
            ["train-model2vec", "-d", "{source}", "-o", "{out}", "--hidden-units", "8", "--hidden-units", "[4]"],
            "hidden_units is [8, (4,)]: wanted whole numbers, one for each layer, or a list of such lists",
        ),
        (["train-model2vec", "-d", "{source}", "-o", "{out}", "--hidden-units", "[8"], "[8 came, wanted whole numbers"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(
    tmp_path: Path, source: Path, bonepick: Run, words: list[str], line: str
) -> None:
    ended = bonepick(*[word.format(source=source, out=tmp_path / "out") for word in words])
    assert line in said(ended, 2)
    assert not (tmp_path / "out").exists()


def test_an_unknown_command_is_sent_to_a_help_that_exists(bonepick: Run) -> None:
    assert said(bonepick("nonsense"), 2).endswith("See `bonepick --help`.")
    assert said(bonepick("balance-dataset", "--bogus"), 2).endswith("See `bonepick balance-dataset --help`.")


@pytest.mark.parametrize("variable", ["0", "many"])
def test_a_wrong_number_of_processes_in_the_environment_is_a_usage_error(
    tmp_path: Path, source: Path, bonepick: Run, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("BONEPICK_NUM_PROC", variable)
    assert repr(variable) in said(bonepick("normalize-dataset", "-i", source, "-o", tmp_path / "out"), 2)


def test_a_bad_row_is_one_line_with_file_and_line_and_exit_code_1(tmp_path: Path, write: Write, bonepick: Run) -> None:
    folder = write(tmp_path / "in", {"train/a.jsonl": b'{"text": "x", "score": 1}\n{"text": 3, "score": 1}\n'})
    for command in ("balance-dataset", "normalize-dataset", "convert-to-fasttext"):
        line = said(bonepick(command, "-i", folder, "-o", tmp_path / "out"), 1)
        assert f"{folder}/train/a.jsonl:2: text field 'text' is 3, wanted a string" in line
        assert "--on-error quarantine" in line
    line = said(
        bonepick("transform-dataset", "-i", folder, "-o", tmp_path / "out", "-t", "{text: .text | ascii_downcase}"), 1
    )
    assert f"{folder}/train/a.jsonl:2: " in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_quarantine_is_a_flag_away(tmp_path: Path, write: Write, read: Read, bonepick: Run) -> None:
    folder = write(tmp_path / "in", {"train/a.jsonl": b'{"text": "x", "score": 1}\n{"text": 3, "score": 1}\n'})
    ended = bonepick("normalize-dataset", "-i", folder, "-o", tmp_path / "out", "--on-error", "quarantine")
    assert ended.code == 0
    assert "1 rows, 1 rejected" in ended.err
    assert [row["line"] for row in read(tmp_path / "out" / "quarantine" / "train" / "a.jsonl")] == [2]


def test_missing_input_is_exit_code_1(tmp_path: Path, bonepick: Run) -> None:
    line = said(bonepick("normalize-dataset", "-i", tmp_path / "nowhere", "-o", tmp_path / "out"), 1)
    assert f"{tmp_path}/nowhere is not there" in line


@pytest.mark.parametrize(
    "command", ["transform-dataset", "balance-dataset", "normalize-dataset", "convert-to-fasttext", "import-hf-dataset"]
)
def test_an_occupied_output_is_refused_unless_overwrite(
    tmp_path: Path, write: Write, tree: Tree, bonepick: Run, command: str
) -> None:
    folder = write(tmp_path / "in", {"train/a.jsonl": [{"text": "x", "score": 1}]})
    write(tmp_path / "out", {"precious.txt": b"old"})
    words = [command, "-n" if command.startswith("import") else "-i", folder, "-o", tmp_path / "out"]
    line = said(bonepick(*words), 1)
    assert line == f"error: {tmp_path}/out exists and is not empty: choose another output"
    line = said(bonepick(*words, "--overwrite"), 1)
    assert line == (
        f"error: {tmp_path}/out holds 'precious.txt', not written by bonepick, which is kept: "
        "choose another output, or remove it yourself"
    )
    assert tree(tmp_path / "out") == {"precious.txt": b"old"}
    (tmp_path / "out" / "precious.txt").unlink()
    assert bonepick(*words).code == 0
    made = tree(tmp_path / "out")
    assert "dataset.json" in made
    line = said(bonepick(*words), 1)
    assert line == f"error: {tmp_path}/out exists and is not empty: choose another output or pass --overwrite"
    (tmp_path / "out" / "dataset.json").unlink()
    assert bonepick(*words, "--overwrite").code == 0
    assert tree(tmp_path / "out") == made


def test_quiet_silences_notes_wherever_it_stands_and_no_faults(tmp_path: Path, source: Path, bonepick: Run) -> None:
    words = ["normalize-dataset", "-i", source, "-o", tmp_path / "out", "--overwrite", "--label-field", "grade"]
    loud = bonepick(*words)
    assert (loud.code, loud.out) == (0, "")
    assert "40 rows" in loud.err
    assert bonepick("--quiet", *words) == bonepick(*words, "--quiet")
    assert bonepick(*words, "--quiet").err == ""
    assert "not empty" in said(bonepick("--quiet", *words[:5]), 1)


def test_the_commands_in_a_row(tmp_path: Path, source: Path, read: Read, tree: Tree, bonepick: Run) -> None:
    raw, labelled, even, clean, lines = (tmp_path / name for name in ("raw", "labelled", "even", "clean", "lines"))
    steps = [
        ("import-hf-dataset", "-n", source, "-o", raw, "--valid-split", "0.2", "-S", "1", "-b", "20"),
        ("transform-dataset", "-i", raw, "-o", labelled, "-l", LABEL, "-k", "{n}"),
        ("balance-dataset", "-i", labelled, "-o", even, "-s", "1", "--split", "train"),
        ("normalize-dataset", "-i", even, "-o", clean, "-n", "potion"),
        ("convert-to-fasttext", "-i", even, "-o", lines),
    ]
    for words in steps:
        ended = bonepick(*words)
        assert (ended.code, ended.out) == (0, ""), ended.err
        assert ended.err.splitlines()[-1].endswith(f"-> {words[4]}")
    found = json.loads((lines / "dataset.json").read_text())["splits"]
    assert found["test"] == {"rows": 10, "rejected": 0, "labels": {"neg": 7, "pos": 3}}
    assert found["train"]["labels"]["neg"] == found["train"]["labels"]["pos"] > 0
    whole = json.loads((labelled / "dataset.json").read_text())["splits"]
    assert whole["train"]["rows"] + whole["valid"]["rows"] == 30
    assert found["valid"] == whole["valid"]
    for split in ("train", "valid", "test"):
        kept = [row for path in sorted((clean / split).iterdir()) for row in read(path)]
        assert [list(row) for row in kept] == [["n", "text", "score"]] * len(kept)
        expected = [f"__label__{row['score']} Text number {row['n']}" for row in kept]
        assert (lines / f"{split}.txt").read_text().splitlines() == expected
    first = {path.name: tree(path) for path in (raw, labelled, even, clean, lines)}
    for words in steps:
        bonepick(*words, "--overwrite")
    assert {path.name: tree(path) for path in (raw, labelled, even, clean, lines)} == first


def test_several_inputs_and_splits_are_given_by_repeating_the_flag(
    tmp_path: Path, write: Write, tree: Tree, bonepick: Run
) -> None:
    inputs = [write(tmp_path / name, {"train/a.jsonl": [{"text": name, "score": 1}]}) for name in "ab"]
    words = [word for folder in inputs for word in ("-i", folder)]
    ended = bonepick("balance-dataset", *words, "-o", tmp_path / "out", "--split", "train", "--split", "test")
    assert ended.code == 0
    assert sorted(tree(tmp_path / "out")) == [
        ".bonepick.json",
        "dataset.json",
        "train/0/a.jsonl.zst",
        "train/1/a.jsonl.zst",
    ]


@pytest.mark.parametrize("passes", [["3"], ["3", "25"]])
def test_flags_reach_the_library_as_the_plain_params(
    monkeypatch: pytest.MonkeyPatch, bonepick: Run, passes: list[str]
) -> None:
    from bonepick.classifiers.fasttext.params import FastTextParams
    from bonepick.commands import train as commands
    from bonepick.core.run import Run as HowToRun

    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(commands, "train", lambda *given: calls.append(given))
    words = ["-d", "a", "-d", "b", "-o", "out", "--loss", "ova", "--labels", "neg", "--labels", "pos"]
    words += [word for number in passes for word in ("--epoch", number)]
    assert bonepick("train-fasttext", *words).code == 0
    ((kind, source, output, params, run),) = calls
    assert (kind, source.dataset_dirs, output, run) == ("fasttext", [Path("a"), Path("b")], Path("out"), HowToRun(1))
    assert params == FastTextParams(epoch=tuple(map(int, passes)), loss="ova", labels=("neg", "pos"))
    assert type(params) is FastTextParams


def test_every_kind_has_a_command_that_says_what_it_is(bonepick: Run) -> None:
    shown = " ".join(bonepick("--help").out.split())
    for kind in kind_names():
        assert f"train-{kind} " in shown
        assert kind_help(kind)[:20] in shown


@pytest.mark.parametrize(("old", "new"), [("--precision", "--target-precision"), ("--words=0.2", "--word-budget")])
def test_a_flag_that_was_renamed_is_refused_with_its_new_name(bonepick: Run, old: str, new: str) -> None:
    line = said(bonepick("compare", "evals", old, "0.5"), 2)
    assert line == f"error: {old.partition('=')[0]} is called {new} now"


def test_the_version_is_the_packages(bonepick: Run) -> None:
    from importlib.metadata import version

    assert bonepick("--version").out.strip() == version("bonepick")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Callable[..., "subprocess.CompletedProcess[bytes]"]]:
    def run(*words: str | bytes) -> "subprocess.CompletedProcess[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1]), "BONEPICK_NUM_PROC": "2"}
        command = [sys.executable, "-m", "bonepick.cli", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)

    yield run


def test_a_process_of_its_own_ends_with_the_same_line_and_code(
    shell: Callable[..., "subprocess.CompletedProcess[bytes]"], tmp_path: Path, write: Write
) -> None:
    """With workers: what is raised in one must arrive as the same line."""
    write(tmp_path / "in", {"train/a.jsonl": b'{"text": "x", "score": 1}\nnot json\n'})
    done = shell("convert-to-fasttext", "-i", "in", "-o", "out")
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = done.stderr.splitlines()
    assert line.startswith(b"error: in/train/a.jsonl:2: not valid JSON")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_a_path_that_is_not_unicode_is_one_line_or_works(
    shell: Callable[..., "subprocess.CompletedProcess[bytes]"], tmp_path: Path
) -> None:
    done = shell("convert-to-fasttext", "-i", b"in\xff", "-o", "out")
    assert done.returncode in (1, 2)
    (line,) = done.stderr.splitlines()
    assert line.startswith(b"error: ")


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import json, sys\n"
        "from bonepick.cli import main\n"
        "sys.argv = ['bonepick', '--help']\n"
        "try:\n    main()\nfinally:\n    print(json.dumps(list(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "datasets", "sklearn", "dvc", "numpy", "model2vec", "fasttext", "tokenizers", "pyarrow"}
    assert "bonepick.cli" in json.loads(done.stderr)
    assert not heavy & set(json.loads(done.stderr))
