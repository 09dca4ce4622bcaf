"""Training fastText on a file of lines, in a process of its own: it keeps state from one training to the next."""

import os
from pathlib import Path
from typing import Any

import fasttext
import numpy as np

from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.fasttext.passes import passes_told, search_told
from bonepick.core.errors import BonepickError
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX

ZEROS = b"\0" * 1_024
NAN = "Encountered NaN"
"""How the library begins to say that training diverged."""
NO_TIME = "Didn't have enough time"
"""How it begins to say that its search did not come to one model."""


class DivergedError(BonepickError):
    """Training led to no numbers."""


def train_file(task: tuple[str, str, FastTextParams]) -> None:
    """Train on a file of lines and write the model file.

    Args:
        task: the file of lines, the model file, and how.

    Raises:
        BonepickError: see `trained`, or the file cannot be written whole.
    """
    lines, target, params = task
    model = trained(lines, params)
    model.save_model(target)
    _check_written(Path(target), model.get_output_matrix().tobytes())


def trained(lines: str, params: FastTextParams) -> Any:
    """Return what the library makes of a file of lines; `epoch` is one number.

    Raises:
        DivergedError: training diverges.
        BonepickError: fastText fails.
    """
    (epoch,) = params.epoch
    with passes_told(Path(lines)):
        model = _supervised(
            params,
            input=lines,
            lr=params.learning_rate,
            wordNgrams=params.word_ngrams,
            epoch=epoch,
            bucket=params.bucket,
            minn=params.min_char_ngram,
            maxn=params.max_char_ngram,
            dim=params.dimension,
        )
    if not np.isfinite(model.get_output_matrix()).all():
        raise _diverged(params)
    return model


def autotuned(task: tuple[str, str, FastTextParams]) -> dict[str, Any]:
    """Return the params that fastText's own search finds in the time that it is given.

    Args:
        task: the files of lines that it trains on and judges by, and all that it does not look for.

    Raises:
        BonepickError: fastText fails, or its time does not do for one model.
    """
    lines, held_out, params = task
    given = {"dim": params.dimension} if params.pretrained_vectors else {}
    search = {"autotuneValidationFile": held_out, "autotuneDuration": params.autotune}
    with search_told(params.autotune):
        found = _supervised(params, input=lines, **search, **given).f.getArgs()
    return {
        "learning_rate": found.lr,
        "word_ngrams": found.wordNgrams,
        "epoch": found.epoch,
        "bucket": max(found.bucket, 1),  # it says 0 where there is nothing to hash
        "min_char_ngram": found.minn,
        "max_char_ngram": found.maxn,
        "dimension": found.dim,
    }


def _supervised(params: FastTextParams, **knobs: Any) -> Any:
    try:
        return fasttext.train_supervised(
            minCount=params.min_count,
            ws=params.window_size,
            loss=params.loss,
            neg=params.num_negatives,
            thread=params.thread,
            pretrainedVectors=params.pretrained_vectors,
            seed=params.seed,
            label=FASTTEXT_PREFIX,
            verbose=0,
            **knobs,
        )
    except (ValueError, RuntimeError) as error:
        if str(error).startswith(NAN):
            raise _diverged(params) from None
        if str(error).startswith(NO_TIME):
            raise BonepickError(
                f"autotune is {params.autotune}: fastText came to no model in so many seconds: raise it"
            ) from None
        raise BonepickError(f"fastText cannot train: {error}") from None


def _diverged(params: FastTextParams) -> DivergedError:
    return DivergedError(f"fastText cannot train: it diverged: lower learning_rate, which is {params.learning_rate:g}")


def _check_written(file: Path, end: bytes) -> None:
    """Refuse a model file that does not end as it must: fastText takes no notice of a full disk."""
    with file.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        size = stream.tell()
        stream.seek(max(size - len(end), 0))
        if stream.read() != end:
            stream.write(ZEROS)  # for the reason, as an OSError
            stream.flush()
            raise BonepickError(f"{file} was not written whole: is the disk full?")
