"""The console script: finds the command in `bonepick.commands`, runs it, and turns faults into one line.

All imports are inside functions: they take some tenths of a second, in which Ctrl-C must be answered too.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import App


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
    """Register every function of `bonepick.commands`, without importing it: `--help` is then quick."""
    import ast
    from importlib.metadata import version
    from pathlib import Path

    from cyclopts import App

    description = "Train, measure and apply text quality classifiers. --quiet silences notes."
    app = App(name="bonepick", help=description, version=lambda: version("bonepick"), suppress_keyboard_interrupt=False)
    source = Path(__file__).with_name("commands.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    for number, function in enumerate(functions):
        help_line = ast.get_docstring(function) or ""
        app.command(f"bonepick.commands:{function.name}", help=help_line, sort_key=number)
    return app


if __name__ == "__main__":
    main()
