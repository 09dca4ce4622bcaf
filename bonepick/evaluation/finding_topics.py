"""Finding topics.

They are k-means clusters of the base model's embeddings, fitted on training rows with a seed and a number of their own:
the clusters that the contrastive ranker is trained in would be the partition that suits it best.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from bonepick.classifiers.base_model import embed, load_base_model
from bonepick.classifiers.clusters import MAX_FITTED, Clusters, fit_clusters
from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.threads import one_thread
from bonepick.data.fasttext_files import holds_fasttext_files
from bonepick.data.rows import LeftOut, Row, RowParams, each_block
from bonepick.data.shards import find_shards
from bonepick.data.splitting import stable_hash
from bonepick.evaluation.reading import excerpt_of, numbered_rows, text_digest
from bonepick.evaluation.topics import ASSIGNED_FILE, DESCRIBED_FILE, Topic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_WORDS = 8
N_EXAMPLES = 3
OWN = 2.0
"""How many times as frequent as elsewhere a word is that counts as a topic's own: articles and the like are not."""
BATCH = 1_024

Embed: TypeAlias = "Callable[[list[str]], NDArray[np.float32]]"


@dataclass(frozen=True, kw_only=True)
class TopicsParams(Params):
    """How topics are found."""

    n_topics: Annotated[int, msgspec.Meta(ge=2)] = 50
    """k-means clusters of the training texts."""
    seed: Seed = 7
    """Of the first centres; another one than training's."""


@dataclass(frozen=True)
class _Text:
    """A row's text."""

    rows: RowParams

    def __call__(self, row: Row, raw: bytes) -> str:
        return self.rows.text(row)


def find_topics(
    dataset_dirs: Sequence[Path],
    base_model: str,
    output_dir: Path,
    params: TopicsParams,
    rows: RowParams,
    workers: int = 1,
    overwrite: bool = False,
) -> None:
    """Fit topics on the `train/` rows of some datasets, and write which one each `test/` and `valid/` row is of.

    Args:
        dataset_dirs: as they are before normalization.
        base_model: see `load_base_model`.
        output_dir: gets `topics.parquet` (dataset, split, row, digest, topic) and `topics.json` (a list of `Topic`).
        params: how many topics, and their seed.
        rows: how rows are read; labels are not looked at.
        workers: processes that decode rows.
        overwrite: replace an earlier output of that kind.

    Raises:
        BonepickError: no training rows, converted datasets, a row without text, or the output is occupied.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for directory in dataset_dirs:
        if holds_fasttext_files(directory):
            raise BonepickError(f"{directory} holds fastText lines: wanted rows, as they are before conversion")
    inputs = [*dataset_dirs, *local_paths(base_model)]
    with atomic_directory(output_dir, "topics", overwrite, inputs) as folder, one_thread():
        into_features = partial(embed, load_base_model(base_model))
        texts = _fitted_texts(dataset_dirs, rows, params.seed, workers)
        features = into_features(texts)
        clusters = fit_clusters(features, params.n_topics, params.seed)
        numbers = clusters(features)
        assigned, nearest = _assign(dataset_dirs, rows, clusters, into_features, workers)
        words = topic_words(texts, numbers)
        topics = [Topic(n, words[n], int((numbers == n).sum()), nearest.get(n, [])) for n in sorted(words)]
        encoded = msgspec.json.encode([asdict(topic) for topic in topics])
        (folder / DESCRIBED_FILE).write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")
        pq.write_table(pa.table(assigned), folder / ASSIGNED_FILE, compression="zstd")
    note(
        f"topics: {len(topics)} from {len(texts):,} training rows, for {len(assigned['topic']):,} rows -> {output_dir}"
    )


def topic_words(texts: Sequence[str], topics: "NDArray[np.int64]") -> dict[int, list[str]]:
    """Return the words that are most each topic's own, by what each one adds to the Kullback-Leibler divergence of the
    topic's words from those of the others (Tomokiyo and Hurst 2003).

    Args:
        texts: of which the first 500 characters are looked at.
        topics: of the texts.
    """
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    numbers = np.unique(topics)
    vectorizer = CountVectorizer(token_pattern=r"(?u)\b[^\W\d_]{3,}\b", max_features=20_000)
    try:
        counts = vectorizer.fit_transform([text[:500] for text in texts]).tocsr()
    except ValueError:  # no such word in any text
        return {int(number): [] for number in numbers}
    names = vectorizer.get_feature_names_out()
    in_topic = np.stack([np.asarray(counts[topics == number].sum(axis=0)).ravel() for number in numbers])
    elsewhere = in_topic.sum(axis=0) - in_topic + 1  # one more, so that no share is 0
    share = in_topic / np.maximum(in_topic.sum(axis=1, keepdims=True), 1)
    times = share / (elsewhere / elsewhere.sum(axis=1, keepdims=True))
    weight = np.where(times >= OWN, share * np.log(np.maximum(times, 1)), 0)
    best = np.argsort(-weight, axis=1, kind="stable")[:, :N_WORDS]
    return {int(n): [str(names[word]) for word in best[i] if weight[i, word] > 0] for i, n in enumerate(numbers)}


def _fitted_texts(dataset_dirs: Sequence[Path], rows: RowParams, seed: int, workers: int) -> list[str]:
    """Return the training texts that topics are fitted on, in an order that the shards do not change."""

    def hashed() -> Iterator[tuple[int, str]]:
        for directory in dataset_dirs:
            shards = [shard for shard in find_shards(directory) if shard.split == "train"]
            left_out = LeftOut()
            for done in each_block(shards, _Text(rows), rows.on_error, workers, f"read {directory}", rows.limits):
                left_out.add(done)
                yield from ((stable_hash(seed, text), text) for text in done.items)
            left_out.say(directory)

    texts = [text for _, text in heapq.nsmallest(MAX_FITTED, hashed())]
    if not texts:
        raise BonepickError(f"no train rows in {', '.join(map(str, dataset_dirs))}: topics are fitted on them")
    return texts


def _assign(
    dataset_dirs: Sequence[Path], rows: RowParams, clusters: Clusters, into_features: Embed, workers: int
) -> tuple[dict[str, list[Any]], dict[int, list[str]]]:
    """Return the columns of `topics.parquet`, and the excerpts nearest to each topic's centre."""
    columns: dict[str, list[Any]] = {name: [] for name in ("dataset", "split", "row", "digest", "topic")}
    nearest: dict[int, list[tuple[float, str]]] = {}

    def add(texts: list[str]) -> None:
        distances = clusters.distances(into_features(texts))
        for text, own in zip(texts, distances, strict=True):
            topic = int(own.argmin())
            columns["topic"].append(topic)
            examples = [*nearest.get(topic, []), (round(float(own[topic]), 5), excerpt_of(text))]
            nearest[topic] = heapq.nsmallest(N_EXAMPLES, set(examples))

    waiting: list[str] = []
    for directory in dataset_dirs:
        name = directory.resolve().name
        for split, number, text in numbered_rows(directory, find_shards(directory), _Text(rows), rows, workers):
            for column, value in (("dataset", name), ("split", split), ("row", number), ("digest", text_digest(text))):
                columns[column].append(value)
            waiting.append(text)
            if len(waiting) == BATCH:
                add(waiting)
                waiting = []
    if waiting:
        add(waiting)
    return columns, {topic: [text for _, text in examples] for topic, examples in nearest.items()}
