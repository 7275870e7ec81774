"""The results of runs: `longpole report`, `longpole compare`."""

import json
import os
import sys
from pathlib import Path

import click

from longpole import completers
from longpole.options import NAMES_RUNS, example, run_argument, show
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.report.formats.report_as import FORMATS


@click.command(
    context_settings=NAMES_RUNS,
    epilog=example("longpole report", "longpole report --failed previous", "longpole report --format html -o run.html"),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="brief: one line per failure; markdown and issue: for GitHub.",
)
@click.option("--slowest", type=click.IntRange(min=0), metavar="N", help="Show the N slowest units (text, json).")
@click.option("--failed", is_flag=True, help="Show only failures (text, json).")
@click.option(
    "-o", "--output", metavar="FILE", shell_complete=completers.files, help="Write to FILE instead of standard output."
)
@run_argument("run")
def report(form: str, slowest: int | None, failed: bool, output: str | None, run: str | None) -> None:
    """Print the report of a run, by default the last one.

    RUN is a name that `longpole runs` lists, a folder, or `last`, `previous`, -3 and so on."""
    from longpole.rts_tests.contracts.colour import has_colour
    from longpole.rts_tests.report.formats.report_as import report_of
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    colour = output is None and has_colour(os.environ, terminal=sys.stdout.isatty())
    document, status = report_of(find_run(state_dir(), run), form, slowest=slowest, failed=failed, colour=colour)
    if output is None:
        click.echo(document, nl=False)
    else:
        try:
            Path(output).write_bytes(document)
        except OSError as error:
            remedy = "name a file that can be written"
            raise UseError.at(output, error.strerror or "cannot be written", remedy) from None
    sys.exit(status)


@click.command(
    context_settings=NAMES_RUNS,
    epilog=example("longpole compare", "longpole compare previous last", "longpole compare -5 last --json"),
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with every unit.")
@run_argument("before", metavar="[RUN]")
@run_argument("after", metavar="[RUN]")
def compare(before: str | None, after: str | None, as_json: bool) -> None:
    """Show what changed between two runs; default: the last two.

    A unit is slower or faster if its durations differ by more than a fifth and by more than its last ten runs vary.
    The same holds for cases. The exit status is 1 if a unit or case fails now that did not fail before.
    """
    from longpole.rts_tests.report import comparison
    from longpole.rts_tests.state.run_folders import state_dir

    result = comparison.compare_runs(state_dir(), before, after)
    show(json.dumps(comparison.as_json(result), indent=2) if as_json else comparison.text(result).rstrip("\n"))
    sys.exit(ExitStatus.FAILED if result.got_worse else ExitStatus.PASSED)
