"""The console script: finds the command in `bonepick/commands/`, runs it, and turns faults into one line.

All imports are inside functions: they take some tenths of a second, in which Ctrl-C must be answered too.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = ("preparing", "training", "evaluating")
"""Modules in `bonepick/commands/`, in the order of the help."""


def main() -> None:
    """Run the command that `sys.argv` names."""
    try:
        from bonepick.core.terminal import at_terminal

        with at_terminal(quiet="--quiet" in sys.argv[1:]):
            _run([word for word in sys.argv[1:] if word != "--quiet"])
    except KeyboardInterrupt:  # before `at_terminal` is there to answer it
        print("error: interrupted: nothing was begun yet", file=sys.stderr)
        raise SystemExit(130) from None


def _run(words: list[str]) -> None:
    from cyclopts import CycloptsError

    from bonepick.core.errors import UsageError

    app = make_app()
    try:
        app(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        known = words and words[0] in app
        name = f"bonepick {words[0]}" if known else "bonepick"
        raise UsageError(f"{error} See `{name} --help`.") from None


def make_app() -> "App":
    """Register the functions in `bonepick/commands/`, without importing them: `--help` is then quick."""
    import ast
    from importlib.metadata import version
    from pathlib import Path

    from cyclopts import App

    description = "Train, measure and apply text quality classifiers. --quiet silences notes."
    app = App(name="bonepick", help=description, version=lambda: version("bonepick"), suppress_keyboard_interrupt=False)
    for module in COMMANDS:
        source = (Path(__file__).parent / "commands" / f"{module}.py").read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                help_line, place = ast.get_docstring(node) or "", (COMMANDS.index(module), node.lineno)
                app.command(f"bonepick.commands.{module}:{node.name}", help=help_line, sort_key=place)
    return app


if __name__ == "__main__":
    main()
