"""The headline of the report: which model leads, whether that is real, and where another one does. Computed, always."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from bonepick.core.tables import with_interval
from bonepick.metrics.evaluation import Evaluation, MetricRow
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.table import AUC, WITHIN
from bonepick.reporting.differences import Difference
from bonepick.reporting.grids import sizes_of
from bonepick.reporting.naming import dataset_slice, listed

MAX_ORDERED = 3
"""Models whose order is spelled out."""


@dataclass(frozen=True)
class _Ranking:
    """Models by one metric of a slice.

    Attributes:
        slice: all test rows, or a dataset's.
        metric: `auc` or `within_topic_auc`.
        values: the model with its metric, best first.
        verdicts: differences of the models in it.
    """

    slice: Slice
    metric: str
    values: list[tuple[str, MetricRow]]
    verdicts: list[Difference]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.values]

    @property
    def where(self) -> str:
        rows = self.values[0][1].rows
        where = f"on {self.slice.name} ({rows:,} test rows)" if self.slice != ALL else f"on all {rows:,} test rows"
        return "inside topics" if self.metric == WITHIN else where

    def split(self) -> tuple[list[str], list[str]]:
        """Return the models that the first is better than for sure, and those that it may be no better than."""
        leader = self.names[0]
        beaten, unsure = set[str](), set[str]()
        for one in self.verdicts:
            if leader in (one.first, one.second):
                other = one.second if one.first == leader else one.first
                (beaten if one.better == leader else unsure).add(other)
        return [n for n in self.names if n in beaten], [n for n in self.names if n in unsure]


def headline(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> list[str]:
    """Return sentences: the first says who leads on all test rows and whether that is real, others add to it.

    A dataset is named, and pairs of texts inside topics are, with what is another there than on all test rows.
    """
    whole = _ranking(models, verdicts, ALL, AUC)
    if not whole.values:
        if not all(model.predictions.ordered for model in models):
            return ["No model has an AUC: which label is better is not known (`labels:` or --labels says it)."]
        return ["No model has an AUC: the test rows are not of two labels that it knows."]
    if len(whole.values) == 1:
        return [_alone(whole)]
    if not all(_compared(whole)):
        return _pairwise(models, verdicts)
    datasets = sizes_of(models, "dataset")
    slices = [dataset_slice(name) for name in datasets if len(datasets) > 1]
    parts = [*(_ranking(models, verdicts, part, AUC) for part in slices), _ranking(models, verdicts, ALL, WITHIN)]
    parts = [part for part in parts if len(part.values) > 1]
    other = [part for part in parts if part.names != whole.names]
    if len(whole.names) > MAX_ORDERED:  # an order of many is for the tables: the first place alone is said
        other = [part for part in other if part.names[0] != whole.names[0]]
    alike = [part for part in parts if part not in other]
    unsure = [part for part in alike if set(part.split()[1]) - set(whole.split()[1])]
    same = [part for part in alike if part not in unsure]
    differ = _led_by_another if len(whole.names) > MAX_ORDERED else _differs
    return [_leads(whole), *(differ(part, whole) for part in other), *_agree_unsurely(unsure), *_agree(same)]


def _ranking(models: Sequence[Evaluation], verdicts: Sequence[Difference], part: Slice, metric: str) -> _Ranking:
    rows = [(model.name, model.row(part, metric)) for model in models]
    values = sorted(((name, row) for name, row in rows if row), key=lambda each: -each[1].value)
    return _Ranking(part, metric, values, [one for one in verdicts if (one.slice, one.metric) == (part, metric)])


def _compared(ranking: _Ranking) -> Iterable[bool]:
    beaten, unsure = ranking.split()
    return (name in (*beaten, *unsure) for name in ranking.names[1:])


def _leads(ranking: _Ranking) -> str:
    leader = ranking.names[0]
    beaten, unsure = ranking.split()
    ahead = f"{ranking.where} (AUC\N{NO-BREAK SPACE}{ranking.values[0][1].value:.3f})"
    if not unsure:
        every = listed(beaten) if len(beaten) < MAX_ORDERED else f"all {len(beaten)} others"
        return f"{leader} is best {ahead}, and its lead over {every} is real."
    small = f"over {listed(unsure)} is no more than these rows can show"
    if not beaten:
        return f"No model is best for sure: {leader} is ahead {ahead}, but its lead {small}."
    others = listed(beaten) if len(beaten) < MAX_ORDERED else f"{len(beaten)} others"
    return f"{leader} is ahead {ahead}: its lead over {others} is real, that {small}."


def _differs(ranking: _Ranking, whole: _Ranking) -> str:
    """Say the order on some rows, and of the pairs that stand the other way round there whether that is real."""
    better = {(one.better, one.first if one.better == one.second else one.second) for one in ranking.verdicts}
    turned = [
        (ahead, behind)
        for ahead, behind in combinations(ranking.names, 2)
        if {ahead, behind} <= set(whole.names) and whole.names.index(ahead) > whole.names.index(behind)
    ]
    real = [f"{ahead} is better than {behind}" for ahead, behind in turned if (ahead, behind) in better]
    small = [f"{ahead} over {behind}" for ahead, behind in turned if (ahead, behind) not in better]
    said = [f"{listed(real)} there, and that is real"] if real else []
    leads = "the lead of {} is" if len(small) == 1 else "the leads of {} are"
    said += [f"{leads.format(listed(small))} no more than these rows can show"] if small else []
    order = ", ".join(f"{name} {row.value:.3f}" for name, row in ranking.values)
    where = ranking.where[0].upper() + ranking.where[1:]
    return f"{'; '.join([f'{where} the order changes: {order}', *said])}."


def _led_by_another(ranking: _Ranking, whole: _Ranking) -> str:
    leader, usual = ranking.names[0], whole.names[0]
    real = "is real" if usual in ranking.split()[0] else "is no more than these rows can show"
    where = ranking.where[0].upper() + ranking.where[1:]
    return f"{where} {leader} leads (AUC {ranking.values[0][1].value:.3f}); its lead over {usual} {real}."


def _agree_unsurely(rankings: Sequence[_Ranking]) -> Iterator[str]:
    """Yield a sentence for all rankings whose leader may be no better than the same others."""
    by_others: dict[tuple[str, ...], list[_Ranking]] = {}
    for ranking in rankings:
        by_others.setdefault(tuple(ranking.split()[1]), []).append(ranking)
    for others, alike in by_others.items():
        small = f"there its lead over {listed(others)} is no more than these rows can show"
        yield f"{alike[0].names[0]} is ahead {_places(alike)} too, but {small}."


def _agree(rankings: Sequence[_Ranking]) -> Iterator[str]:
    if rankings:
        real = "" if any(part.split()[1] for part in rankings) else ", and its lead is real there"
        yield f"{rankings[0].names[0]} is ahead {_places(rankings)} too{real}."


def _places(rankings: Sequence[_Ranking]) -> str:
    datasets = [part.slice.name for part in rankings if part.slice != ALL]
    inside = ["inside topics"] if len(datasets) < len(rankings) else []
    return listed([*([f"on {listed(datasets)}"] if datasets else []), *inside])


def _pairwise(models: Sequence[Evaluation], verdicts: Sequence[Difference]) -> list[str]:
    """Return a sentence for each compared pair: of two runs, only models of one name are compared."""
    pooled = [one for one in verdicts if (one.slice, one.metric) == (ALL, AUC)]
    if not pooled:
        return [f"{len(models)} models, not compared with each other."]
    real = sum(one.better is not None for one in pooled)
    pairs = f"{len(pooled)} pairs" if len(pooled) > 1 else "1 pair"
    first = f"{real or 'None'} of {pairs} of models {'differs' if real < 2 else 'differ'} for sure on all test rows."
    return [first, *(f"{one.second} against {one.first}: {one.verdict}." for one in pooled)]


def _alone(ranking: _Ranking) -> str:
    name, row = ranking.values[0]
    value = with_interval(row.value, row.low, row.high)
    return f"{name} ranks {row.rows:,} test rows with AUC {value}; no other model has one."
