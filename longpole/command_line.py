"""The command `longpole`: the table of its commands, and the options that all of them share.

The module of a command is imported when the command is called; only `longpole --help` imports all of them.
"""

import importlib
import os

import click

from longpole.completers import folders
from longpole.group import Group
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.version import VERSION

_STATUSES = "; ".join(f"{status.value} {status.meaning}" for status in ExitStatus if status != ExitStatus.BROKEN_PIPE)

COMMANDS = {
    "bench": "bench.bench",
    "compare": "report.compare",
    "completion": "shell.completion",
    "help": "shell.show_help",
    "list": "plan.list_units",
    "nightly-again": "shards.nightly_again",
    "nightly-issue": "shards.nightly_issue",
    "nightly-open": "shards.nightly_open",
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


class Commands(Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name].split(".")
        command = getattr(importlib.import_module(f"longpole.commands.{module}"), function)
        assert isinstance(command, click.Command)
        return command


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"longpole, version {VERSION}")
        context.exit()


@click.group(
    cls=Commands,
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
