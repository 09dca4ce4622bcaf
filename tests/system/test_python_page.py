"""docs/python.md: each block runs by itself, on tiny stand-ins for what `make repro` leaves."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import bonepick
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate
from bonepick.evaluation.store import save_evaluation
from bonepick.metrics.params import EvalParams
from bonepick.text.normalizer import NormalizerParams
from tests.repository import TOP
from tests.tiny import tiny_rows, write_shards

WORDS = {"neg": ["buy", "deal", "click", "cart"], "pos": ["treaty", "orbit", "cell", "war"]}
BLOCKS = re.findall(r"^```python\n(.*?)^```", (TOP / "docs/python.md").read_text(), re.MULTILINE | re.DOTALL)
FIRST, LOOP, PANDAS, DATASETS, SKLEARN = BLOCKS


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a clone")
    rows = {split: tiny_rows(n, WORDS, n) for split, n in {"train": 200, "valid": 60, "test": 90}.items()}
    parts = {f"{split}/0.jsonl.zst": part[::2] for split, part in rows.items()}
    parts |= {f"{split}/1.jsonl.zst": part[1::2] for split, part in rows.items()}
    dataset = write_shards(folder / "data/balanced/unseen", parts)
    training_input = TrainingInput([dataset], conversion=NormalizerParams(normalizer="ultrafine"))
    best = folder / "models/best"
    train("fasttext", training_input, best, FastTextParams(bucket=500, dimension=4))
    evaluated = EvaluationInput([dataset], RowParams())
    save_evaluation(evaluate(bonepick.load(best), evaluated, EvalParams(bootstrap=20)), folder / "eval", Run())
    shutil.copy(folder / "eval/thresholds.json", best)
    (folder / "tmp").mkdir()
    return folder


def printed(block: str, place: Path) -> str:
    environment = {**os.environ, "HF_HOME": str(place / "cache"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(TOP)}
    done = subprocess.run([sys.executable, "-c", block], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def rows_of(place: Path) -> pd.DataFrame:
    shards = sorted((place / "data/balanced/unseen/test").iterdir())
    return pd.concat([pd.read_json(shard, lines=True) for shard in shards], ignore_index=True)


def test_the_first_block_prints_what_its_comments_say(place: Path) -> None:
    model = bonepick.load(place / "models/best")
    texts = re.search(r"^texts = (.*)$", FIRST, re.MULTILINE)
    assert texts
    wanted = [model.classes, *(ask(json.loads(texts[1])) for ask in (model.predict_proba, model.score, model.predict))]
    assert model.classes == ["neg", "pos"]
    assert printed(FIRST, place) == "".join(f"{value}\n" for value in wanted)


def test_the_loop_keeps_what_reaches_the_threshold(place: Path) -> None:
    printed(LOOP, place)
    kept = pd.read_json(place / "tmp/kept.jsonl", lines=True)
    frame = rows_of(place)
    scores = bonepick.load(place / "models/best").score(frame["text"])
    threshold = json.loads((place / "models/best/thresholds.json").read_bytes())["best_f1"]["threshold"]
    assert kept["text"].tolist() == frame["text"][scores >= threshold].tolist()
    assert 0 < len(kept) < len(frame)


def test_pandas_and_datasets_find_the_same_texts_best(place: Path) -> None:
    frame = rows_of(place)
    frame["quality"] = bonepick.load(place / "models/best").score(frame["text"])
    best = frame.sort_values("quality", ascending=False)["text"]
    assert best.iloc[0][:20] in printed(PANDAS, place).splitlines()[-1]
    assert set(json.loads(printed(DATASETS, place).replace("'", '"'))) == set(best.head(3))


def test_scikit_learns_metrics_take_what_the_model_gives(place: Path) -> None:
    auc, loss, *report = printed(SKLEARN, place).splitlines()
    assert float(auc.split()[-1]) > 0.8
    assert 0 < float(loss.split()[-1]) < 0.7
    assert "macro avg" in "\n".join(report)
