"""A text's probabilities depend on that text alone, to the last bit, whatever it is asked with and by whom."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model2vec import StaticModel
from model2vec.inference import StaticModelPipeline

import bonepick
from bonepick.classifiers.base.kinds import kind_names
from bonepick.classifiers.static.layers import Layers, static_pipeline
from bonepick.classifiers.static.probabilities import TextProbabilities
from bonepick.metrics.predictions import scores_of
from tests.tiny import tiny_bert

KINDS = kind_names()
Ask = Callable[[Sequence[str]], Any]
LETTERS = "law0film1grade23 .,!\n\té漢"
TEXTS = st.lists(st.text(LETTERS, max_size=80) | st.text(max_size=20), min_size=1, max_size=12)


def rows_of(n: int) -> list[str]:
    """Texts of some words to some thousands."""
    draw = random.Random(5)
    texts = ["".join(draw.choices(LETTERS, k=int(draw.lognormvariate(4, 1.5)))) for _ in range(n)]
    return [*texts, "", " ", "law0 grade00 " * 3_000]


def assert_alone(ask: Ask, texts: list[str], sizes: Sequence[int] = (1,)) -> None:
    whole = ask(texts)
    for size in sizes:
        parts = [ask(texts[start : start + size]) for start in range(0, len(texts), size)]
        assert np.concatenate(parts).tobytes() == whole.tobytes(), size
    order = random.Random(len(texts)).sample(range(len(texts)), len(texts))
    assert ask([texts[number] for number in order]).tobytes() == whole[order].tobytes()


@pytest.fixture(scope="module")
def real(graded: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory, helpers: Any) -> Path:
    """A model on the packaged base, whose texts are embedded by words."""
    folder = tmp_path_factory.mktemp("real") / "model"
    return helpers.train("model2vec", graded(3), folder, "packaged")  # type: ignore[no-any-return]


loaded = cache(bonepick.load)


@settings(deadline=None)
@given(TEXTS)
def test_any_texts(trained: Callable[..., Path], real: Path, texts: list[str]) -> None:
    for directory in (*(trained(kind, 3) for kind in KINDS), real):
        assert_alone(loaded(directory).predict_proba, texts)


@pytest.mark.parametrize("kind", KINDS)
def test_many_texts(trained: Callable[..., Path], kind: str) -> None:
    model = bonepick.load(trained(kind, 5))
    assert_alone(model.predict_proba, rows_of(300), (1, 7, 256))
    assert_alone(model.score, rows_of(300), (1, 64))


def random_model(sizes: Sequence[int], **options: Any) -> StaticModelPipeline:
    """A base of BERT's kind and a head, all numbers drawn."""
    draw, tokenizer = np.random.default_rng(8), tiny_bert()
    vectors = draw.normal(size=(tokenizer.get_vocab_size(), sizes[0])).astype(np.float32)
    layers: Layers = [
        (draw.normal(size=(n_out, n_in)).astype(np.float32) / 8, draw.normal(size=n_out).astype(np.float32))
        for n_in, n_out in pairwise(sizes)
    ]
    model = StaticModel(vectors, tokenizer, **{"max_length": None, **options})
    return static_pipeline(model, layers, [str(number) for number in range(sizes[-1])])


HEADS = [(9, 2), (9, 1), (40, 17), (9, 30, 3), (9, 33, 20, 9), (9_001, 1, 2), (3, 9_001, 1, 2)]


@pytest.mark.parametrize("options", [{}, {"normalize": True}, {"max_length": 5}])
@pytest.mark.parametrize("sizes", HEADS)
def test_heads_of_any_shape(sizes: Sequence[int], options: dict[str, Any]) -> None:
    theirs = random_model(sizes, **options)
    texts = [text.replace("law0", "abcdef") for text in rows_of(60)][:-1]
    ask = TextProbabilities(theirs.model, theirs.head.layers)
    assert_alone(ask, texts, (1, 7))
    np.testing.assert_allclose(ask(texts), theirs.predict_proba(texts), rtol=0, atol=1e-5 if len(sizes) > 2 else 1e-6)


def test_texts_of_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = random_model((9, 2))
    texts = rows_of(60)
    whole = TextProbabilities(pipeline.model, pipeline.head.layers)(texts)
    for block in (1, 100, 1_000):
        monkeypatch.setattr("bonepick.classifiers.static.text_means.BLOCK", block)
        found = TextProbabilities(pipeline.model, pipeline.head.layers)(texts)
        assert found.tobytes() == whole.tobytes()


ELSEWHERE = """
import json, sys, bonepick
texts = json.load(sys.stdin)
for directory in sys.argv[1:]:
    model = bonepick.load(directory)
    print(b"".join(model.predict_proba(texts[start:start + 9]).tobytes() for start in range(0, len(texts), 9)).hex())
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process(trained: Callable[..., Path], real: Path, threads: str) -> None:
    texts, directories = rows_of(50), [*(trained(kind, 3) for kind in KINDS), real]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "RAYON_NUM_THREADS": threads}
    command = [sys.executable, "-c", ELSEWHERE, *map(str, directories)]
    ended = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, check=True, env=environment
    )
    assert ended.stdout.split() == [loaded(directory).predict_proba(texts).tobytes().hex() for directory in directories]


@pytest.mark.parametrize("n_classes", [1, 2, 3, 9, 40])
def test_scores(n_classes: int) -> None:
    probabilities = np.random.default_rng(n_classes).dirichlet(np.ones(n_classes), 200)
    whole = scores_of(probabilities)
    assert np.concatenate([scores_of(row[np.newaxis]) for row in probabilities]).tobytes() == whole.tobytes()
    assert scores_of(np.asfortranarray(probabilities)).tobytes() == whole.tobytes()
