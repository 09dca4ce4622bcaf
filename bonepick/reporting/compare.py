"""Compare: all evaluated models in one table, and which of their differences are real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from bonepick.core.cells import LONGEST_LINE, on_one_line
from bonepick.core.errors import BonepickError
from bonepick.core.reading import is_there
from bonepick.core.run import Run
from bonepick.core.tables import as_markdown, with_interval
from bonepick.evaluation.store import PREDICTIONS_FILE, load
from bonepick.evaluation.topics import Topic, assigned_topics, load_topics
from bonepick.metrics.bootstrap import bootstrap
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.slices import ALL, VALID
from bonepick.metrics.table import AUC, compared, metric
from bonepick.reporting.costs import TITLES, Cost
from bonepick.reporting.differences import Difference, differences
from bonepick.reporting.grids import board_keys
from bonepick.reporting.history import HistoryRow, histories


@dataclass(frozen=True)
class Comparison:
    """Some models on the same test rows.

    Attributes:
        models: the highest pooled AUC first.
        leaderboard: a header, then a row a model.
        differences: of each pair, the better one second; of two runs, the later run's model second.
        topics: what the topics of the test rows are about.
        history: losses of the models while they were trained.
        notes: sentences on what the differences rest on.
        costs: of each model; see `with_costs`.
    """

    models: list[Evaluation]
    leaderboard: list[list[str]]
    differences: list[Difference]
    topics: list[Topic] = field(default_factory=list)
    history: list[HistoryRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    costs: Mapping[str, Cost] = field(default_factory=dict)

    def with_costs(self, costs: Mapping[str, Cost]) -> "Comparison":
        """Return the same with what each model costs, which stands on the leaderboard too."""
        header, *rows = self.leaderboard
        board = [[*header, *TITLES], *([*row, *costs[row[0]].cells()] for row in rows)]
        return replace(self, leaderboard=board, costs=costs)

    def __str__(self) -> str:
        verdicts = [["models", "rows of", "metric", "verdict"]]
        for one in self.differences:
            verdicts.append([f"{one.first}, {one.second}", one.slice.name or "all datasets", one.metric, one.verdict])
        table = f"\n{as_markdown(verdicts, 4)}" if self.differences else ""
        return "".join(
            [as_markdown(self.leaderboard), table, *(f"\n{on_one_line(note, LONGEST_LINE)}\n" for note in self.notes)]
        )


@dataclass(frozen=True)
class _Entry:
    """An evaluation of a run.

    Attributes:
        run: its number.
        kind: name of the evaluation's folder.
        model: the evaluation.
    """

    run: int
    kind: str
    model: Evaluation


def compare(
    runs: Mapping[str, Path],
    params: EvalParams,
    run: Run = Run(),
    kinds: Sequence[str] | None = None,
    topics: Path | None = None,
    models_dir: Path | None = None,
) -> Comparison:
    """Compare the models of a run with each other, or each model of a run with the one of that name in another.

    Args:
        runs: name -> folder, one or two, each an evaluation or a folder of some.
        params: of the resamples that differences come from; the models' own intervals are their evaluations'.
        run: threads that resample.
        kinds: names of the evaluations' folders to look at; all by default.
        topics: what `find_topics` wrote, for the report.
        models_dir: has a directory for each evaluation of a single run, whose training history is taken along.

    Raises:
        BonepickError: there is no evaluation, one was made by an older version, or evaluations differ in their test
            rows, or in their topics from these.
    """
    entries = _entries(runs, kinds)
    entries.sort(key=lambda entry: (-(entry.model.value(ALL, AUC) or 0.0), entry.model.name))
    models = [entry.model for entry in entries]
    names = [model.name for model in models]
    tests = [model.predictions.test for model in models]
    _refuse_other_rows(names, tests)
    described = load_topics(topics) if topics else []
    if topics:
        for test in tests:
            _refuse_other_topics(topics, described, test)
    notes = _put_on_same_topics(entries, tests)
    resampled = bootstrap(tests, params, [metric.name for metric in compared()], run.workers)
    history = histories(models_dir, names) if models_dir and len(runs) == 1 else []
    found = differences(names, _pairs(entries), resampled)
    if len(models) > 1 and not found:
        unordered = not all(test.ordered for test in tests)
        why = (
            "which label is better is not known to a model"
            if unordered
            else "the test rows have one label only, or none"
        )
        notes.append(f"no difference can be measured: {why}")
    return Comparison(models, leaderboard_table(models), found, described, history, notes)


def leaderboard_table(models: Sequence[Evaluation]) -> list[list[str]]:
    """Return the table: a header, then a row a model in the given order.

    AUC stands for all test rows and for each dataset's. Metrics that models are compared by have their 95% intervals;
    `valid auc` is what choices are made by.
    """
    keys = board_keys(models)
    titles = [
        " ".join(["valid"] * (part == VALID) + [metric(name).title.lower()] + [part.name] * bool(part.name))
        for part, name in keys
    ]
    shown = {each.name for each in compared()}
    table = [["model", *titles]]
    for model in models:
        rows = [model.row(*key) for key in keys]
        cells = ["-" if r is None else with_interval(*(r[3:] if r.metric in shown else (r.value,))) for r in rows]
        table.append([model.name, *cells])
    return table


def _entries(runs: Mapping[str, Path], kinds: Sequence[str] | None) -> list[_Entry]:
    """Return the evaluations of some runs.

    They go by the folder's name, so that two of one kind can stand side by side; of several runs, by the run's too.
    """
    entries = []
    for number, (name, run) in enumerate(runs.items()):
        alone = is_there(run / PREDICTIONS_FILE)
        inside = sorted(folder for folder in run.glob("[!.]*") if is_there(folder / PREDICTIONS_FILE))
        folders = [run] if alone else inside
        folders = [folder for folder in folders if alone or kinds is None or folder.name in kinds]
        if not folders:
            wanted = f"{PREDICTIONS_FILE} or {_names(kinds)}/{PREDICTIONS_FILE} in it"
            raise BonepickError(f"{name or run} holds no evaluation that can be read: wanted {wanted}; evaluate again")
        for folder in folders:
            shown = folder.name if len(runs) == 1 else name if alone else f"{name}:{folder.name}"
            entries.append(_Entry(number, folder.name, load(folder, shown)))
    return entries


def _names(kinds: Sequence[str] | None) -> str:
    return "*" if kinds is None else f"{{{','.join(kinds)}}}"


def _pairs(entries: Sequence[_Entry]) -> list[tuple[int, int]]:
    """Return which two to compare, as numbers of entries, which stand best first: of one run each two, the better one
    second; of two runs those of one name, the second run's second, or where no name is in both, each with each.
    """
    numbers = range(len(entries))
    if len({entry.run for entry in entries}) == 1:
        return [(worse, better) for better, worse in combinations(numbers, 2)]
    across = [(a, b) for a in numbers for b in numbers if entries[a].run < entries[b].run]
    return [(a, b) for a, b in across if entries[a].kind == entries[b].kind] or across


def _put_on_same_topics(entries: Sequence[_Entry], tests: list[Predictions]) -> list[str]:
    """Give all models that know topics those of the last run, so that topics alone make no difference; say so."""
    last = max(range(len(tests)), key=lambda number: (_topics_of(tests[number]) is not None, entries[number].run))
    topics = _topics_of(tests[last])
    others = [number for number, test in enumerate(tests) if topics and _topics_of(test) not in (None, topics)]
    for number in others:
        tests[number] = replace(tests[number], columns=tests[number].columns | {"topic": topics or []})
    if not others:
        return []
    names = ", ".join(entries[number].model.name for number in others)
    return [
        f"{names}: evaluated with other topics than {entries[last].model.name}; the table has its own value within "
        "topics, differences are measured on the latter's topics"
    ]


def _topics_of(test: Predictions) -> list[int | None] | None:
    """Return the topic of each row; None where no row has one."""
    topics: list[int | None] = test.columns["topic"]
    return None if set(topics) <= {None} else topics


def _refuse_other_topics(folder: Path, described: Sequence[Topic], test: Predictions) -> None:
    known = set(test.columns["topic"]) - {None}
    if known - {topic.topic for topic in described} or (
        known and assigned_topics(folder, test.columns) != test.columns["topic"]
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
