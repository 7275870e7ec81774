"""Commands that measure: `longpole bench scale`."""

import sys
from pathlib import Path

import click

from longpole import completers
from longpole.group import Group
from longpole.options import example

MAX_JOBS = 1024


def _levels(_: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """The numbers in `1,2,4`; None if the option is absent. Raises `click.BadParameter`."""
    if value is None:
        return None
    words = [word.strip() for word in value.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) <= 4 and 1 <= int(word) <= MAX_JOBS for word in words):
        message = f"{value!r} is not a list of numbers from 1 to {MAX_JOBS}, such as 1,2,4"
        raise click.BadParameter(message, param=parameter)
    return tuple(dict.fromkeys(map(int, words)))


@click.group(cls=Group, epilog=example("longpole bench scale --jobs 1,2,4 --svg scale.svg"))
def bench() -> None:
    """Measure the suite."""


@bench.command(
    epilog=example(
        "longpole bench scale",
        "longpole bench scale --jobs 1,2,4,8 --runs 5 'eop/*' --svg scale.svg",
        "longpole bench scale --baseline main",
        "longpole bench scale --compare main",
    )
)
@click.option(
    "--jobs",
    callback=_levels,
    metavar="N,N...",
    help="Numbers of jobs to compare; default: powers of two up to twice the number of cores.",
)
@click.option(
    "--runs", type=click.IntRange(1, 1000), default=3, show_default=True, metavar="N", help="Runs of each number."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="Seed of the order of runs."
)
@click.option(
    "--json", "json_file", metavar="FILE", shell_complete=completers.files, help="Also write everything as JSON."
)
@click.option("--svg", "svg_file", metavar="FILE", shell_complete=completers.files, help="Also write a plot.")
@click.option("--baseline", metavar="NAME", help="Keep the results in bench/baselines/NAME.json.")
@click.option("--compare", metavar="NAME", help="Compare with that baseline; exit with 1 if something is slower now.")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=completers.units)
def scale(
    *,
    jobs: tuple[int, ...] | None,
    runs: int,
    seed: int,
    json_file: str | None,
    svg_file: str | None,
    baseline: str | None,
    compare: str | None,
    selectors: tuple[str, ...],
) -> None:
    """Measure how the time of a run depends on the number of jobs.

    The units are built once and run once to warm up. Then they run with each number of jobs, several times, in a random
    order. The report has times, speedup and efficiency with intervals, the slowest units, two fitted laws and the
    recommended number of jobs. A SELECTOR is a unit, a make target, a variant, a module, a scenario (group, group:name
    or path), or a glob over ids; with ! it excludes. Runs with failures do not count. These runs do not change the
    history and do not count as the last run.
    """
    from longpole.rts_tests.experiments.scale.scale import ScaleOptions
    from longpole.rts_tests.experiments.scale.scale import scale as measure

    options = ScaleOptions(
        jobs=jobs,
        runs=runs,
        seed=seed,
        selectors=selectors,
        json=None if json_file is None else Path(json_file),
        svg=None if svg_file is None else Path(svg_file),
        baseline=baseline,
        compare=compare,
    )
    sys.exit(measure(options))
