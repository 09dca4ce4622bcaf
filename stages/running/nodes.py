"""Which params each node of `params.yaml` holds: for what looks at the file as a whole."""

from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.classifiers.static.base_model import BaseModelParams
from bonepick.core.params import Params, shared_fields
from bonepick.data.rows import RowParams
from bonepick.evaluation.params import SelectParams, TopicsParams
from bonepick.metrics.params import EvalParams
from bonepick.preparation.balance import BalanceStageParams
from bonepick.preparation.convert import ConvertParams
from bonepick.preparation.importing.params import ImportStageParams
from bonepick.preparation.normalize import NormalizeParams
from bonepick.preparation.transform import TransformParams
from bonepick.scoring.params import CorpusStageParams
from stages.running.pipeline import KindParams

OPERATIONS: dict[str, type[Params]] = {
    "balance": BalanceStageParams,
    "normalize": NormalizeParams,
    "convert": ConvertParams,
    "base_model": BaseModelParams,
    "topics": TopicsParams,
    "eval": EvalParams,
    "select": SelectParams,
}
"""Nodes that are the params of one operation."""

DATASET_NODES: dict[str, type[Params]] = {"import": ImportStageParams, "transform": TransformParams}
"""Nodes below each dataset's."""

NODES = ("datasets", "transform", "corpora", "kinds", "labels", "tokenizer", "on_error", "train", *OPERATIONS)
"""All nodes at the top of the file."""


def field_at(path: str) -> tuple[type[Params], str] | None:
    """Return the params dataclass and the field of it that a dotted path is the value of; None where there is none.

    >>> field_at("train.contrastive.n_pairs")[1], field_at("train.seed")[1], field_at("datasets.mine.import.name")[1]
    ('n_pairs', 'seed', 'name')
    """
    for kind in _all_params():
        for field, shared in shared_fields(kind).items():
            if shared == path:
                return kind, field
    node, _, field = path.rpartition(".")
    top, _, rest = node.partition(".")
    if top == "datasets":
        kind_at = DATASET_NODES.get(rest.partition(".")[2])
    elif top == "corpora":
        kind_at = CorpusStageParams
    elif top == "kinds":
        kind_at = KindParams
    elif top == "train":
        kind_at = params_of(rest) if rest in kind_names() else None
    else:
        kind_at = {**OPERATIONS, "transform": TransformParams}.get(node)
    return (kind_at, field) if kind_at else None


def _all_params() -> list[type[Params]]:
    return [RowParams, *OPERATIONS.values(), *DATASET_NODES.values(), *map(params_of, kind_names())]
