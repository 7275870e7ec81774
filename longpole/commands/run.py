"""The command that starts a run: `longpole run`."""

import os
import sys

import click

from longpole import completers
from longpole.options import example, jobs_option
from longpole.rts_tests.contracts.errors import UseError


class _BesideMake(click.Command):
    """A command that passes all arguments that are not its own options to make, unchanged."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from longpole.rts_tests.make.make_arguments import split

        ours, makes = split(args)
        return super().parse_args(ctx, [*ours, "--", *makes])


@click.command(
    cls=_BesideMake,
    epilog=example(
        "longpole run",
        "longpole run -j4 -v test-eop FILTER='eop/gc*'",
        "longpole run --order input -k",
        "longpole run --select '*.ParserTest' --select '~*Slow*'",
    ),
)
@jobs_option
@click.option(
    "--order",
    type=click.Choice(["completion", "input"]),
    help="completion, the default: print units as they end; input: in plan order without times, the same at any -j.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="GLOB",
    help="Run only these classes of forks: CLASS or CLASS#TEST, each a glob; ~ before it excludes. May be repeated.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only the units that did not pass, and the report.")
@click.option("-v", "--verbose", count=True, help="Also print each unit's start and command; -vv: also whole logs.")
@click.argument(
    "arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF MAKE]...", shell_complete=completers.targets
)
def run(
    *,
    jobs: int | None,
    order: str | None,
    select: tuple[str, ...],
    quiet: bool,
    verbose: int,
    arguments: tuple[str, ...],
) -> None:
    """Run make and show its progress; the default goal is `test`.

    On a terminal, a live view shows what runs, what failed and how long the rest will take; elsewhere, or with CI,
    NO_COLOR or TERM=dumb, the output is plain lines. All other arguments are passed to make. The exit status is that of
    the run, not of make.
    """
    from longpole.rts_tests.contracts.last_render import MAKEFILE, file_words, makefile_in_force
    from longpole.rts_tests.contracts.plan import planned_jobs
    from longpole.rts_tests.machine.processes import usable_cores
    from longpole.rts_tests.make import make_arguments
    from longpole.rts_tests.make.run_make import run_make
    from longpole.rts_tests.state.run_folders import state_dir

    if quiet and verbose:
        raise click.UsageError("-q and -v contradict each other: use one of them")
    make_arguments.check_options(arguments)
    argv = ["make"]
    if not make_arguments.names_other_makefile(arguments):
        makefile = makefile_in_force(state_dir())
        if makefile is None:
            what, remedy = "not found in this folder", "run ./configure, or `longpole render`, or use -C"
            raise UseError.at(str(MAKEFILE), what, remedy)
        argv += file_words(makefile)
    if jobs is None and not make_arguments.sets_jobs(arguments, os.environ.get("MAKEFLAGS", "")):
        jobs = planned_jobs(state_dir() / "plan.json") or usable_cores()
    if jobs is not None:
        argv.append(f"-j{jobs}")
    if select and make_arguments.sets_variable(arguments, "SELECT"):
        raise click.UsageError("--select and SELECT=... contradict each other: use one of them")
    argv += arguments if make_arguments.goals(arguments) else ["test", *arguments]
    sys.exit(run_make(argv, _environ(order, select, -1 if quiet else min(verbose, 2))))


def _environ(order: str | None, select: tuple[str, ...], verbosity: int) -> dict[str, str]:
    """The environment of make, which passes the options on to the run."""
    from longpole.rts_tests.forks.selection import in_lines
    from longpole.rts_tests.view.settings import ORDER, VERBOSE, VIEW

    environ = {VIEW: "live", **os.environ}
    if order is not None:
        environ[ORDER] = order
    if select:
        environ["SELECT"] = in_lines(select)
    if verbosity:
        environ[VERBOSE] = str(verbosity)
    return environ
