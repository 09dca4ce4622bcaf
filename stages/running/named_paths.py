"""Files and folders that `params.yaml` names: those on this machine lie under `inputs/`, where DVC looks."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bonepick.classifiers.static.base_model import BaseModelParams
from bonepick.core.errors import BonepickError, shortened
from bonepick.core.params_file import PARAMS_FILE, read_node, read_params
from bonepick.preparation.importing.params import ImportStageParams
from bonepick.text.tokenizer import is_local


def input_faults(content: dict[str, Any]) -> Iterator[str]:
    """Yield files that are not there where every copy of the repository has them: below `inputs/`; or lie elsewhere."""
    for place, path in local_paths(content).items():
        with suppress(OSError):  # names longer than a file's
            if not Path(os.path.abspath(path)).is_relative_to(Path("inputs").absolute()):  # noqa: PTH100  # follows no link
                yield (
                    f"{PARAMS_FILE}: {place} is {shortened(path)}, outside inputs/, where a change of it would run "
                    "nothing again: move it to inputs/, or bring it there with `dvc import-url`"
                )
            elif not Path(path).exists():
                yield f"{PARAMS_FILE}: {place} is {shortened(path)}, which is not there: put it there, or name another"


def local_paths(content: dict[str, Any]) -> dict[str, str]:
    """Return where files and folders on this machine are named -> which."""
    paths = dict[str, str]()
    for place, is_here in _places(content).items():
        with suppress(BonepickError):  # said already
            path = str(read_node(place)).removeprefix("file://")
            if path and is_here and not set(path) & set("*?[\0"):
                paths[place] = path
    return paths


def _places(content: dict[str, Any]) -> dict[str, bool]:
    """Return where files and folders are named -> whether one on this machine is, and nothing that is fetched."""
    places = {"train.fasttext.pretrained_vectors": True}
    with suppress(BonepickError):  # said already
        places["tokenizer"] = is_local(str(read_node("tokenizer")))
    with suppress(BonepickError):  # said already
        places["base_model.name"] = read_params(BaseModelParams, "base_model").source == "local"
    for name, _ in entries(content, "datasets"):
        with suppress(BonepickError):
            params = read_params(ImportStageParams, f"datasets.{name}.import", partial=True)
            is_url_here = params.origin == "url" and params.name.startswith("file://")
            places[f"datasets.{name}.import.name"] = params.origin == "local" or is_url_here
    return places


def entries(content: dict[str, Any], node: str) -> Iterable[tuple[Any, Any]]:
    """Return the entries of a node; none where it is no mapping."""
    value = content.get(node)
    return value.items() if isinstance(value, dict) else ()
