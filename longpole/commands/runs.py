"""The runs that are kept: `longpole runs`, `longpole runs show`, `longpole runs remove`."""

import json
import shutil
import sys
import time

import click

from longpole.group import Group
from longpole.options import JSON_VERSION, NAMES_RUNS, example, run_argument, show


@click.group(
    cls=Group,
    invoke_without_command=True,
    epilog=example("longpole runs", "longpole runs show last", "longpole runs remove --older 7d"),
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with the runs, the newest first.")
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List the runs that are kept, the newest first.

    Runs are kept for 30 days, but at most 100 runs and 1 GB. The last run and runs under way are always kept.
    """
    if context.invoked_subcommand is not None:
        return
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import state_dir

    rows = kept.rows(state_dir(), time.time())
    if as_json:
        show(json.dumps({"version": JSON_VERSION, "runs": kept.as_json(rows)}, indent=2))
    else:
        show(kept.table(rows, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))


@runs.command("show", context_settings=NAMES_RUNS, epilog=example("longpole runs show", "longpole runs show previous"))
@run_argument("run")
def show_run(run: str | None) -> None:
    """Show the goals, settings, machine and outcomes of a run; by default of the last one."""
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import find_run, state_dir

    show(kept.head(find_run(state_dir(), run), time.time()))


@runs.command(
    "remove",
    context_settings=NAMES_RUNS,
    epilog=example("longpole runs remove previous", "longpole runs remove --older 7d", "longpole runs remove --all"),
)
@click.option("--older", metavar="AGE", help="Remove runs older than AGE: 90s, 30m, 12h, 7d, 2w.")
@click.option("--all", "everything", is_flag=True, help="Remove all runs.")
@run_argument("names", metavar="[RUN...]", nargs=-1)
def remove_runs(names: tuple[str, ...], older: str | None, everything: bool) -> None:
    """Remove runs, except runs under way. The history keeps what it learnt from them."""
    from longpole.rts_tests.report import runs as kept
    from longpole.rts_tests.state.run_folders import state_dir

    if bool(names) + (older is not None) + everything != 1:
        raise click.UsageError("use exactly one of: names of runs, --older AGE, --all")
    show(kept.remove(state_dir(), names, older, time.time()))
