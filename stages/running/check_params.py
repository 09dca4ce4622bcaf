"""`params.yaml` as a whole: every node into its dataclass, and all that is wrong with it at once.

Every stage runs this as it starts, and `make` before DVC does, which stops at some names with less of an explanation.
It decides nothing about a result.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any

from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import shared_fields
from bonepick.core.params_file import PARAMS_FILE, read_node, read_params, read_yaml, shown_key
from bonepick.data.rows import RowParams
from bonepick.evaluation.params import SelectParams
from bonepick.metrics.table import METRICS, resampled
from bonepick.preparation.convert import ConvertParams
from bonepick.preparation.importing.params import ImportParams
from bonepick.preparation.transform import TransformParams
from bonepick.terminal import at_terminal
from stages.running.nodes import DATASET_NODES, NODES, OPERATIONS
from stages.running.pipeline import KindParams

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def faults() -> list[str]:
    """Return one sentence for each fault of `params.yaml`."""
    try:
        content = _mapping("", read_yaml(PARAMS_FILE))
    except BonepickError as error:
        return [str(error)]
    checks = (_node_faults, _dataset_faults, _operation_faults, _kind_faults, _label_faults)
    return list(dict.fromkeys(fault for check in checks for fault in check(content)))


def _fault(check: Callable[..., object], *args: Any, **more: Any) -> Iterator[str]:
    """Yield the fault that a check raises."""
    try:
        check(*args, **more)
    except BonepickError as error:
        yield str(error)


def _mapping(node: str, value: Any, known: Collection[str] = ()) -> dict[Any, Any]:
    if not isinstance(value, dict) or not value:
        raise UsageError(f"{PARAMS_FILE}: {node or 'it'} is {shortened(value)}, wanted a mapping of one entry or more")
    if known and (unknown := [key for key in value if key not in known]):
        place = f"{node}.{shown_key(unknown[0])}".removeprefix(".")
        raise UsageError(f"{PARAMS_FILE}: {place} is unknown; known here: {', '.join(known)}")
    return value


def _node_faults(content: dict[str, Any]) -> Iterator[str]:
    yield from _fault(_mapping, "", content, NODES)
    for node in NODES:
        yield from _fault(read_node, node)


def _dataset_faults(content: dict[str, Any]) -> Iterator[str]:
    if "datasets" in content:
        yield from _fault(_mapping, "datasets", content["datasets"])
    yield from _fault(read_params, TransformParams, "transform", partial=True)
    for name, node in _entries(content, "datasets"):
        if wrong_name := list(_fault(_check_name, name)):
            yield from wrong_name
        elif wrong_keys := list(_fault(_mapping, f"datasets.{name}", node, DATASET_NODES)):
            yield from wrong_keys
        else:
            yield from _fault(read_params, ImportParams, f"datasets.{name}.import", partial=True)
            yield from _fault(read_params, TransformParams, f"datasets.{name}.transform", under="transform")


def _check_name(name: object) -> None:
    """Refuse a dataset's name that DVC, YAML, a shell or a path would read as something else."""
    metrics = {metric.name for metric in METRICS}
    if not isinstance(name, str) or not NAME.fullmatch(name) or name.removeprefix("valid_") in metrics:
        raise UsageError(
            f"{PARAMS_FILE}: dataset {shortened(name)}: a name has letters, digits, - and _, begins with a letter, "
            "and is no name of a metric: rename it"
        )


def _operation_faults(content: dict[str, Any]) -> Iterator[str]:
    for node, kind in OPERATIONS.items():
        if node in content:
            yield from _fault(read_params, kind, node)
    yield from _fault(read_params, RowParams)
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
            yield from _fault(_mapping, node, content[node], keys)
    kinds = dict(_entries(content, "kinds"))
    trained = dict(_entries(content, "train"))
    for kind in known:
        if kind in kinds or kind in trained:
            yield from _fault(read_params, params_of(kind), f"train.{kind}")
        if kind in kinds:
            yield from _fault(_check_kind, kind)


def _check_kind(kind: str) -> None:
    node = read_params(KindParams, f"kinds.{kind}")
    # DVC trains again when these change, and for no other node that is shared
    tracked = {"labels", "train.seed", node.shared}
    if untracked := sorted(set(shared_fields(params_of(kind)).values()) - tracked):
        raise UsageError(f"{PARAMS_FILE}: kinds.{kind}.shared is {node.shared}, wanted {untracked[0]}")


def _label_faults(content: dict[str, Any]) -> Iterator[str]:
    """Yield that kinds cannot learn what `convert` makes of labels."""
    with suppress(BonepickError):  # said already
        params = read_params(ConvertParams, "convert")
        kinds = [kind for kind, _ in _entries(content, "kinds") if kind in kind_names()]
        unable = [kind for kind in kinds if not params_of(kind).takes_several_labels]
        field = "multi_label" if params.multi_label else "auto" if params.auto else ""
        if field and unable:
            drops = " ".join(f"-S '~kinds.{kind}'" for kind in unable)
            yield (
                f"{PARAMS_FILE}: convert.{field} is {getattr(params, field)}, but {' and '.join(unable)} cannot learn "
                f"such labels: leave them out (dvc exp run {drops}, or without their lines under kinds)"
            )


def _entries(content: dict[str, Any], node: str) -> Iterable[tuple[Any, Any]]:
    value = content.get(node)
    return value.items() if isinstance(value, dict) else ()


def refuse_faults() -> None:
    """Print all faults, a line each.

    Raises:
        SystemExit: with 2, where there are some.
    """
    sentences = faults()
    for sentence in sentences:
        print(f"error: {sentence}", file=sys.stderr)
    if sentences:
        raise SystemExit(UsageError.exit_code)


def main() -> None:
    """Check the file in the current folder."""
    with at_terminal():
        refuse_faults()


if __name__ == "__main__":
    main()
