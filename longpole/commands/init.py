"""`longpole init`: a suite from the tests that a project has."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.adapter_names import NAMES
from longpole.options import example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longpole.gen.adapters.init import Proposal
    from longpole.gen.adapters.model import Settings
    from longpole.gen.adapters.registry import Found
    from longpole.rts_tests.contracts.errors import Problem

REPORTS = "junit"
"""What `--from` calls reports of any runner."""


@click.command(
    epilog=example(
        "longpole init", "longpole init --verify", "longpole init --update --dry-run", "longpole init --example"
    )
)
@click.option(
    "--from",
    "name",
    type=click.Choice((*NAMES, REPORTS)),
    help="The test runner; needed only where there are several. `junit`: take durations from the JUnit reports in the "
    "project, whose runner is found as ever.",
)
@click.option(
    "--update",
    is_flag=True,
    help="Add and remove modules of the suite for tests that came and went; all else in it stays.",
)
@click.option("--dry-run", is_flag=True, help="Print the suite, or with --update the change, and write nothing.")
@click.option("--example", "is_example", is_flag=True, help="Write a suite to begin with, where no runner is known.")
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
def init(
    *, name: str | None, update: bool, dry_run: bool, is_example: bool, verify: bool, durations: tuple[str, ...]
) -> None:
    """Write suite.yaml for the tests that this project has.

    The project's own runner is asked which tests there are. What is there already is never overwritten, and what cannot
    be mapped is named. With --verify the exit status is 1 if a test was not run, or run twice, or is unknown.
    """
    from longpole.gen.adapters.init import refuse_existing
    from longpole.gen.adapters.model import Settings

    if update + verify + is_example > 1:
        raise click.UsageError("--update, --verify and --example are different things to do: give one of them")
    if is_example and (name or durations):
        raise click.UsageError("--example asks no runner: leave out --from and --durations")
    present = _present() if update else b""
    if not (dry_run or verify or update):
        refuse_existing(Path())
    if is_example:
        _example(is_dry=dry_run)
        return
    found, known = _found(name, durations)
    click.echo(f"found {found.adapter.title}: {found.place}", err=True)
    settings = Settings(jobs=os.cpu_count() or 1, durations=known, verifies=verify)
    if verify:
        sys.exit(_verify(Path(), found, settings))
    if update:
        _update(found, settings, present, is_dry=dry_run)
    else:
        _init(found, settings, is_dry=dry_run)


def _found(name: str | None, durations: tuple[str, ...]) -> "tuple[Found, dict[str, float]]":
    """The adapter, and the seconds of tests that reports know."""
    from longpole.gen.adapters.durations import read_durations
    from longpole.gen.adapters.junit import adapter_for, reports_in
    from longpole.gen.adapters.registry import chosen

    known = read_durations(durations)
    if name != REPORTS:
        return chosen(Path(), name), known
    reports = reports_in(Path())
    click.echo(harmless_text(f"found reports: {reports}"), err=True)
    return adapter_for(Path(), reports), {**reports.durations, **known}


def _present() -> bytes:
    from longpole.gen.adapters.update import read_present

    return read_present()


def _init(found: "Found", settings: "Settings", *, is_dry: bool) -> None:
    """Write a suite, or print it."""
    from longpole.gen.adapters.init import propose

    proposal = propose(Path(), found, settings)
    _show_unmapped(proposal.unmapped, is_dry=is_dry)
    _write(proposal, settings.jobs, is_dry=is_dry)


def _example(*, is_dry: bool) -> None:
    """Write a suite to begin with, or print it."""
    from longpole.gen.adapters.init import propose_example

    _write(propose_example(Path()), os.cpu_count() or 1, is_dry=is_dry)


def _write(proposal: "Proposal", jobs: int, *, is_dry: bool) -> None:
    from longpole.gen.adapters.init import commands, write

    if is_dry:
        click.echo(proposal.suite, nl=False)
        return
    for line in write(Path(), proposal):
        show(line)
    show(f"now run: {commands(Path(), jobs)}")


def _update(found: "Found", settings: "Settings", present: bytes, *, is_dry: bool) -> None:
    """Change the suite, or print the change."""
    from longpole.gen.adapters.update import propose_update, write_update

    update = propose_update(Path(), found, settings, present)
    _show_unmapped(update.unmapped, is_dry=is_dry)
    for problem in update.notes:
        click.echo(harmless_text(f"note: {problem}"), err=is_dry)
    if is_dry:
        show(update.diff().removesuffix("\n") or write_update(update)[0])
        return
    for line in write_update(update):
        show(line)


def _show_unmapped(problems: "Iterable[Problem]", *, is_dry: bool) -> None:
    for problem in problems:
        click.echo(harmless_text(f"not in the suite: {problem}"), err=is_dry)


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
