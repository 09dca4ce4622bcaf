"""What `dvc.yaml` says that the stages' commands are."""

from pathlib import Path
from typing import Any

PIPELINE_FILE = Path("dvc.yaml")


def stage_commands(pipeline: dict[str, Any], params: dict[str, Any]) -> list[str]:
    """Return the command of every stage, in the file's order; a `foreach` stage has one for each item.

    Args:
        pipeline: what `dvc.yaml` holds.
        params: what `params.yaml` holds.

    >>> block = {"foreach": "${datasets}", "do": {"cmd": "read ${key}"}}
    >>> stage_commands({"stages": {"read": block, "end": {"cmd": "count"}}}, {"datasets": {"a": {}, "b": {}}})
    ['read a', 'read b', 'count']
    """
    found = []
    for stage in pipeline["stages"].values():
        if "foreach" not in stage:
            found.append(stage["cmd"])
            continue
        items = stage["foreach"]
        if isinstance(items, str):
            items = params[items.removeprefix("${").removesuffix("}")]
        for item in items:
            found.append(stage["do"]["cmd"].replace("${key}", item).replace("${item}", item))
    return found
