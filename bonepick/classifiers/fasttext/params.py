"""Params of kind `fasttext`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bonepick.classifiers.base.params import TrainParams
from bonepick.core.params import Fault, OrOne

CharNgram = Annotated[int, Meta(ge=0, le=1_000)]
Positive = Annotated[int, Meta(ge=1, lt=2**31)]
"""What a C int holds."""


@dataclass(frozen=True, kw_only=True)
class FastTextParams(TrainParams):
    """fastText's own knobs, under its names."""

    LOCAL: ClassVar[tuple[str, ...]] = ("pretrained_vectors",)
    takes_lines: ClassVar[bool] = True
    takes_several_labels: ClassVar[bool] = True
    takes_valid: ClassVar[bool] = False
    foreign_file: ClassVar[str] = "model.bin"

    learning_rate: Annotated[float, Meta(gt=0)] = 0.5
    """Step size at the start; it falls to zero."""
    word_ngrams: Annotated[int, Meta(ge=1, le=1_000)] = 2
    """Longest sequence of words that is a feature."""
    min_count: Positive = 1
    """Words that occur less often are left out."""
    epoch: Annotated[tuple[Annotated[int, Meta(ge=1, le=1_000_000)], ...], Meta(min_length=1), OrOne()] = (3, 12)
    """Passes over the training lines; of several numbers, the one that is best on rows that are held out."""
    bucket: Positive = 2_000_000
    """Rows of the table that n-grams are hashed into."""
    min_char_ngram: CharNgram = 0
    """Shortest character n-gram; 0 takes none."""
    max_char_ngram: CharNgram = 0
    """Longest character n-gram; 0 takes none."""
    window_size: Positive = 5
    """Context window; without effect on a supervised model."""
    dimension: Annotated[int, Meta(ge=1, le=100_000)] = 16
    """Size of the embeddings."""
    loss: Literal["softmax", "ns", "hs", "ova"] = "softmax"
    """Softmax, negative sampling, hierarchical softmax, or one-vs-all."""
    num_negatives: Positive = 5
    """Negative samples, for loss ns."""
    thread: Annotated[int, Meta(ge=1, le=1_024)] = 1
    """Threads; with more than one, no two trainings give the same model."""
    autotune: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Seconds of fastText's own search for learning_rate, word_ngrams, epoch, bucket, dimension and character n-grams;
    0 takes what is given. No two searches find the same."""
    pretrained_vectors: str = ""
    """Text file of word vectors (.vec) of the same dimension to start from."""

    def faults_together(self) -> Iterator[Fault]:
        """Yield a shortest character n-gram that is longer than the longest."""
        if self.min_char_ngram > self.max_char_ngram:
            wanted = f"wanted max_char_ngram, which is {self.max_char_ngram}, or less"
            yield Fault("min_char_ngram", wanted, self.min_char_ngram)


PARAMS = FastTextParams
