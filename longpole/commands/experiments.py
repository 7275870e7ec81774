"""Commands that execute units many times: `longpole stress`, `longpole shrink`."""

import sys

import click

from longpole import completers
from longpole.options import example

_jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Number of executions to run at once; default: the number of cores.",
)
_first_failure = click.option("-x", "--fail-fast", is_flag=True, help="Start nothing after the first failure.")


@click.command(
    epilog=example("longpole stress eop/gc[3] --count 1000", "longpole stress test-eop-text --for 10m --seeds -j4")
)
@click.option("--count", type=click.IntRange(1, 1_000_000_000), metavar="N", help="Number of executions.")
@click.option("--for", "duration", metavar="TIME", help="Start executions for TIME: 90s, 10m, 1h.")
@click.option("--seeds", is_flag=True, help="Use new seeds in each execution instead of the same seeds in all.")
@_jobs_option
@_first_failure
@click.argument("unit", shell_complete=completers.units)
def stress(
    *, unit: str, count: int | None, duration: str | None, seeds: bool, jobs: int | None, fail_fast: bool
) -> None:
    """Run one unit many times.

    The report says how often it fails, with which seeds, and where the logs are. UNIT is an id such as eop/gc[3], or
    its make target. With --for, executions that have begun when TIME is over may finish. These executions do not change
    the history and do not count as the last run.
    """
    from longpole.rts_tests.experiments.stress import StressOptions, parse_duration
    from longpole.rts_tests.experiments.stress import stress as execute
    from longpole.rts_tests.machine.processes import usable_cores

    if (count is None) == (duration is None):
        raise click.UsageError("use either --count N or --for TIME")
    for_s = None if duration is None else parse_duration(duration)
    sys.exit(execute(StressOptions(unit, count, for_s, seeds, jobs or usable_cores(), fail_fast)))


@click.command(epilog=example("longpole shrink", "longpole shrink eop/gc[3] -x"))
@_jobs_option
@_first_failure
@click.argument("unit", required=False, shell_complete=completers.units)
def shrink(unit: str | None, jobs: int | None, fail_fast: bool) -> None:
    """Find the seeds with which a unit fails.

    Without UNIT, every unit that failed in the last run is examined. Each seed is run alone first. If none fails alone,
    the command searches for the shortest range of seeds that fails.
    """
    from longpole.rts_tests.experiments.shrink import shrink as look
    from longpole.rts_tests.machine.processes import usable_cores

    sys.exit(look(unit, jobs or usable_cores(), fail_fast=fail_fast))
