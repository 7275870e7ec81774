"""`longpole perf compare`."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.change import Change
from longpole.commands.perf.options import Globs, deferred_source_options, open_index, series_options
from longpole.options import example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus

if TYPE_CHECKING:
    from longpole.perf.compare.compare import Comparison
    from longpole.perf.sources import Source

_FORMATS = ("text", "markdown", "json")


@click.command(
    epilog=example(
        "longpole perf compare HEAD~3 HEAD",
        "longpole perf compare main HEAD --format markdown >> $GITHUB_STEP_SUMMARY",
        "longpole perf compare before.json after/ --threshold 3%",
    )
)
@click.argument("before", metavar="A", shell_complete=completers.files)
@click.argument("after", metavar="B", shell_complete=completers.files)
@deferred_source_options
@series_options("all but `pass:NAME`")
@click.option(
    "--threshold",
    type=Change(),
    metavar="CHANGE",
    help="Least change that counts, such as 5%. Default: the series' calibrated one; where there is none, 10%, and 1% "
    "of values that do not vary. A calibrated threshold is raised, but not lowered.",
)
@click.option("--raw", is_flag=True, help="Do not divide times by what all benchmarks of a run have in common.")
@click.option("--all", "every", is_flag=True, help="List series without a change, too.")
@click.option("--format", "style", type=click.Choice(_FORMATS), default="text", show_default=True, help="Format.")
def compare(
    *,
    before: str,
    after: str,
    repo: str,
    source: "Callable[[], Source]",
    globs: Globs,
    threshold: float | None,
    raw: bool,
    every: bool,
    style: str,
) -> None:
    """Compare the results of commits A and B; exit with 1 if B is worse.

    A and B are commits that were measured, as git names them, or result files, or folders of result files. A
    regression is a change for the worse beyond the threshold of its series that a Mann-Whitney test tells apart, or a
    benchmark that failed in B. docs/perf-compare.md describes the statistics.
    """
    from longpole.perf.compare.compare import Options, Thresholds, compare
    from longpole.perf.compare.sides import side_of_path

    options = Options(*globs, not raw)
    if os.path.exists(before) and os.path.exists(after):
        comparison = compare(side_of_path(before), side_of_path(after), Thresholds(least=threshold), options)
    else:
        from longpole.perf.compare.history import History

        opened = source()
        history = History(opened, open_index(opened), repo)
        comparison = history.compare(before, after, replace(options, divide_others=not raw), threshold)
    _print(comparison, style, every=every)
    sys.exit(ExitStatus.FAILED if comparison.regressed else ExitStatus.PASSED)


def _print(comparison: "Comparison", style: str, *, every: bool) -> None:
    if style == "json":
        from longpole.perf.compare.as_json import as_json

        click.echo(json.dumps(as_json(comparison), indent=2))
    elif style == "markdown":
        from longpole.perf.compare.markdown import markdown

        click.echo(markdown(comparison), nl=False)
    else:
        from longpole.perf.compare.report import text

        show(text(comparison, every=every).removesuffix("\n"))
