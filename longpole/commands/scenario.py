"""Scenarios: `longpole scenario`, `longpole scenario check`, `longpole scenario new`, `longpole scenario schema`."""

import sys
from typing import Any

import click

from longpole import completers
from longpole.group import Default, GroupWithDefault
from longpole.options import example, show

_suite_option = click.option(
    "--suite",
    "suite_file",
    metavar="FILE",
    shell_complete=completers.files,
    help="Suite file that says where scenarios are; default: suite.yaml, if it is there.",
)
_folder_option = click.option(
    "--folder",
    metavar="DIR",
    shell_complete=completers.folders,
    help="Folder of scenarios; default: that of the suite, else `scenarios`.",
)
_fixtures_option = click.option(
    "--fixtures",
    metavar="DIR",
    shell_complete=completers.folders,
    help="Folder of fixtures; default: that of the suite, else `fixtures` in the folder of scenarios.",
)
_selectors = click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=completers.scenarios)


@click.group(
    cls=GroupWithDefault,
    epilog=example(
        "longpole scenario -j4",
        "longpole scenario clone worktree:add basic tests/e2e/one.yml",
        "longpole scenario -i clone:basic --step 3",
        'cd "$(longpole scenario --setup-only clone:basic --step 3)"',
    ),
)
def scenario() -> None:
    """Run scenarios: YAML files that test a command line. Or write, check and list them.

    docs/scenarios.md describes them. A SELECTOR is the path of a file or folder, a group, group:stem, or the stem of a
    file; without any, all scenarios of the suite run. A word that is the name of a command is that command if it comes
    first; for a scenario of that name write ./check.yml or group:check.
    """


@click.command(cls=Default)
@click.option("--list", "as_list", is_flag=True, help="List the scenarios, and run none.")
@click.option(
    "--show", "as_text", is_flag=True, help="Show the steps, with variables replaced as far as they are known."
)
@click.option("--checks", is_flag=True, help="With --show: also what is expected of each step.")
@_suite_option
@click.option("--variant", metavar="V", help="Run only variant V of the suite; default: all of them.")
@_folder_option
@_fixtures_option
@click.option(
    "--bin", "programs", metavar="DIR", shell_complete=completers.folders, help="Folder to put first on PATH."
)
@click.option("-j", "--jobs", type=click.IntRange(1, 65_536), metavar="N", help="Scenarios to run at once.")
@click.option("--parallel", is_flag=True, help="Run as many at once as there are processors, whatever the suite says.")
@click.option(
    "--order",
    type=click.Choice(["completion", "input"]),
    help="completion: print scenarios as they end, the default on a terminal; input: in the order of their names, the "
    "default elsewhere. If it is asked for, no times are printed, and the text is the same at any -j.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only the scenarios that did not pass, and the report.")
@click.option("-v", "--verbose", count=True, help="Also print each step; -vv: also commands, outputs and all checks.")
@click.option("-x", "--fail-fast", is_flag=True, help="Start nothing after the first failure.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only scenarios with this tag; may be repeated.")
@click.option(
    "--not-tag", "not_tags", multiple=True, metavar="TAG", help="No scenarios with this tag; may be repeated."
)
@click.option("--no-skip", is_flag=True, help="A scenario that is skipped, as a program is missing, fails.")
@click.option("--update", is_flag=True, help="Rewrite golden files that differ, where all other checks hold.")
@click.option("--keep", is_flag=True, help="Keep the folders that scenarios ran in, and say where they are.")
@click.option("--setup-only", is_flag=True, help="Run the steps, keep the work directory, and print only its path.")
@click.option("-i", "--interactive", is_flag=True, help="Go through a scenario step by step; needs a terminal.")
@click.option(
    "--step",
    type=click.IntRange(min=1),
    metavar="N",
    help="With -i: begin at step N, those before it run silently. With --setup-only: run only the steps before N.",
)
@click.option(
    "--loop-count",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="With -i and --step: run that step N times, each time from the start.",
)
@_selectors
def run(**options: Any) -> None:  # noqa: ANN401  the fields of `Options`, by name
    """Run scenarios."""
    from longpole.scenarios.options import Options
    from longpole.scenarios.run import run as execute

    sys.exit(execute(Options(**options)))


scenario.default = run


@scenario.command(epilog=example("longpole scenario check", "longpole scenario check --strict tests/e2e one.yml"))
@_suite_option
@_folder_option
@_fixtures_option
@click.option("--strict", is_flag=True, help="Refuse extensions of the base format, also if the suite is not strict.")
@_selectors
def check(
    suite_file: str | None, folder: str | None, fixtures: str | None, strict: bool, selectors: tuple[str, ...]
) -> None:
    """Report every error in scenarios: all of the folder, or those that any SELECTOR names."""
    from longpole.rts_tests.scenario.check import checked
    from longpole.scenarios.corpus import corpus_of

    corpus = corpus_of(suite_file, folder=folder, fixtures=fixtures)
    whole = None if selectors else corpus.folder
    result = checked(corpus.selected(selectors), corpus.reader(strict=strict), whole=whole)
    show(result.summary)
    if result.error is not None:
        raise result.error


@scenario.command(epilog=example("longpole scenario new basic", "longpole scenario new clone/basic"))
@_suite_option
@_folder_option
@click.argument("name")
def new(suite_file: str | None, folder: str | None, name: str) -> None:
    """Write a commented scenario.

    NAME is that of its file, without suffix, or GROUP/NAME.
    """
    from longpole.rts_tests.scenario.new import write_new
    from longpole.scenarios.corpus import corpus_of

    show(f"written: {write_new(corpus_of(suite_file, folder=folder).folder, name)}")


@scenario.command(epilog=example("longpole scenario schema > scenario.schema.json"))
def schema() -> None:
    """Print the JSON Schema of scenarios, for editors."""
    from longpole.rts_tests.scenario.schema import json_schema

    click.echo(json_schema(), nl=False)
