"""Grids: the named sets of experiments in `sweeps.yaml`."""

import hashlib
import json
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from bonepick.core.errors import UsageError, shortened
from bonepick.core.params_file import read_node, read_yaml

SWEEPS_FILE = Path("sweeps.yaml")


@dataclass(frozen=True)
class Point:
    """One experiment of a grid.

    Attributes:
        grid: name of the grid.
        changes: dotted path in `params.yaml` -> value.
    """

    grid: str
    changes: dict[str, Any]

    def name_at(self, commit: str) -> str:
        """Return the experiment's name, which follows from its values and the commit: `seeds-1f40fc92`."""
        described = json.dumps([commit, self.changes], sort_keys=True, default=str)
        return f"{self.grid}-{hashlib.sha256(described.encode()).hexdigest()[:8]}"

    @property
    def overrides(self) -> list[str]:
        """What `dvc exp run -S` takes.

        >>> Point("g", {"train.seed": 1, "labels": ["it's", 2], "tokenizer": "a,b"}).overrides
        ['train.seed=1', "labels=['it\\\\'s',2]", "tokenizer='a,b'"]
        """
        return [f"{path}={_hydra(value)}" for path, value in self.changes.items()]


def read_grid(name: str) -> list[Point]:
    """Return all combinations of a grid's values, the last param varying fastest.

    Raises:
        UsageError: there is no such file or grid, a param is not in `params.yaml`, or its values are not a list.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise UsageError(
            f"a grid is called {name!r}: wanted letters, digits, - and _, for DVC names experiments after it"
        )
    grids = read_yaml(SWEEPS_FILE)
    if not isinstance(grids, dict) or name not in grids:
        known = ", ".join(map(str, grids)) if isinstance(grids, dict) else "none"
        raise UsageError(f"{SWEEPS_FILE} has no grid {name!r}; known: {known}")
    grid = grids[name]
    if not isinstance(grid, dict) or not grid:
        raise UsageError(f"{SWEEPS_FILE}: {name} is {shortened(grid)}, wanted params with a list of values each")
    for path, values in grid.items():
        read_node(path)
        if not isinstance(values, list) or not values:
            raise UsageError(f"{SWEEPS_FILE}: {name}: {path} is {shortened(values)}, wanted a list of values")
    return [Point(name, dict(zip(grid, values, strict=True))) for values in product(*grid.values())]


def _hydra(value: Any) -> str:
    """Return a value in the grammar of DVC's overrides, where a bare comma parts experiments."""
    if isinstance(value, str):
        # there, backslashes count as escapes only where they end at a quote
        return "'" + re.sub(r"(\\*)('|$)", lambda end: 2 * end[1] + end[2].replace("'", "\\'"), value) + "'"
    if isinstance(value, list):
        return f"[{','.join(map(_hydra, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_hydra(inner)}' for key, inner in value.items())}}}"
    return json.dumps(value, default=str)
