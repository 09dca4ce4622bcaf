"""The console script: finds the command in `bonepick/commands/`, runs it, and turns faults into one line.

Almost all imports are inside functions: they take some tenths of a second, in which Ctrl-C must be answered too.
"""

import sys
from typing import TYPE_CHECKING

from bonepick.core.no_memory import lack_of_memory

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = ("prepare", "train", "evaluate", "score")
"""Modules in `bonepick/commands/`, in the order of the help."""


ALIASES = {
    "eval-model2vec": ("evaluate", "eval_model2vec", "The same command as eval, for models on static embeddings."),
    "eval-fasttext": ("evaluate", "eval_fasttext", "The same command as eval, for models of fastText."),
    "infer-fasttext": ("score", "infer_fasttext", "The same command as score, for models of fastText."),
}
"""The names of the tool that this one is modelled on -> module, command, help."""


def main() -> None:
    """Run the command that `sys.argv` names."""
    try:
        from bonepick.terminal import at_terminal

        with at_terminal(quiet="--quiet" in sys.argv[1:]):
            _run([word for word in sys.argv[1:] if word != "--quiet"])
    except KeyboardInterrupt:  # before `at_terminal` is there to answer it
        print("error: interrupted: nothing was begun yet", file=sys.stderr)
        raise SystemExit(130) from None
    except Exception as fault:
        if not (sentence := lack_of_memory(fault)):
            raise
        print(f"error: {sentence}", file=sys.stderr)
        raise SystemExit(1) from None


def _run(words: list[str]) -> None:
    from cyclopts import CycloptsError

    from bonepick.core.errors import UsageError

    app = make_app()
    _refuse_empty(app, words)
    try:
        app(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        known = words and words[0] in app
        name = f"bonepick {words[0]}" if known else "bonepick"
        left = error.unused_tokens or []
        said = _renamed(words) or (_one_value(app[words[0]], words, left) if known else "")
        raise UsageError(said or f"{error} See `{name} --help`.") from None


def _refuse_empty(app: "App", words: list[str]) -> None:
    """Refuse a flag that is given nothing, as by an unset variable: as a path, that is the current folder."""
    from itertools import pairwise

    from bonepick.core.errors import UsageError

    flags = [word.removesuffix("=") for word in words if word.endswith("=")]
    flags += [flag for flag, value in pairwise(words) if not value]
    for argument in app[words[0]].assemble_argument_collection() if flags and words[0] in app else ():
        for flag in (flag for flag in flags if flag in argument.names and argument.field_info.default != ""):
            raise UsageError(f"{flag} is given nothing, wanted a value: is a variable unset?")


def _renamed(words: list[str]) -> str:
    """Return what to say of a flag that has another name now; empty where none is given."""
    from bonepick.metrics.params import EvalParams

    for old, new in EvalParams.RENAMED.items():
        flag = f"--{old.replace('_', '-')}"
        if any(word.partition("=")[0] == flag for word in words):
            return f"{flag} is called --{new.replace('_', '-')} now"
    return ""


def _one_value(command: "App", words: list[str], left: list[str]) -> str:
    """Return what to say of a flag that is given several values at once and takes one; empty where there is none."""
    import re
    from itertools import pairwise, takewhile

    repeatable = _repeatable(command)
    for place, (flag, value) in enumerate(pairwise(words)):
        numbers = value.split(",") if flag in repeatable and re.fullmatch(r"[\d.,]+", value) else [value]
        rest = numbers[1:] or list(takewhile(left.__contains__, words[place + 2 :]))
        if rest and flag.startswith("-") and flag not in left and not value.startswith("-"):
            takes = f"{flag} takes one value, and {' '.join(rest)} follows it"
            if flag in repeatable:
                return f"{takes}: repeat it ({' '.join(f'{flag} {each}' for each in [numbers[0], *rest])})"
            return f"{takes}: put quotes around a value with spaces in it"
    return ""


def _repeatable(command: "App") -> set[str]:
    arguments = command.assemble_argument_collection()
    return {name for each in arguments if "list" in str(each.hint) or "tuple" in str(each.hint) for name in each.names}


def make_app() -> "App":
    """Register the functions in `bonepick/commands/`, without importing them: `--help` is then quick."""
    import ast
    from importlib.metadata import version
    from pathlib import Path

    from cyclopts import App

    from bonepick.classifiers.base.kinds import kind_help, kind_names

    description = (
        "Prepare labelled texts, train classifiers of quality on them, evaluate these, and score corpora. "
        "--quiet silences notes."
    )
    app = App(name="bonepick", help=description, version=lambda: version("bonepick"), suppress_keyboard_interrupt=False)
    for place, module in enumerate(COMMANDS):
        source = (Path(__file__).parent / "commands" / f"{module}.py").read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and module != "train":
                help_line = ast.get_docstring(node) or ""
                app.command(f"bonepick.commands.{module}:{node.name}", help=help_line, sort_key=(place, node.lineno))
    for alias, (module, command, help_line) in ALIASES.items():
        app.command(
            f"bonepick.commands.{module}:{command}",
            name=alias,
            help=help_line,
            sort_key=(COMMANDS.index(module), 1000),
        )
    for number, kind in enumerate(kind_names()):
        order = (COMMANDS.index("train"), number)
        app.command(f"bonepick.commands.train:train_{kind}", help=kind_help(kind), sort_key=order)
    return app


if __name__ == "__main__":
    main()
