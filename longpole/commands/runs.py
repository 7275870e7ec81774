"""The runs that are kept: `longpole runs`, `longpole runs show`, `longpole runs remove`."""

import json
import shutil
import sys
import time

import click

from longpole.options import NAMES_RUNS, example, run_argument


@click.group(
    invoke_without_command=True,
    epilog=example("longpole runs", "longpole runs show last", "longpole runs remove --older 7d"),
)
@click.option("--json", "as_json", is_flag=True, help="An array of objects, the newest first.")
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List the runs that are kept, the newest first.

    Kept are 30 days, 100 runs and 1 GB, whichever is least, and always the last run and those that are under way.
    """
    if context.invoked_subcommand is not None:
        return
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import state_dir

    found = kept.rows(state_dir(), time.time())
    if as_json:
        click.echo(json.dumps(kept.as_json(found), indent=2))
    else:
        click.echo(kept.table(found, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))


@runs.command("show", context_settings=NAMES_RUNS, epilog=example("longpole runs show", "longpole runs show previous"))
@run_argument("run")
def show_run(run: str | None) -> None:
    """Show what a run planned, on what and where; by default the last one."""
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    click.echo(kept.head(find_run(state_dir(), run), time.time()))


@runs.command(
    "remove",
    context_settings=NAMES_RUNS,
    epilog=example("longpole runs remove previous", "longpole runs remove --older 7d", "longpole runs remove --all"),
)
@click.option("--older", metavar="AGE", help="Runs older than AGE: 90s, 30m, 12h, 7d, 2w.")
@click.option("--all", "everything", is_flag=True, help="All runs.")
@run_argument("names", metavar="[RUN...]", nargs=-1)
def remove_runs(names: tuple[str, ...], older: str | None, everything: bool) -> None:
    """Remove runs; never one that is under way. What was learnt from them stays."""
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import state_dir

    if bool(names) + (older is not None) + everything != 1:
        raise click.UsageError("name runs, or say --older AGE, or --all: one of the three")
    click.echo(kept.remove(state_dir(), names, older, time.time()))
