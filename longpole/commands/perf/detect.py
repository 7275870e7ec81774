"""`longpole perf detect`."""

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

_FORMATS = ("text", "markdown", "json")


@click.command(
    epilog=example(
        "longpole perf detect",
        "longpole perf detect --metric time --at-least 5% --format markdown",
        "longpole perf detect --results results --commits commits.tsv --json",
    )
)
@source_options
@deferred_commits_options
@series_options("all but `cold`, `mean`, `units`, `pass:NAME` and `source:NAME`")
@click.option(
    "--at-least", type=Change(), default="1%", show_default=True, metavar="CHANGE", help="Leave out smaller changes."
)
@click.option(
    "--method",
    type=click.Choice(["pelt", "e-divisive"]),
    default="pelt",
    show_default=True,
    help="How a series is cut into segments.",
)
@click.option("--raw", is_flag=True, help="Do not divide times by what all benchmarks of a run have in common.")
@click.option("--format", "style", type=click.Choice(_FORMATS), default="text", show_default=True, help="Format.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def detect(
    *,
    source: "Source",
    commits: "Callable[[], Commits]",
    globs: Globs,
    at_least: float,
    method: str,
    raw: bool,
    style: str,
    as_json: bool,
) -> None:
    """Find where series changed, and between which commits of the main branch.

    Each run's times are divided by its common factor first: the reference workload's, or that of all benchmarks. At
    most one in a hundred of the changes listed is expected to be false. docs/perf-detect.md describes the statistics.
    """
    from longpole.commands.perf.commits_of_runs import commits_of_runs
    from longpole.perf.detect import outcome, report
    from longpole.perf.detect.detect import Options
    from longpole.perf.detect.detect import detect as detect_changes
    from longpole.perf.detect.series import Method
    from longpole.perf.progress import progress

    options = Options(*globs, Method(method), raw, at_least)
    index = open_index(source)
    detection = detect_changes(
        index, commits_of_runs(index, commits), options, lambda families: progress(families, "Looking for changes")
    )
    if as_json or style == "json":
        click.echo(json.dumps(outcome.as_json(detection), indent=2))
    elif style == "markdown":
        click.echo(report.as_markdown(detection), nl=False)
    else:
        show(report.as_text(detection))
