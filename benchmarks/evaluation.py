"""Time to evaluate three models on 100,000 test rows, beyond their predictions, and to compare them, report included.

Beside it, in the same run, what one resample costs when it is done with scikit-learn's function in scipy's bootstrap,
and here; each for the AUC of one model, and the ratio of both.

    python benchmarks/evaluation.py
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from baselines import bootstrap_of_auc

from bonepick.core.parallel import worker_count
from bonepick.core.run import Run
from bonepick.evaluation.store import save_evaluation
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.ranking import Concordance
from bonepick.reporting.compare import compare
from bonepick.reporting.save_comparison import save_comparison

TEST, VALID = 100_000, 10_000
MODELS = {"first": 1.5, "second": 1.6, "third": 2.0}


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def predictions(name: str, signal: float, columns: dict[str, list[Any]]) -> Predictions:
    """Scores of a model that knows this much of the label."""
    draw = np.random.default_rng(len(name))
    good = np.array(columns["gold"]) == "pos"
    scores = 1 / (1 + np.exp(-signal * (good - 0.5) - draw.normal(size=len(good))))
    return Predictions(name, ["neg", "pos"], columns, np.stack([1 - scores, scores], axis=1))


def columns() -> dict[str, list[Any]]:
    """Two datasets, twenty sources, fifty topics."""
    n, draw = TEST + VALID, np.random.default_rng(0)
    return {
        "dataset": [("seen", "unseen")[i % 2] for i in range(n)],
        "split": ["test"] * TEST + ["valid"] * VALID,
        "row": list(range(n)),
        "digest": [f"{i:064x}" for i in range(n)],
        "length": draw.integers(300, 5_000, n).tolist(),
        "words": draw.integers(50, 900, n).tolist(),
        "source": [f"source {i}" for i in draw.integers(0, 20, n)],
        "group": [None] * n,
        "topic": draw.integers(0, 50, n).tolist(),
        "gold": [("neg", "pos")[i] for i in draw.integers(0, 2, n)],
    }


def main() -> None:
    """Print the seconds of each part, and the ratio."""
    shared, params, run = columns(), EvalParams(), Run(worker_count())
    with TemporaryDirectory() as scratch:
        whole, evals, reports = 0.0, Path(scratch, "evals"), Path(scratch, "reports")
        for name, signal in MODELS.items():
            model = predictions(name, signal, shared)

            def evaluate(model: Predictions = model) -> None:
                evaluation = measure(model, ["an excerpt"] * len(model), params, run.workers)
                save_evaluation(evaluation, evals / model.kind, run)

            taken = seconds(evaluate)
            print(f"evaluate {name:<8} {taken:6.1f} s")
            whole += taken
        taken = seconds(lambda: save_comparison(compare({"": evals}, params, run), reports, run))
        print(f"compare           {taken:6.1f} s")
        print(f"all               {whole + taken:6.1f} s for {TEST:,} rows, {params.bootstrap:,} resamples")
    model = predictions("third", MODELS["third"], shared).test
    good = model.targets
    theirs = seconds(lambda: bootstrap_of_auc(good, model.score, 20)) / 20
    draw, ranks = np.random.default_rng(1), Concordance(model.score, good)
    resamples = [np.bincount(draw.integers(0, TEST, TEST), minlength=TEST).astype(np.float64) for _ in range(100)]
    ours = seconds(lambda: [ranks(weights) for weights in resamples]) / 100
    print(
        f"one resample of an AUC: {1000 * theirs:.2f} ms with the libraries, {1000 * ours:.2f} ms here, "
        f"{theirs / ours:.0f} times"
    )


if __name__ == "__main__":
    main()
