"""`longpole perf list`."""

import json
import re
from typing import TYPE_CHECKING

import click

from longpole.commands.perf.options import open_index, platforms_option, source_options
from longpole.options import example, show
from longpole.rts_tests.contracts.harmless import harmless_text

if TYPE_CHECKING:
    from longpole.perf.sources import Source


def _names_of_commits(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if not re.fullmatch("[0-9a-fA-F]{4,64}", word):
            raise click.BadParameter(f"{word!r} is not the beginning of a commit's name; see `git rev-parse {word}`")
    return tuple(word.lower() for word in words)


@click.command(
    "list",
    epilog=example(
        "longpole perf list -n 20",
        "longpole perf list --platform 'aarch64-*' --failed",
        "longpole perf list --commit 1f2e3d4c --json",
    ),
)
@source_options
@platforms_option
@click.option(
    "--commit",
    "commits",
    multiple=True,
    callback=_names_of_commits,
    metavar="SHA",
    help="Only commits whose names begin with SHA; repeatable.",
)
@click.option("--failed", is_flag=True, help="Only runs in which nothing could be measured.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="Only the newest N of these.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def list_runs(
    *,
    source: "Source",
    platforms: tuple[str, ...],
    commits: tuple[str, ...],
    failed: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the runs of which there are results, the newest first.

    A run is one result file: what was measured on a platform at a commit. Files that cannot be read are named on
    standard error.
    """
    from longpole.perf import listing

    index = open_index(source)
    listed = listing.listing(index, platforms, commits, failed=failed, limit=limit)
    if as_json:
        click.echo(json.dumps(listing.as_json(listed), indent=2))
        return
    show(listing.as_text(listed))
    for line in listing.complaints(listed):
        click.echo(harmless_text(line), err=True)
