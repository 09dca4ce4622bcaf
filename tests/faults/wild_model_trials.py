"""Commands on wild copies of models, evaluations, topics and datasets: one a copy."""

import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.faults.trials import Trial
from tests.faults.wild_models import wild_copy

EVAL = "eval --bootstrap 20 -n whitespace -d {rows} -m {wild}"
COMMANDS = {
    "model2vec": [EVAL],
    "contrastive": [EVAL],
    "fasttext": [EVAL],
    "base": ["find-topics --n-topics 3 -d {rows} -m {wild}"],
    "evaluation": ["compare --bootstrap 20 {wild}"],
    "topics": ["eval --bootstrap 20 -d {rows} -m {fasttext} -t {wild}"],
    "imported": ["normalize-dataset -i {wild}", "convert-to-fasttext -i {wild}", "transform-dataset -i {wild}"],
    "embedded": ["train-model2vec --max-epochs 1 -m {base} -d {wild}"],
    "converted": ["train-fasttext --bucket 100 --epoch 1 -d {wild}", "eval --bootstrap 20 -d {wild} -m {fasttext}"],
}
KINDS = ["model2vec", "model2vec", "contrastive", *["fasttext"] * 3, "base", "evaluation", "evaluation", *COMMANDS]


def model_trials(rng: random.Random, folder: Path, models: Mapping[str, Path]) -> Iterator[Trial]:
    """Yield a command on a wild copy."""
    kind = rng.choice(KINDS)
    wild, out = folder / "in", folder / "out"
    wild_copy(rng, models[kind], {name: path for name, path in models.items() if name != "rows"}, wild)
    if kind == "evaluation":  # beside one that is whole
        shutil.copytree(models[kind] / "fasttext", wild / "whole")
    paths = {**models, "wild": wild}
    words = [word.format(**paths) for word in rng.choice(COMMANDS[kind]).split()]
    yield Trial([*words, "-o", out], folder, out)
