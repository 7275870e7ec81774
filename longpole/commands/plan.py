"""The plan: `longpole list`, `longpole seed`, `longpole tune`."""

import json
import os
import sys
from pathlib import Path

import click

from longpole import completers
from longpole.options import JSON_VERSION, example, jobs_option, show, suite_option
from longpole.rts_tests.contracts.exit_status import ExitStatus


@click.command("list", epilog=example("longpole list --json 'eop/gc*'", "longpole list 'label:slow !label:net'"))
@suite_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with the units in plan order.")
@click.argument("pattern", required=False, metavar="[FILTER]", shell_complete=completers.units)
def list_units(suite_file: str, as_json: bool, pattern: str | None) -> None:
    """Show all units in the order in which make starts them."""
    from longpole.gen.plan import listing
    from longpole.gen.render.outputs import Project, current_plan
    from longpole.rts_tests.contracts.commit import find_commit
    from longpole.rts_tests.contracts.filter import parse_filter
    from longpole.rts_tests.contracts.history import read_history
    from longpole.rts_tests.contracts.order import ordered
    from longpole.rts_tests.run.request import Request

    request = Request.from_environ((), os.environ)
    if pattern is not None:  # as it is written for make and for `longpole run`, too
        pattern = pattern.removeprefix("FILTER=")
    only = parse_filter(pattern) or request.filter
    plan = ordered(current_plan(Project(suite_file, request.state)), read_history(request.state))
    if only is not None:
        only.refuse_misspelt(plan.labels)
    rows = listing.rows(plan, find_commit(Path(), request.commit), request.seeds, only)
    if as_json:
        show(json.dumps({"version": JSON_VERSION, "units": rows}, indent=2))
    elif rows:
        show(listing.table(rows))
    if not rows:
        text = only.text if only else ""
        click.echo(f"longpole: {text!r} matches no unit; `longpole list` shows every id and its labels", err=True)
        sys.exit(ExitStatus.NOTHING_SELECTED)


@click.command(epilog=example("longpole seed", "longpole seed --json"))
@suite_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with the modules.")
def seed(suite_file: str, as_json: bool) -> None:
    """Show the seeds in force, and where they come from."""
    from longpole.gen.plan import seeds as seeding
    from longpole.rts_tests.contracts.commit import find_commit
    from longpole.rts_tests.run.request import Request

    request = Request.from_environ((), os.environ)
    rows = seeding.rows(suite_file, find_commit(Path(), request.commit), request.seeds)
    show(json.dumps({"version": JSON_VERSION, "modules": rows}, indent=2) if as_json else seeding.table(rows))


@click.command(epilog=example("longpole tune", "longpole tune --jobs 16 --write"))
@suite_option
@jobs_option
@click.option("--write", is_flag=True, help="Write the proposal to the suite file; its comments and layout are kept.")
def tune(suite_file: str, jobs: int | None, write: bool) -> None:
    """Propose better numbers of chunks and groups of tests, from history.

    No unit should take longer than one job's share of the work. No chunk becomes shorter than half a second, and
    modules whose chunks are much shorter get fewer of them. Of the groups that `longpole init` made, short ones are
    joined and long ones split; what was written by hand stays.
    """
    from longpole.gen.tune import tune as tuning
    from longpole.rts_tests.machine.processes import usable_cores
    from longpole.rts_tests.state.run_folders import state_dir

    show(tuning.tune(suite_file, state_dir(), jobs, usable_cores(), write=write))
