"""`longpole perf from-run`."""

from pathlib import Path

import click

from longpole.commands.perf.imports import out_option, platform_option
from longpole.options import NAMES_RUNS, example, run_argument, show
from longpole.rts_tests.contracts.errors import UseError


@click.command(
    context_settings=NAMES_RUNS,
    epilog=example("longpole perf from-run --out results", "longpole perf from-run previous --out results"),
)
@run_argument("run")
@out_option
@platform_option("Platform of the result; default: that of the machine of the run, such as `x86_64-linux`.")
@click.option(
    "--commit",
    metavar="COMMIT",
    help="Commit of a run that knows none: its whole name, or what the current repository calls so; default: HEAD.",
)
def from_run(run: str | None, out: Path, platform: str | None, commit: str | None) -> None:
    """Make a result file of a run's records, by default of the last run.

    RUN is as for `longpole report`. The time of every unit that passed at once is a series, and so is the makespan of
    the suite if all units passed; units that failed are failures of the result.
    """
    from longpole.perf.files import write
    from longpole.perf.from_run import measured
    from longpole.rts_tests.contracts.records import read_run_info
    from longpole.rts_tests.state.executed import read_executed
    from longpole.rts_tests.state.retention import is_running
    from longpole.rts_tests.state.run_folders import find_run, state_dir
    from longpole.version import VERSION

    folder = find_run(state_dir(), run)
    if is_running(folder):
        raise UseError.at(str(folder), "this run has not ended", "wait for its end")
    if (executed := read_executed(folder)) is not None:
        raise UseError.at(str(folder), f"this is a run of longpole {executed.kind}", "name a run of the suite")
    given = _here() if commit is None and read_run_info(folder).commit is None else commit and _named(commit)
    found = measured(folder, platform=platform, commit=given, tool=f"longpole {VERSION}")
    path = write(found.result, out)
    units = sum(each.name.startswith("unit ") for each in found.result.benchmarks)
    end = f"no makespan: {found.no_makespan}" if found.makespan_s is None else f"makespan {found.makespan_s:.3g} s"
    show(f"{path}\nunits: {units}; failures: {len(found.result.failures)}; {end}")


def _named(commit: str) -> str:
    from longpole.perf.importers.complete import whole_commit

    return whole_commit(commit, ".", None)


def _here() -> str | None:
    """The commit that is checked out in the current folder; None if there is none."""
    try:
        return _named("HEAD")
    except UseError:
        return None
