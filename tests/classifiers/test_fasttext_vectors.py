"""Word vectors to start from: fastText takes what it cannot read for zeros, or for labels."""

from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest

from bonepick.classifiers.fasttext.vectors_file import check_vectors
from bonepick.core.errors import BonepickError

LINES = b"__label__a good words\n__label__b bad words\n"


@pytest.mark.parametrize(
    "vectors",
    [
        b"2 3\ngood 1 -.5 +2e-3\nbad 0 0.25 1.\n",
        b"2 3\r\ngood 1 -.5 0.002 \r\nbad\t0 0.25 1",
        b" 2  3 \ngood  1 -5e-1 2E-3 \nbad 1e-60 0.25 1 \n\n",
    ],
)
def test_what_passes_is_read_as_it_is_meant(tmp_path: Path, vectors: bytes) -> None:
    path = tmp_path / "start.vec"
    path.write_bytes(vectors)
    check_vectors(path, 3)
    (tmp_path / "train.txt").write_bytes(LINES)
    arguments: dict[str, Any] = {"dim": 3, "epoch": 1, "lr": 1e-6, "bucket": 1, "thread": 1, "verbose": 0}
    model = fasttext.train_supervised(str(tmp_path / "train.txt"), pretrainedVectors=str(path), **arguments)
    for word, vector in (("good", [1, -0.5, 0.002]), ("bad", [0, 0.25, 1])):  # it brings them to length one
        np.testing.assert_allclose(model.get_word_vector(word), vector / np.linalg.norm(vector), atol=1e-4)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (b"", r":1: b'' came, wanted the number of vectors and their dimension"),
        (b"good 1 2 3\nbad 1 2 3\n", r":1: b'good 1 2 3\\n' came, wanted the number"),
        (b"-1 3\ngood 1 2 3\n", ":1: .* came, wanted the number"),
        (b"1000000000000 3\ngood 1 2 3\n", ":3: the end of the file came, wanted a word and 3 numbers"),
        (b"1 4\ngood 1 2 3 4\n", r"dimension 4, the model has 3: wanted the same \(--dimension 4\)"),
        (b"2 3\ngood 1 2 3\nbad 1 2\n", ":3: .*bad 1 2.* came, wanted a word and 3 numbers"),
        (b"2 3\ngood one 1 2 3\nbad 1 2 3\n", ":2: "),
        (b"2 3\ngood 1 2 nan\nbad 1 2 3\n", ":2: "),
        (b"2 3\ngood 1 2 inf\nbad 1 2 3\n", ":2: "),
        (b"2 3\ngood 1 2 1e39\nbad 1 2 3\n", ":2: "),
        (b"2 3\ngood 1 2 " + b"9" * 60 + b"\nbad 1 2 3\n", ":2: "),
        (b"2 3\ngo\0od 1 2 3\nbad 1 2 3\n", ":2: "),
        (b"1 3\ngood 1 2 3\nbad 1 2 3\n", ":3: .*bad 1 2 3.* came, but line 1 says 1 vectors"),
        (b"2 3\ngood 1 2 3\n__label__b 1 2 3\n", ":3: .* would be a label"),
        (b"\x1f\x8b\x08\0\0", ":1: "),
    ],
)
def test_a_file_that_would_be_misread_is_refused(tmp_path: Path, vectors: bytes, message: str) -> None:
    (tmp_path / "start.vec").write_bytes(vectors)
    with pytest.raises(BonepickError, match=rf"start\.vec.*{message}") as caught:
        check_vectors(tmp_path / "start.vec", 3)
    assert "\n" not in str(caught.value)


def test_training_refuses_it_too(tmp_path: Path, helpers: Any) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/train.txt").write_bytes(LINES)
    for name, message in (("none.vec", "none.vec is not there"), ("lines", "lines is a folder, wanted a regular file")):
        with pytest.raises(BonepickError, match=message):
            helpers.train_here(
                "fasttext", [tmp_path / "lines"], tmp_path / "model", pretrained_vectors=str(tmp_path / name)
            )
