"""What defaults are judged on: kinds with some params, trained on every set, against the first of them.

The sets are labelled documents of a crawl (5,000, and as many as one wants, all tested on the latter's test rows), the
sample with sources held out in three ways, and, where a directory is given, a dataset of rows with its labels as they
are. A variant is a kind, with params in place of those of params.yaml: "contrastive n_clusters=200 l2=[0.01,0.1]";
without any, each kind of params.yaml is one, model2vec first. Sets are kept under tmp/defaults: delete that to have
them made anew. `-s` names the sets that are wanted: crawl-5000, crawl-N, unseen, films, chrome_news, or the directory.

    python benchmarks/defaults.py [-n DOCUMENTS] [-d DIRECTORY] [-s SET ...] [VARIANT ...]
"""

import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from held_out import HELD_OUT, write_held_out
from labelled import DOCUMENTS, write_labelled

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.load import load
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.static.embed_dataset import embed_dataset
from bonepick.core.parallel import worker_count
from bonepick.core.params_file import read_node, read_params
from bonepick.core.run import Run
from bonepick.core.tables import as_text, with_interval
from bonepick.core.yaml_text import parsed
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, predict
from bonepick.evaluation.find_topics import find_topics
from bonepick.evaluation.params import TopicsParams
from bonepick.metrics.bootstrap import Bootstrap, bootstrap
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.slices import ALL
from bonepick.metrics.table import AUC, WITHIN, metrics_of
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.preparation.transform import TransformParams, transform_dataset
from bonepick.reporting.differences import differences

CACHE, FEW = Path("tmp/defaults"), 5_000
BASE = "packaged"
RUN, ROWS = Run(worker_count(), overwrite=True), RowParams()


class Set(NamedTuple):
    """A dataset to train on, and those to test on; whether its labels are those of params.yaml."""

    name: str
    trained_on: Path
    tested_on: list[Path]
    known_labels: bool = True


class Variant(NamedTuple):
    """A kind with its params, and what it is called."""

    name: str
    kind: str
    params: Any


def variant(words: str) -> Variant:
    """Parse one."""
    kind, *settings = words.split()
    given = {field: parsed(value) for field, _, value in (setting.partition("=") for setting in settings)}
    params = read_params(params_of(kind), f"train.{kind}")
    return Variant(words, kind, params_of(kind)(**asdict(params) | given))


def sets(count: int, own: Path | None) -> Iterator[Set]:
    """Yield the sets; what is not there yet is made."""
    for number in (FEW, count):
        raw = CACHE / f"raw/crawl-{number}"
        if not raw.exists():
            write_labelled(raw, number)
    if not (CACHE / "raw" / next(iter(HELD_OUT))).exists():
        write_held_out(CACHE / "raw")
    all_documents = labelled(f"crawl-{count}")
    yield Set(f"crawl-{FEW}", labelled(f"crawl-{FEW}"), [all_documents])
    yield Set(f"crawl-{count}", all_documents, [all_documents])
    for name in HELD_OUT:
        yield Set(name, labelled(name), [labelled(name), labelled(f"{name}_seen")])
    if own:
        yield Set(own.name, own, [own], known_labels=False)


def labelled(name: str) -> Path:
    """Return rows with the pipeline's labels in place of tiers."""
    rows = CACHE / name
    if not rows.exists():
        transform_dataset(CACHE / "raw" / name, rows, read_params(TransformParams, "transform"), RUN)
    return rows


def prepared(rows: Path, kind: str) -> Path:
    """Return a dataset as the pipeline has it for this kind."""
    params = params_of(kind)
    folder = CACHE / ("lines" if params.takes_lines else "embedded" if params.takes_base_model else "normalized")
    target = folder / rows.name
    if target.exists():
        return target
    if params.takes_lines:
        convert_to_fasttext(rows, target, read_params(ConvertParams, "convert"), ROWS, RUN)
    elif params.takes_base_model:
        embed_dataset(rows, target, read_params(NormalizeParams, "normalize"), ROWS, BASE, RUN)
    else:
        normalize_dataset(rows, target, read_params(NormalizeParams, "normalize"), ROWS, RUN)
    return target


def topics_of(one: Set) -> Path:
    """Return the topics of the rows that a set is tested on."""
    topics = CACHE / "topics" / one.tested_on[0].name
    if not topics.exists():
        find_topics(one.tested_on, BASE, topics, read_params(TopicsParams, "topics"), ROWS, RUN)
    return topics


def predictions(one: Set, each: Variant) -> tuple[Predictions, float]:
    """Train it, and return what it says, and the CPU seconds of training on what is embedded or converted already."""
    given = TrainingInput([prepared(one.trained_on, each.kind)], base_model=BASE)
    with TemporaryDirectory() as folder:
        began = sum(os.times()[:4])  # with children, which train fastText
        params = each.params if one.known_labels else replace(each.params, labels=())
        train(each.kind, given, Path(folder, "model"), params, RUN)
        taken = sum(os.times()[:4]) - began
        evaluated = EvaluationInput(one.tested_on, ROWS, topics=topics_of(one))
        return predict(load(Path(folder, "model")), evaluated, RUN)[0], taken


def table_rows(one: Set, variants: Sequence[Variant], params: EvalParams) -> Iterator[list[str]]:
    """Yield a row for each part of the test rows and each variant: its metrics, less those of the first one too."""
    models, seconds = zip(*(predictions(one, each) for each in variants), strict=True)
    resampled = bootstrap([model.test for model in models], params, [AUC, WITHIN], RUN.workers)
    pairs = [(0, number) for number in range(1, len(models))]
    gains = {(d.second, d.slice, d.metric): d for d in differences([v.name for v in variants], pairs, resampled)}
    parts = sorted({part for part, _ in resampled.keys if part == ALL or len(resampled.datasets) > 1})
    for part in parts:
        for number, each in enumerate(variants):
            cells = [_cell(resampled, number, (part, metric)) for metric in (AUC, WITHIN)]
            found = [gains.get((each.name, part, metric)) for metric in (AUC, WITHIN)]
            less = [with_interval(gain.value, gain.low, gain.high) if gain else "-" for gain in found]
            valid = metrics_of(models[number].valid, [AUC]).get(AUC)
            yield [
                one.name,
                part.name or "all",
                each.name,
                *cells,
                *less,
                with_interval(valid),
                f"{seconds[number]:.1f}",
            ]


def _cell(resampled: Bootstrap, number: int, key: Any) -> str:
    if key not in resampled.keys:
        return "-"
    return with_interval(float(resampled.points[number, resampled.keys.index(key)]))


def main() -> None:
    """Print a table for each set."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=DOCUMENTS)
    parser.add_argument("-d", type=Path)
    parser.add_argument("-s", action="append")
    parser.add_argument("variants", nargs="*")
    given = parser.parse_args()
    kinds = sorted(read_node("kinds"), key=lambda kind: (kind != "model2vec", kind))
    variants = [variant(words) for words in given.variants or kinds]
    header = ["set", "test rows", "model", "auc", "within", f"less {variants[0].name}'s", "within", "valid", "CPU s"]
    for one in sets(given.n, given.d):
        if given.s and one.name not in given.s:
            continue
        print(as_text([header, *table_rows(one, variants, read_params(EvalParams, "eval"))], left=3), flush=True)


if __name__ == "__main__":
    main()
