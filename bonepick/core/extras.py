"""Extras, which `pyproject.toml` lists: what a light install leaves out, and the sentence for what is missing."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from bonepick.core.errors import BonepickError

DISTRIBUTIONS = {
    "fasttext": "fasttext-community",
    "sklearn": "scikit-learn",
    "ruamel": "ruamel.yaml",
    "vl_convert": "vl-convert-python",
}
"""Of modules that are called otherwise than what brings them."""
_REQUIREMENT = re.compile(r"""([\w.-]+)[^;]*(?:;.*extra *== *["']([\w-]+)["'])?""")


def require(*modules: str) -> None:
    """Refuse to begin what will need modules that are not installed.

    Raises:
        BonepickError: the first that is not.
    """
    for module in modules:
        if find_spec(module) is None:
            raise BonepickError(how_to_install(module))


def what_is_missing(error: BaseException) -> str:
    """Return what to do where an import failed for want of an extra; empty where it is not for that."""
    modules = [cause.name or "" for cause in _causes(error) if isinstance(cause, ModuleNotFoundError)]
    return next(filter(None, map(how_to_install, modules)), "")


def how_to_install(module: str) -> str:
    """Return the sentence for a module that is not installed; empty for one that bonepick does not ask for.

    >>> how_to_install("torch.nn")
    "torch is not installed, which this needs: in bonepick's clone run pip install -c constraints.txt -e '.[train]'"
    """
    top = module.partition(".")[0]
    name = DISTRIBUTIONS.get(top, top)
    extra = _extras().get(_normal(name))
    if extra is None:
        return ""
    command = "pip install -c constraints.txt -e " + (f"'.[{extra}]'" if extra else ".")
    return f"{name} is not installed, which this needs: in bonepick's clone run {command}"


@cache
def _extras() -> dict[str, str]:
    """Return the first extra that each distribution comes with; empty text for what always comes."""
    try:
        found = [_REQUIREMENT.match(line) for line in requires("bonepick") or ()]
    except PackageNotFoundError:  # a bare folder of code
        return {}
    extras: dict[str, str] = {}
    for requirement in filter(None, found):
        extras.setdefault(_normal(requirement[1]), requirement[2] or "")
    return extras


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield a fault and what it was raised from; not what was handled meanwhile: libraries try imports."""
    while error is not None:
        yield error
        error = error.__cause__
