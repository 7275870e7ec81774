"""Options and arguments that several commands have, and the form of their examples."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_RunNames = TypeVar("_RunNames", str, tuple[str, ...], None)

suite_option = click.option(
    "--suite", "suite_file", default="suite.yaml", show_default=True, metavar="FILE", help="The suite to read."
)
jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 65_536),
    metavar="N",
    help="Units at once; by default `limits.jobs` of the suite, or the number of cores.",
)

NAMES_RUNS = {"ignore_unknown_options": True}
"""Settings of a command with a `run_argument`, so that `-2` reaches it."""


def example(*lines: str) -> str:
    """The end of a command's help: command lines to try, as they are typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def run_argument(name: str, *, metavar: str = "[RUN]", nargs: int = 1) -> Callable[[_Command], _Command]:
    """An argument that names a run, or with `nargs=-1` several; None, or none, where it is left out."""
    return click.argument(name, callback=_run_names, metavar=metavar, nargs=nargs, required=False)


def _run_names(context: click.Context, _: click.Parameter, value: _RunNames) -> _RunNames:
    """`-2` names a run; any other word that begins with a dash is an unknown option."""
    for word in value if isinstance(value, tuple) else (value,):
        if word and word.startswith("-") and not word[1:].isdigit():
            raise click.NoSuchOption(word, ctx=context)
    return value
