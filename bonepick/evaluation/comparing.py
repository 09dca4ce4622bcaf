"""Compare: all evaluated models in one table, and which of their differences are real."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.evaluation.differences import FIGURES, Difference, differences
from bonepick.evaluation.evaluation_folder import Evaluation
from bonepick.evaluation.intervals import Replicates, replicates
from bonepick.evaluation.layout import PREDICTIONS_FILE
from bonepick.evaluation.metrics import figures
from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.report import write_report
from bonepick.evaluation.tables import as_csv, as_markdown, write_csv
from bonepick.evaluation.topics import Topic, load_topics, topics_of

LEADERBOARD = "leaderboard"
DIFFERENCES_FILE = "differences.csv"
DIFFERENCES_HEADER = ("first", "second", "of", "figure", "difference", "low", "high", "rows", "verdict")


@dataclass(frozen=True)
class Comparison:
    """Some models on the same test rows.

    Attributes:
        models: the highest pooled AUC first.
        leaderboard: a header, then a row a model.
        differences: of each pair, the better one second; of two runs, the later run's model second.
    """

    models: list[Evaluation]
    leaderboard: list[list[str]]
    differences: list[Difference]

    def __str__(self) -> str:
        verdicts = [["models", "rows of", "figure", "verdict"]]
        for one in self.differences:
            verdicts.append([f"{one.first}, {one.second}", one.of or "all datasets", one.figure, one.verdict])
        return as_markdown(self.leaderboard) + (f"\n{as_markdown(verdicts, 4)}" if self.differences else "")


@dataclass(frozen=True)
class Context:
    """What a report says beside its evaluations.

    Attributes:
        topics: what `find_topics` wrote.
        made_by: title -> text, such as that of the parameters.
    """

    topics: Path | None = None
    made_by: Mapping[str, str] = field(default_factory=dict)


def compare(
    runs: Mapping[str, Path],
    params: EvalParams,
    output_dir: Path | None = None,
    overwrite: bool = False,
    context: Context = Context(),
    workers: int = 1,
) -> Comparison:
    """Compare the models of a run with each other, or each model of a run with the one of that name in another.

    Args:
        runs: name -> folder, one or two, each an evaluation or a folder of some.
        params: of the resamples.
        output_dir: gets the tables and the report; None writes nothing.
        overwrite: replace an earlier output of that kind.
        context: what the report says beside them.
        workers: threads that resample; the result does not depend on them.

    Raises:
        BonepickError: there is no evaluation, evaluations differ in their test rows, or the output is occupied.
    """
    inputs = [*runs.values(), *([context.topics] if context.topics else [])]
    with atomic_directory(output_dir, "report", overwrite, inputs) if output_dir else nullcontext() as folder:
        compared, described = _compared(runs, params, context, workers)
        if folder:
            _save(compared, described, context.made_by, folder)
    return compared


def _compared(
    runs: Mapping[str, Path], params: EvalParams, context: Context, workers: int
) -> tuple[Comparison, list[Topic]]:
    entries = sorted(_evaluations(runs), key=lambda entry: (-_test_auc(entry[2]), entry[2].name))
    models = [model for _, _, model in entries]
    names, tests = [model.name for model in models], [model.predictions.where(split="test") for model in models]
    _refuse_other_rows(names, tests)
    described = load_topics(context.topics) if context.topics else []
    if context.topics:
        _refuse_other_topics(context.topics, described, tests[0])
    found = replicates(tests, params, FIGURES, workers)
    return Comparison(models, leaderboard(models, found), differences(names, _pairs(entries), found)), described


def _save(compared: Comparison, described: Sequence[Topic], made_by: Mapping[str, str], folder: Path) -> None:
    (folder / f"{LEADERBOARD}.md").write_text(as_markdown(compared.leaderboard), encoding="utf-8")
    (folder / f"{LEADERBOARD}.csv").write_text(as_csv(compared.leaderboard), encoding="utf-8")
    rows = [
        (o.first, o.second, o.of, o.figure, o.value, o.low, o.high, o.rows, o.verdict) for o in compared.differences
    ]
    write_csv(folder / DIFFERENCES_FILE, DIFFERENCES_HEADER, rows)
    write_report(compared.models, compared.differences, folder, described, made_by)


def leaderboard(models: Sequence[Evaluation], found: Replicates) -> list[list[str]]:
    """Return the table: a header, then a row a model in the given order.

    AUC stands for all test rows, for each dataset's, and for pairs of texts of one topic, each with its 95% interval;
    accuracy and macro F1 are those of all test rows; `valid auc` is what choices are made by.
    """
    datasets = found.datasets if len(found.datasets) > 1 else []
    columns = [("auc", ("", "auc")), *((f"auc {name}", (name, "auc")) for name in datasets)]
    columns = [
        (title, key) for title, key in [*columns, ("within topics", ("", "within_topic_auc"))] if key in found.keys
    ]
    rows = []
    for number, model in enumerate(models):
        cells = [found.shown(number, key) for _, key in columns]
        test, valid = (figures(model.predictions.where(split=split)) for split in ("test", "valid"))
        numbers = (test.get("accuracy"), test.get("macro_f1"), valid.get("auc"))
        rows.append([model.name, *cells, *("-" if value is None else f"{value:.3f}" for value in numbers)])
    return [["model", *(title for title, _ in columns), "accuracy", "macro f1", "valid auc"], *rows]


def _test_auc(model: Evaluation) -> float:
    return figures(model.predictions.where(split="test")).get("auc", 0.0)


def _evaluations(runs: Mapping[str, Path]) -> list[tuple[int, str, Evaluation]]:
    """Return the evaluations of some runs, each with its run's number and its folder's name.

    They go by the folder's name, so that two of one kind can stand side by side; of several runs, by the run's too.
    """
    found = []
    for number, (called, run) in enumerate(runs.items()):
        alone = (run / PREDICTIONS_FILE).is_file()
        folders = [run] if alone else sorted(path.parent for path in run.glob(f"[!.]*/{PREDICTIONS_FILE}"))
        if not folders:
            wanted = f"{run}/{PREDICTIONS_FILE} or {run}/*/{PREDICTIONS_FILE}"
            raise BonepickError(f"{run} holds no evaluation: wanted {wanted}")
        for folder in folders:
            name = folder.name if len(runs) == 1 else called if alone else f"{called}:{folder.name}"
            found.append((number, folder.name, replace(Evaluation.load(folder), name=name)))
    return found


def _pairs(entries: Sequence[tuple[int, str, Evaluation]]) -> list[tuple[int, int]]:
    """Return which two to compare, as numbers of entries, which stand best first: of one run each two, the better one
    second; of two runs those of one name, the second run's second, or where no name is in both, each with each.
    """
    numbers = range(len(entries))
    if len({run for run, _, _ in entries}) == 1:
        return [(worse, better) for better, worse in combinations(numbers, 2)]
    across = [(a, b) for a in numbers for b in numbers if entries[a][0] < entries[b][0]]
    return [(a, b) for a, b in across if entries[a][1] == entries[b][1]] or across


def _refuse_other_topics(folder: Path, described: Sequence[Topic], test: Predictions) -> None:
    known = set(test.columns["topic"]) - {None}
    if known - {topic.topic for topic in described} or (
        known and topics_of(folder, test.columns) != test.columns["topic"]
    ):
        raise BonepickError(
            f"{folder} holds other topics than the models were evaluated with: evaluate with -t {folder}"
        )


def _refuse_other_rows(names: Sequence[str], tests: Sequence[Predictions]) -> None:
    first = tests[0]
    for name, test in zip(names[1:], tests[1:], strict=True):
        same = all(first.columns[column] == test.columns[column] for column in ("dataset", "row", "gold"))
        digests = zip(first.columns["digest"], test.columns["digest"], strict=False)
        if not same or any(a != b for a, b in digests if a is not None and b is not None):
            raise BonepickError(
                f"{names[0]} and {name} were evaluated on different test rows, or on other labels of them: "
                "evaluate them on the same ones"
            )
