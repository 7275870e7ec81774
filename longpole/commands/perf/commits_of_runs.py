"""The commits that runs are blamed on, or none if nothing is known of them."""

from collections.abc import Callable

import click

from longpole.perf.commits import Commits
from longpole.perf.index import Index
from longpole.rts_tests.contracts.errors import UseError


def commits_of_runs(index: Index, commits: Callable[[], Commits]) -> Commits | None:
    """The commits of the main branch; None, said on standard error, if a folder of results stands alone.

    Raises `UseError` if the commits that were asked for cannot be read, or none of them was measured.
    """
    given = click.get_current_context().params
    asked_for = any(given.get(name) is not None for name in ("commits_file", "main")) or given.get("results") is None
    try:
        known = commits()
        measured = any(run.commit in known.positions for run in index.runs())
        if not measured and index.runs():
            raise UseError.at(known.source, "no result is of one of its commits", "name the repository of the results")
    except UseError:
        if asked_for:
            raise
        click.echo("no commits are known (--repo, --commits): runs count in the order of time", err=True)
        return None
    return known
