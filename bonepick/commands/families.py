"""Commands under a name that is of one family of models: fastText's, or those on static embeddings."""

from functools import wraps
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.memory import refuse_without_room
from bonepick.flags import Command


def of_family(command: Command, name: str, takes_lines: bool, instead: str) -> Command:
    """Return a command that refuses models of the other family.

    Args:
        command: that is run; its argument `model_dir` is the model.
        name: that it goes by.
        takes_lines: whether its models are those that are trained on fastText lines.
        instead: what takes the others.
    """

    @wraps(command)
    def run(*words: Any, **arguments: Any) -> None:
        from bonepick.classifiers.base.kinds import kind_names, params_of
        from bonepick.classifiers.base.load import kind_of_model

        refuse_without_room()
        model_dir = arguments["model_dir"]
        kind = kind_of_model(model_dir)
        if kind in kind_names() and params_of(kind).takes_lines != takes_lines:  # of an unknown one, loading tells
            raise BonepickError(f"{model_dir} is a model of kind {kind}, which {name} does not take: {instead}")
        command(*words, **arguments)

    return run
