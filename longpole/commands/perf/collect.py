"""`longpole perf collect`."""

import json
import sys
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.destination import destination_options
from longpole.options import example
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless_note

if TYPE_CHECKING:
    from longpole.perf.branch import Destination


@click.command(
    epilog=example(
        "longpole perf collect artifacts/ --remote origin",
        "longpole perf collect artifacts/ --expected x86_64-linux,aarch64-darwin",
        "longpole perf collect benchmark-results-*.zip --remote ssh://git@example.org/project.git --dry-run",
    )
)
@click.argument("artifacts", nargs=-1, required=True, metavar="ARTIFACTS...", shell_complete=completers.files)
@destination_options
@click.option(
    "--expected",
    default="",
    metavar="P1,P2",
    help="Platforms that should have a result, or the JSON of `perf gate`: one that has none is recorded as failed.",
)
@click.option("--commit", metavar="SHA", help="Commit of --expected P1,P2; default: what is checked out.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def collect(
    artifacts: tuple[str, ...],
    *,
    to: "Destination",
    expected: str,
    commit: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add the results in ARTIFACTS to a branch of a git remote.

    ARTIFACTS are folders, such as download-artifact makes, result files, and archives (.zip, .tar.gz). The results of
    each commit are added in one commit; nothing is checked out and nothing forced, and a second time adds nothing.

    The exit status is 1 if something was refused; the rest is added. It is 2 if nothing could be added.
    """
    from longpole.perf import collect as collecting
    from longpole.perf import collect_text
    from longpole.perf.expected import parse_expected

    repo = click.get_current_context().params["repo"]
    wanted = parse_expected(expected, commit, repo)
    collected = collecting.collect(artifacts, to, wanted, repo=repo, dry_run=dry_run, say=_say)
    if as_json:
        click.echo(json.dumps(collect_text.as_json(collected, to), indent=2))
    else:
        for line in collect_text.lines(collected, to, dry_run=dry_run):
            click.echo(harmless_note(line))
    for line in collect_text.refused(collected):
        _say(line)
    sys.exit(ExitStatus.FAILED if collected.refused else ExitStatus.PASSED)


def _say(line: str) -> None:
    click.echo(harmless_note(f"longpole: {line}"), err=True)
