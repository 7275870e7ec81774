"""Scenarios: `longpole scenario --list`, `longpole scenario check`, `longpole scenario new`."""

import os
import sys
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.group import Group
from longpole.options import example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus

if TYPE_CHECKING:
    from longpole.rts_tests.scenario.discover import Found

_folder_option = click.option(
    "--folder",
    default="scenarios",
    show_default=True,
    metavar="DIR",
    shell_complete=completers.folders,
    help="Folder of scenarios.",
)
_fixtures_option = click.option(
    "--fixtures",
    metavar="DIR",
    shell_complete=completers.folders,
    help="Folder of fixtures; default: `fixtures` in the folder of scenarios.",
)


_selectors = click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=completers.files)


class _Scenario(Group):
    """A group in which `--list` is a command, wherever it stands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse `--list clone` as if a command did it."""
        if "--list" in args:
            args = [_LIST, *(word for word in args if word != "--list")]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands that have a name of their own."""
        return [name for name in super().list_commands(ctx) if name != _LIST]


_LIST = "list"


@click.group(
    cls=_Scenario,
    subcommand_metavar="COMMAND [ARGS]... | --list [SELECTOR]...",
    epilog=example("longpole scenario --list", "longpole scenario --list clone worktree:add basic"),
)
@click.option("--list", "as_list", is_flag=True, help="List scenarios; `--list --help` has its options.")
def scenario(as_list: bool) -> None:
    """Write, check and list scenarios: YAML files that test a command line.

    docs/scenarios.md describes them. A SELECTOR is the path of a file or folder, a group, group:stem, or the stem of a
    file.
    """


def _selected(folder: str, fixtures: str | None, selectors: tuple[str, ...]) -> "tuple[Found, ...]":
    """The scenarios that are meant; ends the process if there are none."""
    from longpole.rts_tests.scenario.discover import discover, select

    is_elsewhere = bool(selectors) and not os.path.lexists(folder)  # files can be named without a folder of scenarios
    found = select(() if is_elsewhere else discover(folder, fixtures), selectors)
    if not found:
        click.echo(f"longpole: there are no scenarios in {folder}", err=True)
        sys.exit(ExitStatus.NOTHING_SELECTED)
    return found


@scenario.command(_LIST, hidden=True)
@_folder_option
@_fixtures_option
@_selectors
def list_scenarios(folder: str, fixtures: str | None, selectors: tuple[str, ...]) -> None:
    """List scenarios: all of the folder, or those that any SELECTOR names."""
    from longpole.rts_tests.scenario.check import Reader, listing

    rows = listing(_selected(folder, fixtures, selectors), Reader(folder, fixtures, strict=False))
    show("\n".join(rows))


@scenario.command(epilog=example("longpole scenario check", "longpole scenario check --strict tests/e2e one.yml"))
@_folder_option
@_fixtures_option
@click.option("--strict", is_flag=True, help="Refuse extensions of the base format.")
@_selectors
def check(folder: str, fixtures: str | None, strict: bool, selectors: tuple[str, ...]) -> None:
    """Report every error in scenarios: all of the folder, or those that any SELECTOR names."""
    from longpole.rts_tests.scenario.check import Reader, checked

    found = _selected(folder, fixtures, selectors)
    result = checked(found, Reader(folder, fixtures, strict=strict), whole=None if selectors else folder)
    show(result.summary)
    if result.error is not None:
        raise result.error


@scenario.command(epilog=example("longpole scenario new basic", "longpole scenario new clone/basic"))
@_folder_option
@click.argument("name")
def new(folder: str, name: str) -> None:
    """Write a commented scenario.

    NAME is that of its file, without suffix, or GROUP/NAME.
    """
    from longpole.rts_tests.scenario.new import write_new

    show(f"written: {write_new(folder, name)}")


@scenario.command(epilog=example("longpole scenario schema > scenario.schema.json"))
def schema() -> None:
    """Print the JSON Schema of scenarios, for editors."""
    from longpole.rts_tests.scenario.schema import json_schema

    click.echo(json_schema(), nl=False)
