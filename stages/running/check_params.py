"""`params.yaml` as a whole: every node into its dataclass, and all that is wrong with it at once.

Stages run this as they start, and `make` before DVC does, which stops at some names with less of an explanation.
It decides nothing about a result.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any

from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.classifiers.base.params import TrainParams
from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import shared_fields
from bonepick.core.params_file import PARAMS_FILE, faults_in, read_node, read_params, read_yaml, shown_key
from bonepick.core.wording import as_yaml_value
from bonepick.data.labels import canonical_label
from bonepick.data.rows import RowParams
from bonepick.evaluation.params import SelectParams
from bonepick.metrics.params import EvalParams
from bonepick.metrics.table import METRICS, resampled
from bonepick.preparation.convert import ConvertParams
from bonepick.preparation.importing.params import ImportStageParams
from bonepick.preparation.transform import TransformParams
from bonepick.scoring.params import CorpusStageParams
from bonepick.terminal import at_terminal
from stages.running.checked import record, state
from stages.running.named_paths import entries, input_faults, local_paths
from stages.running.nodes import DATASET_NODES, NODES, OPERATIONS
from stages.running.pipeline import KindParams

LONGEST_NAME = 100
"""Characters of a dataset's name: files are named by it, with more added."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def faults() -> list[str]:
    """Return one sentence for each fault of `params.yaml`."""
    try:
        content = read_yaml(PARAMS_FILE)
    except BonepickError as error:
        return [str(error)]
    if wrong := list(_mapping_faults("", content)):
        return wrong
    checks = (
        _node_faults,
        _dataset_faults,
        _corpus_faults,
        _operation_faults,
        _kind_faults,
        _label_faults,
        _good_faults,
        input_faults,
    )
    return list(dict.fromkeys(fault for check in checks for fault in check(content)))


def _fault(check: Callable[..., object], *args: Any, **more: Any) -> Iterator[str]:
    """Yield the fault that a check raises."""
    try:
        check(*args, **more)
    except BonepickError as error:
        yield str(error)


def _mapping_faults(node: str, value: Any, known: Collection[str] = ()) -> Iterator[str]:
    """Yield that a value is no mapping, or which of its keys is none of those known."""
    if not isinstance(value, dict) or not value:
        came = "empty" if value is None and not node else as_yaml_value(value)
        yield f"{PARAMS_FILE}: {node or 'it'} is {came}, wanted a mapping of one entry or more"
    elif known:
        for key in [key for key in value if key not in known]:
            place = f"{node}.{shown_key(key)}".removeprefix(".")
            yield f"{PARAMS_FILE}: {place} is unknown; known here: {', '.join(known)}"


def _node_faults(content: dict[str, Any]) -> Iterator[str]:
    yield from _mapping_faults("", content, NODES)
    for node in NODES:
        yield from _fault(read_node, node)


def _dataset_faults(content: dict[str, Any]) -> Iterator[str]:
    if "datasets" in content:
        yield from _mapping_faults("datasets", content["datasets"])
    yield from faults_in(TransformParams, "transform", partial=True)
    for name, node in entries(content, "datasets"):
        if wrong_name := list(_fault(_check_name, name)):
            yield from wrong_name
        elif wrong_keys := list(_mapping_faults(f"datasets.{name}", node, DATASET_NODES)):
            yield from wrong_keys
        else:
            yield from faults_in(ImportStageParams, f"datasets.{name}.import", partial=True)
            yield from faults_in(TransformParams, f"datasets.{name}.transform", under="transform")


def _corpus_faults(content: dict[str, Any]) -> Iterator[str]:
    if content.get("corpora") != {}:  # none is none
        yield from _mapping_faults("corpora", content.get("corpora"))
    for name, node in entries(content, "corpora"):
        if wrong_name := list(_fault(_check_name, name, "corpus")):
            yield from wrong_name
        elif not (wrong := list(_mapping_faults(f"corpora.{name}", node))):
            yield from faults_in(CorpusStageParams, f"corpora.{name}", partial=True)
        else:
            yield from wrong


def _check_name(name: object, what: str = "dataset") -> None:
    """Refuse a dataset's or corpus's name that DVC, YAML, a shell or a path would read as something else."""
    if isinstance(name, str) and len(name) > LONGEST_NAME:
        raise UsageError(
            f"{PARAMS_FILE}: {what} {shortened(name)}: a name has {LONGEST_NAME} characters at most, and this one has "
            f"{len(name)}: rename it"
        )
    metrics = {metric.name for metric in METRICS}
    if not isinstance(name, str) or not NAME.fullmatch(name) or name.removeprefix("valid_") in metrics:
        raise UsageError(
            f"{PARAMS_FILE}: {what} {shortened(name)}: a name has letters, digits, - and _, begins with a letter, "
            "and is no name of a metric: rename it"
        )


def _operation_faults(content: dict[str, Any]) -> Iterator[str]:
    for node, kind in OPERATIONS.items():
        if node in content:
            yield from faults_in(kind, node)
    yield from faults_in(RowParams)
    yield from _fault(_check_metric)


def _check_metric() -> None:
    try:
        name = read_params(SelectParams, "select").metric
    except UsageError:  # said already
        return
    known = [metric.name for metric in resampled()]
    if name not in known:
        raise UsageError(f"{PARAMS_FILE}: select.metric is {shortened(name)}: wanted {', '.join(known)}")


def _kind_faults(content: dict[str, Any]) -> Iterator[str]:
    known = kind_names()
    for node, keys in {"kinds": known, "train": ("n_clusters", "seed", *known)}.items():
        if node in content:
            yield from _mapping_faults(node, content[node], keys)
    kinds = dict(entries(content, "kinds"))
    trained = dict(entries(content, "train"))
    for kind in known:
        if kind in kinds or kind in trained:
            yield from faults_in(params_of(kind), f"train.{kind}")
        if kind in kinds:
            yield from faults_in(KindParams, f"kinds.{kind}") or _misfits(kind)


def _misfits(kind: str) -> Iterator[str]:
    """Yield what of its node a kind cannot be trained with, or would not be trained again for when it changes."""
    params, node = params_of(kind), read_params(KindParams, f"kinds.{kind}")
    # DVC trains again when these change, and for no other node that is shared
    shared = set(shared_fields(params).values()) - {"labels", "train.seed"}
    wanted = {
        "rows": _rows_instead(params, node.rows),
        "base": "models/base"
        if params.takes_base_model
        else "data/inputs/pretrained_vectors.json" * bool(params.LOCAL),
        "shared": next(iter(sorted(shared - {node.shared})), "" if shared or node.shared == "labels" else "train.seed"),
    }
    for field, value in wanted.items():
        if value and value != getattr(node, field):
            yield f"{PARAMS_FILE}: kinds.{kind}.{field} is {shown_key(getattr(node, field))}, wanted {value}"


def _rows_instead(params: type[TrainParams], rows: str) -> str:
    """Return what rows a kind takes in place of some that it cannot; empty where it can."""
    if rows == "data/fasttext" and not params.takes_lines:
        return "data/embedded" if params.takes_base_model else "data/normalized"
    if rows == "data/embedded" and not params.takes_base_model:
        return "data/fasttext" if params.takes_lines else "data/normalized"
    return ""


def _label_faults(content: dict[str, Any]) -> Iterator[str]:
    """Yield that kinds cannot learn what `convert` makes of labels."""
    with suppress(BonepickError):  # said already
        params = read_params(ConvertParams, "convert")
        kinds = [kind for kind, _ in entries(content, "kinds") if kind in kind_names()]
        unable = [kind for kind in kinds if not params_of(kind).takes_several_labels]
        field = "multi_label" if params.multi_label else "auto" if params.auto else ""
        if field and unable:
            drops = " ".join(f"-S '~kinds.{kind}'" for kind in unable)
            yield (
                f"{PARAMS_FILE}: convert.{field} is {as_yaml_value(getattr(params, field))}, but "
                f"{' and '.join(unable)} cannot learn such labels: leave them out (dvc exp run {drops}, or without "
                "their lines under kinds)"
            )


def _good_faults(content: dict[str, Any]) -> Iterator[str]:
    """Yield that no label of those which are listed is the one that `eval.good_from` names."""
    with suppress(BonepickError):  # said already
        good, labels = read_params(EvalParams, "eval").good_from, read_params(TrainParams).labels
        known = list(map(canonical_label, labels))
        if good and known and canonical_label(good) not in known:
            yield (
                f"{PARAMS_FILE}: eval.good_from is {shortened(good)}, which labels does not have: "
                f"wanted one of {', '.join(known)}"
            )


def refuse_faults() -> None:
    """Print all faults, a line each; where there are none, record it for the stages that come.

    Raises:
        SystemExit: with 2, where there are some.
    """
    before = state()
    sentences = faults()
    for sentence in sentences:
        print(f"error: {sentence}", file=sys.stderr)
    if sentences:
        raise SystemExit(UsageError.exit_code)
    if before == state():
        record(before, local_paths(read_yaml(PARAMS_FILE)).values())


def main() -> None:
    """Check the file in the current folder."""
    with at_terminal():
        refuse_faults()


if __name__ == "__main__":
    main()
