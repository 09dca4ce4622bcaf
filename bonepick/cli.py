"""The console script: finds the command in `bonepick.commands`, runs it, and turns faults into one line."""

import ast
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bonepick.core.errors import UsageError
from bonepick.core.terminal import at_terminal

if TYPE_CHECKING:
    from cyclopts import App


def make_app() -> "App":
    """Register every function of `bonepick.commands`, without importing it: `--help` is then quick."""
    from cyclopts import App

    description = "Train, measure and apply text quality classifiers. --quiet silences notes."
    app = App(name="bonepick", help=description, version=lambda: version("bonepick"), suppress_keyboard_interrupt=False)
    source = Path(__file__).with_name("commands.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    for number, function in enumerate(functions):
        help_line = ast.get_docstring(function) or ""
        app.command(f"bonepick.commands:{function.name}", help=help_line, sort_key=number)
    return app


def main() -> None:
    """Run the command that `sys.argv` names."""
    words = [word for word in sys.argv[1:] if word != "--quiet"]
    with at_terminal(quiet="--quiet" in sys.argv[1:]):  # around imports too: they take the first tenths of a second
        from cyclopts import CycloptsError

        app = make_app()
        try:
            app(words, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            known = words and words[0] in app
            name = f"bonepick {words[0]}" if known else "bonepick"
            raise UsageError(f"{error} See `{name} --help`.") from None


if __name__ == "__main__":
    main()
