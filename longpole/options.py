"""Options and arguments that several commands share, and the layout of the examples in their help."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from longpole import completers
from longpole.rts_tests.contracts.harmless import harmless_text

_Command = TypeVar("_Command", bound=Callable[..., Any])
_RunNames = TypeVar("_RunNames", str, tuple[str, ...], None)

suite_option = click.option(
    "--suite",
    "suite_file",
    default="suite.yaml",
    show_default=True,
    metavar="FILE",
    shell_complete=completers.files,
    help="Suite file to read.",
)
jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 65_536),
    metavar="N",
    help="Number of units to run at once; default: `limits.jobs` of the suite, else the number of cores.",
)

JSON_VERSION = 1
"""The version in the JSON that commands print; docs/json.md describes it."""

NAMES_RUNS = {"ignore_unknown_options": True}
"""Context settings of a command with a `run_argument`: click leaves `-2` to that argument."""


def example(*lines: str) -> str:
    """The epilog of a command's help: example command lines."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def show(text: str) -> None:
    """Print the text of a command, harmless on a terminal: names in it come from suites and records."""
    click.echo(harmless_text(text))


def run_argument(name: str, *, metavar: str = "[RUN]", nargs: int = 1) -> Callable[[_Command], _Command]:
    """An argument that names a run, or several with `nargs=-1`; if omitted, it is None or an empty tuple."""
    return click.argument(
        name, callback=_run_names, metavar=metavar, nargs=nargs, required=False, shell_complete=completers.runs
    )


def _run_names(context: click.Context, _: click.Parameter, value: _RunNames) -> _RunNames:
    """Accept `-2` as the name of a run; raise `NoSuchOption` for any other word that begins with a dash."""
    for word in value if isinstance(value, tuple) else (value,):
        if word and word.startswith("-") and not word[1:].isdigit():
            raise click.NoSuchOption(word, ctx=context)
    return value
