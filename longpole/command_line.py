"""The command `longpole`: the table of its commands, and the options that all of them share.

The module of a command is imported when the command is called; only `longpole --help` imports all of them.
"""

import os

import click

from longpole.completers import folders
from longpole.group import LazyGroup
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.version import VERSION

_STATUSES = "; ".join(f"{status.value} {status.meaning}" for status in ExitStatus if status != ExitStatus.BROKEN_PIPE)

COMMANDS = {
    "bench": "bench.bench",
    "compare": "report.compare",
    "completion": "shell.completion",
    "doctor": "doctor.doctor",
    "help": "shell.show_help",
    "init": "init.init",
    "list": "plan.list_units",
    "nightly-again": "shards.nightly_again",
    "nightly-issue": "shards.nightly_issue",
    "nightly-open": "shards.nightly_open",
    "perf": "perf.group.perf",
    "precompile": "wasm.precompile",
    "protocol": "protocol.protocol",
    "prove-shards": "shards.prove_shards",
    "render": "render.render",
    "report": "report.report",
    "run": "run.run",
    "runs": "runs.runs",
    "scenario": "scenario.scenario",
    "schema": "render.schema",
    "seed": "plan.seed",
    "shrink": "experiments.shrink",
    "stress": "experiments.stress",
    "tune": "plan.tune",
}
"""The name of a command to its module in `longpole.commands` and its function there."""


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"longpole, version {VERSION}")
        context.exit()


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog=f"Exit status: {_STATUSES}.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.option("-C", "folder", metavar="DIR", shell_complete=folders, help="Work in DIR instead of the current folder.")
def cli(folder: str | None) -> None:
    """Describe a test suite once; get a Makefile that starts the longest units first and learns from every run."""
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise UseError.at(folder, error.strerror or "not a folder", "name an existing folder") from None
