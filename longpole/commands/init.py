"""`longpole init`: a suite from the tests that a project has."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.options import example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless_text

if TYPE_CHECKING:
    from longpole.gen.adapters.model import Settings
    from longpole.gen.adapters.registry import Found

ADAPTERS = ("cargo", "ctest", "go", "meson", "node", "pytest")
"""The names of all adapters: here, too, so that `longpole --help` imports none of them."""


@click.command(epilog=example("longpole init", "longpole init --durations junit.xml", "longpole init --verify"))
@click.option(
    "--from", "name", type=click.Choice(ADAPTERS), help="The test runner; needed only where there are several."
)
@click.option("--dry-run", is_flag=True, help="Print the suite, and write nothing.")
@click.option(
    "--verify",
    is_flag=True,
    help="Compare the cases of the last run with the tests of the project's own runner; write nothing.",
)
@click.option(
    "--durations",
    multiple=True,
    metavar="FILE",
    shell_complete=completers.files,
    help="A JUnit report of the project's own runner, whose durations become weights; may be repeated.",
)
def init(name: str | None, dry_run: bool, verify: bool, durations: tuple[str, ...]) -> None:
    """Write suite.yaml for the tests that this project has.

    The project's own runner is asked which tests there are. What is there already is never overwritten, and what cannot
    be mapped is named. With --verify the exit status is 1 if a test was not run, or run twice, or is unknown.
    """
    from longpole.gen.adapters.durations import read_durations
    from longpole.gen.adapters.init import commands, propose, refuse_existing, write
    from longpole.gen.adapters.model import Settings
    from longpole.gen.adapters.registry import chosen

    root = Path()
    if not dry_run and not verify:
        refuse_existing(root)
    found = chosen(root, name)
    click.echo(f"found {found.adapter.title}: {found.place}", err=True)
    settings = Settings(jobs=os.cpu_count() or 1, durations=read_durations(durations), verifies=verify)
    if verify:
        sys.exit(_verify(root, found, settings))
    proposal = propose(root, found, settings)
    for problem in proposal.unmapped:
        click.echo(harmless_text(f"not in the suite: {problem}"), err=dry_run)
    if dry_run:
        click.echo(proposal.suite, nl=False)
        return
    for line in write(root, proposal):
        show(line)
    show(f"now run: {commands(root, settings.jobs)}")


def _verify(root: Path, found: "Found", settings: "Settings") -> ExitStatus:
    """Compare the last run with the runner's own tests, print the outcome, and return the exit status."""
    from longpole.gen.adapters.verify import names_that_ran, verdicts
    from longpole.rts_tests.contracts.errors import UseError
    from longpole.rts_tests.contracts.record_file import all_records
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    run = find_run(state_dir(), None)
    ran: dict[str, list[str]] = {}
    for record in all_records(run).values():
        pairs = [(case, found.adapter.name_of(case, record.module)) for case in record.cases]
        ran.setdefault(record.variant, []).extend(names_that_ran(pairs))
    if not ran:
        raise UseError.at(str(run), "left no records", "type `make test`")
    outcome = verdicts(found.adapter.names(found.adapter.read(root, settings)), ran)
    for verdict in outcome:
        show(str(verdict))
    return ExitStatus.PASSED if all(verdict.holds for verdict in outcome) else ExitStatus.FAILED
