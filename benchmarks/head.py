"""Training of kind model2vec, against model2vec's own `fit`, frozen and fine-tuned, on the same base and rows.

Prints CPU seconds and seconds, embedding included, the AUC on test rows, and how many times faster ours is. The rows
are labelled documents of a crawl (see labelled.py), and then the sample; all texts are normalized before.

    python benchmarks/head.py
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from baselines import fit_with_model2vec
from documents import pieces_by_tier
from held_out import HELD_OUT, held_out_rows
from labelled import SPLIT_SEED, TEST, VALID, Row, labelled_documents, write_rows
from scored import Seconds, timed

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.load import load
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.static import embedder
from bonepick.classifiers.static.base_model import load_base_model
from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.splitting import make_splitter
from bonepick.metrics.ranking import Concordance
from bonepick.preparation.importing.sample import sample_rows
from bonepick.text.normalizer import Normalizer

KIND, BASE, NORMALIZER = "model2vec", "packaged", "potion"
DOCUMENTS = 20_000
"""Of which the test rows are tested on, and the others of the first 5,000 trained on."""
TRAINED_ON = 5_000
LAYERS = (512,)
"""What `fit` has by default."""


class Texts(NamedTuple):
    """Texts, normalized, and their labels."""

    texts: list[str]
    labels: list[str]


def crawl() -> Iterable[tuple[str, Row]]:
    """Yield split and row of documents of a crawl."""
    split_of = make_splitter(SPLIT_SEED, TEST, VALID)
    for number, row in enumerate(islice(labelled_documents(pieces_by_tier()), DOCUMENTS)):
        split = split_of(row["group"])
        if split == "test" or number < TRAINED_ON:
            yield split, row


def sample() -> Iterable[tuple[str, Row]]:
    """Yield split and row of the sample, tested on the sources that are not trained on."""
    rows = (row for part in ("seen", "unseen") for row in sample_rows(part))
    return (pair for pair in held_out_rows(HELD_OUT["unseen"], rows) if pair[0] != "seen")


def read(rows: Iterable[tuple[str, Row]], folder: Path) -> dict[str, Texts]:
    """Return the texts of each split, and write them as a dataset."""
    splits = {split: Texts([], []) for split in ("train", "valid", "test")}
    normalizer = Normalizer(NORMALIZER)
    for split, row in rows:
        splits[split].texts.append(normalizer(row["text"]))
        splits[split].labels.append("pos" if row["score"] >= 2 else "neg")
    lines = ((s, {"text": t, "score": label}) for s, some in splits.items() for t, label in zip(*some, strict=True))
    write_rows(lines, folder)
    return splits


def auc_of(probabilities: Any, labels: list[str]) -> float:
    """Return the AUC of the second column."""
    import numpy as np

    good = np.array([label == "pos" for label in labels], dtype=np.int64)
    return float(Concordance(probabilities[:, 1], good)(np.ones(len(good))))


def compared(name: str, rows: Iterable[tuple[str, Row]], folder: Path) -> None:
    """Print a line for each way to train."""
    dataset, model = folder / "rows", folder / "model"
    splits = read(rows, dataset)
    train_rows, valid_rows, test_rows = splits["train"], splits["valid"], splits["test"]
    print(f"{name}: {len(train_rows.texts):,} rows to train on, {len(test_rows.texts):,} test rows", flush=True)

    def ours(kind: str = KIND, **given: Any) -> Any:
        params = replace(read_params(params_of(kind), f"train.{kind}"), **given)
        embedder._means.clear()  # words that were looked up before
        train(kind, TrainingInput([dataset], base_model=BASE), model, params, Run(1, overwrite=True))
        return load(model)

    base = load_base_model(BASE)
    ways: dict[str, Callable[[], Any]] = {
        "ours": ours,
        "ours, its layers": lambda: ours(hidden_units=LAYERS),
        "contrastive": lambda: ours("contrastive"),
        "fit, frozen": lambda: fit_with_model2vec(base, train_rows, valid_rows, freeze=True),
        "fit, fine-tuned": lambda: fit_with_model2vec(base, train_rows, valid_rows, freeze=False),
    }
    first = Seconds(0.0, 0.0)
    for way, work in ways.items():
        trained, seconds = timed(work)
        first = first if first.cpu else seconds
        auc = auc_of(trained.predict_proba(test_rows.texts), test_rows.labels)
        print(
            f"{way:<16} {seconds.cpu:>7.1f} CPU s {seconds.wall:>7.1f} s  AUC {auc:.4f}  ours is "
            f"{seconds.cpu / first.cpu:.1f}x of CPU, {seconds.wall / first.wall:.1f}x on the clock",
            flush=True,
        )


def main() -> None:
    """Compare on both."""
    import_module("model2vec.train")  # what takes seconds once, and is of no matter here
    import_module("torch._dynamo")
    for name, rows in {"documents of a crawl": crawl(), "the sample, unseen sources": sample()}.items():
        with TemporaryDirectory() as folder:
            compared(name, rows, Path(folder))


if __name__ == "__main__":
    main()
