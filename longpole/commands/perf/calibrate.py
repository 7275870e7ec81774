"""`longpole perf calibrate`."""

import json
from typing import TYPE_CHECKING

import click

from longpole.commands.perf.change import Change
from longpole.commands.perf.options import Globs, deferred_commits_options, open_index, series_options, source_options
from longpole.options import example, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from longpole.perf.commits import Commits
    from longpole.perf.sources import Source


@click.command(epilog=example("longpole perf calibrate", "longpole perf calibrate --metric time --threshold 10%"))
@source_options
@deferred_commits_options
@series_options("as of `longpole perf detect`")
@click.option("--threshold", type=Change(), metavar="CHANGE", help="Refuse this threshold if it is below the noise.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def calibrate(
    *,
    source: "Source",
    commits: "Callable[[], Commits]",
    globs: Globs,
    threshold: float | None,
    as_json: bool,
) -> None:
    """Say how small a change each series can show, and how often it gives a false alarm.

    Both come from runs of the same commit. With --threshold, exit with 2 if a series cannot see a change of that size,
    and say what would help.
    """
    from longpole.commands.perf.commits_of_runs import commits_of_runs
    from longpole.perf.detect import calibration_text
    from longpole.perf.detect.calibrate import calibrate as calibrate_series
    from longpole.perf.detect.detect import Options
    from longpole.perf.progress import progress

    index = open_index(source)
    options = Options(*globs)
    found = calibrate_series(
        index, commits_of_runs(index, commits), options, lambda families: progress(families, "Calibrating")
    )
    if threshold is not None:
        calibration_text.refuse_below_noise(found, threshold)
    if as_json:
        click.echo(json.dumps(calibration_text.as_json(found), indent=2))
    else:
        show(calibration_text.as_text(found))
