"""Find topics.

They are k-means clusters of the base model's embeddings, fitted on training rows with a seed and a number of their own:
the clusters that the contrastive ranker is trained in would be the partition that suits it best.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.clusters import MAX_FITTED, Clusters, fit_clusters
from bonepick.classifiers.static.embedder import Embedder
from bonepick.core.errors import BonepickError
from bonepick.core.extras import require
from bonepick.core.json_format import json_bytes
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.core.threads import one_thread
from bonepick.data.dataset import Dataset
from bonepick.data.row_loop import Rejections, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.several_datasets import refuse_repeated
from bonepick.data.splitting import stable_hash
from bonepick.evaluation.params import TopicsParams
from bonepick.evaluation.read_texts import excerpt_of, numbered_rows, text_digest
from bonepick.evaluation.topics import ASSIGNED_FILE, DESCRIBED_FILE, Topic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_WORDS = 8
N_EXAMPLES = 3
TYPICAL = 2.0
"""How many times as frequent as elsewhere a word is that is typical of a topic: articles and the like are not."""
BATCH = 1_024


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
    run: Run = Run(),
) -> list[Topic]:
    """Fit topics on the `train/` rows of some datasets, and write which one each `test/` and `valid/` row is of.

    Args:
        dataset_dirs: as they are before normalization.
        base_model: see `load_base_model`.
        output_dir: gets `topics.parquet` (dataset, split, row, digest, topic) and `topics.json` (a list of `Topic`).
        params: how many topics, and their seed.
        rows: how rows are read; labels are not looked at.
        run: processes that decode rows, and whether an earlier output is replaced.

    Raises:
        BonepickError: no training rows, converted datasets, a row without text, or the output is occupied.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    require("sklearn")
    inputs = [*dataset_dirs, *local_paths(base_model)]
    with atomic_directory(output_dir, "topics", run.overwrite, inputs) as folder, one_thread():
        datasets = [Dataset.open_splits(path, rows.text_field) for path in dataset_dirs]
        refuse_repeated(datasets)
        into_features = Embedder.of(base_model, load_base_model(base_model))
        texts = _fitted_texts(datasets, rows, params.seed, run.workers)
        features = into_features(texts)
        clusters = fit_clusters(features, params.n_topics, params.seed)
        numbers = clusters(features)
        assigned, nearest = _assign(datasets, rows, clusters, into_features, run.workers)
        words = topic_words(texts, numbers)
        topics = [Topic(n, words[n], int((numbers == n).sum()), nearest.get(n, [])) for n in sorted(words)]
        (folder / DESCRIBED_FILE).write_bytes(json_bytes([asdict(topic) for topic in topics], order=None))
        pq.write_table(pa.table(assigned), folder / ASSIGNED_FILE, compression="zstd")
    note(
        f"topics: {len(topics)} from {len(texts):,} training rows, for {len(assigned['topic']):,} rows -> {output_dir}"
    )
    return topics


def topic_words(texts: Sequence[str], topics: "NDArray[np.int64]") -> dict[int, list[str]]:
    """Return the words most typical of each topic, by what each one adds to the Kullback-Leibler divergence of the
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
    weight = np.where(times >= TYPICAL, share * np.log(np.maximum(times, 1)), 0)
    best = np.argsort(-weight, axis=1, kind="stable")[:, :N_WORDS]
    return {int(n): [str(names[word]) for word in best[i] if weight[i, word] > 0] for i, n in enumerate(numbers)}


def _fitted_texts(datasets: Sequence[Dataset], rows: RowParams, seed: int, workers: int) -> list[str]:
    """Return the training texts that topics are fitted on, in an order that the shards do not change."""

    def hashed() -> Iterator[tuple[int, str]]:
        for dataset in datasets:
            rejections = Rejections()
            what = f"read {dataset.path}"
            loop = RowLoop(_Text(rows), rows.on_error)
            for block in each_block(dataset.split("train"), loop, workers, what, rows.limits):
                rejections.add(block)
                yield from ((stable_hash(seed, text), text) for text in block.items)
            rejections.say(dataset.path)

    texts = [text for _, text in heapq.nsmallest(MAX_FITTED, hashed())]
    if not texts:
        raise BonepickError(f"no train rows in {', '.join(str(d.path) for d in datasets)}: topics are fitted on them")
    return texts


def _assign(
    datasets: Sequence[Dataset], rows: RowParams, clusters: Clusters, into_features: Embedder, workers: int
) -> tuple[dict[str, list[Any]], dict[int, list[str]]]:
    """Return the columns of `topics.parquet`, and the excerpts nearest to each topic's centre."""
    columns: dict[str, list[Any]] = {name: [] for name in ("dataset", "split", "row", "digest", "topic")}
    nearest: dict[int, list[tuple[float, str]]] = {}

    def add(texts: list[str]) -> None:
        distances = clusters.distances(into_features(texts))
        for text, to_centres in zip(texts, distances, strict=True):
            topic = int(to_centres.argmin())
            columns["topic"].append(topic)
            examples = [*nearest.get(topic, []), (round(float(to_centres[topic]), 5), excerpt_of(text))]
            nearest[topic] = heapq.nsmallest(N_EXAMPLES, set(examples))

    waiting: list[str] = []
    for dataset in datasets:
        for split, number, text in numbered_rows(dataset, _Text(rows), rows, workers):
            place = {"dataset": dataset.name, "split": split, "row": number, "digest": text_digest(text)}
            for column, value in place.items():
                columns[column].append(value)
            waiting.append(text)
            if len(waiting) == BATCH:
                add(waiting)
                waiting = []
    if waiting:
        add(waiting)
    return columns, {topic: [text for _, text in examples] for topic, examples in nearest.items()}
