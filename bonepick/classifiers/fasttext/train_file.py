"""Training fastText on a file of lines, in a process of its own: it keeps state from one training to the next."""

import os
from pathlib import Path

import fasttext

from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.fasttext.passes import passes_told
from bonepick.core.errors import BonepickError
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX

ZEROS = b"\0" * 1_024


def train_file(task: tuple[str, str, FastTextParams]) -> None:
    """Train on a file of lines and write the model file.

    Args:
        task: the file of lines, the model file, and how.

    Raises:
        BonepickError: fastText fails, or the file cannot be written whole.
    """
    lines, target, params = task
    try:
        with passes_told(Path(lines)):
            model = fasttext.train_supervised(
                input=lines,
                lr=params.learning_rate,
                wordNgrams=params.word_ngrams,
                minCount=params.min_count,
                epoch=params.epoch,
                bucket=params.bucket,
                minn=params.min_char_ngram,
                maxn=params.max_char_ngram,
                ws=params.window_size,
                dim=params.dimension,
                loss=params.loss,
                neg=params.num_negatives,
                thread=params.thread,
                pretrainedVectors=params.pretrained_vectors,
                seed=params.seed,
                label=FASTTEXT_PREFIX,
                verbose=0,
            )
    except (ValueError, RuntimeError) as error:
        raise BonepickError(f"fastText cannot train: {error}") from None
    model.save_model(target)
    _check_written(Path(target), model.get_output_matrix().tobytes())


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
