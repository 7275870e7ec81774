"""`longpole perf stalled`."""

import json
import sys
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.gate_options import results_so_far
from longpole.commands.perf.options import deferred_source_options, open_commits
from longpole.options import JSON_VERSION, example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from longpole.perf.sources import Source

_TITLE = "The newest commits have no benchmark results"
_BODY = "No result has arrived for the newest commits of the main branch. This issue is closed when one does."


@click.command(epilog=example("longpole perf stalled --commits 50", "longpole perf stalled --platform x86_64-linux"))
@deferred_source_options
@click.option(
    "--commits",
    "limit",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    metavar="N",
    help="How many of the newest commits may be without a result.",
)
@click.option("--main", metavar="REV", help="Main branch; default: as of `longpole perf ledger`.")
@click.option(
    "--commits-file",
    metavar="FILE",
    shell_complete=completers.files,
    help="File with a commit a line, the oldest first, instead of those of the repository.",
)
@click.option(
    "--platform", "names", multiple=True, metavar="PLATFORM", help="Platform to look at; default: all. Repeatable."
)
@click.option(
    "--issue",
    is_flag=True,
    help="Keep one issue on GitHub open while results are missing, by `gh`; the exit status is 0 then.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with each platform.")
def stalled(
    *,
    repo: str,
    source: "Callable[[], Source]",
    limit: int,
    main: str | None,
    commits_file: str | None,
    names: tuple[str, ...],
    issue: bool,
    as_json: bool,
) -> None:
    """Exit with 1 if none of the newest N commits of the main branch has a result, on any of the platforms.

    Results without a benchmark do not count. A platform that is no longer measured has to be left out by --platform.
    """
    from longpole.perf.ledger.ledger import ledger
    from longpole.perf.ledger.platforms import checked_platforms
    from longpole.perf.ledger.stall import progress_json, progress_of, progress_text

    commits = open_commits(commits_file, repo, main)
    runs, skips = results_so_far(source)
    platforms = checked_platforms(names) or sorted({run.platform for run in runs} | {skip.platform for skip in skips})
    found = [progress_of(each, ledger(commits, runs, skips, each), limit) for each in platforms]
    is_stalled = any(each.stalled for each in found)
    text = "\n".join(map(progress_text, found)) or "no results"
    if as_json:
        shown = {"version": JSON_VERSION, "stalled": is_stalled, "platforms": [progress_json(each) for each in found]}
        show(json.dumps(shown, indent=2))
    else:
        show(text)
    if issue:
        from longpole.perf.alarm import keep_issue

        body = f"{_BODY}\n\n```text\n{text}\n```\n"
        click.echo(keep_issue(_TITLE, body if is_stalled else None), err=as_json)
        return
    sys.exit(ExitStatus.FAILED if is_stalled else ExitStatus.PASSED)
