"""`longpole perf collect`."""

import json
import sys

import click

from longpole import completers
from longpole.options import example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless_text


@click.command(
    epilog=example(
        "longpole perf collect artifacts/ --remote origin",
        "longpole perf collect artifacts/ --expected x86_64-linux,aarch64-darwin",
        "longpole perf collect benchmark-results-*.zip --remote ssh://git@example.org/project.git --dry-run",
    )
)
@click.argument("artifacts", nargs=-1, required=True, metavar="ARTIFACTS...", shell_complete=completers.files)
@click.option(
    "--remote", default="origin", show_default=True, metavar="R", help="Remote of the repository, address or folder."
)
@click.option("--branch", default="perf", show_default=True, metavar="NAME", help="Branch to add to.")
@click.option(
    "--repo",
    default=".",
    show_default=True,
    metavar="DIR",
    shell_complete=completers.files,
    help="Git repository whose remotes and credentials are used; it is not changed.",
)
@click.option(
    "--expected",
    default="",
    metavar="P1,P2",
    help="Platforms that should have a result, or the JSON of `perf gate`: one that has none is recorded as failed.",
)
@click.option("--commit", metavar="SHA", help="Commit of --expected P1,P2; default: what is checked out.")
@click.option("--author", metavar="'NAME <ADDRESS>'", help="Author of commits; default: longpole itself.")
@click.option(
    "--attempts",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="How often to try when others write the branch at the same time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long each fetch and push may take.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def collect(
    artifacts: tuple[str, ...],
    *,
    remote: str,
    branch: str,
    repo: str,
    expected: str,
    commit: str | None,
    author: str | None,
    attempts: int,
    timeout: float,
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
    from longpole.perf.branch import Patience, destination
    from longpole.perf.expected import parse_expected

    to = destination(repo, remote, branch, author, Patience(attempts=attempts, timeout=timeout))
    wanted = parse_expected(expected, commit, repo)
    collected = collecting.collect(artifacts, to, wanted, repo=repo, dry_run=dry_run, say=_say)
    if as_json:
        click.echo(json.dumps(collect_text.as_json(collected, to), indent=2))
    else:
        show(collect_text.text(collected, to, dry_run=dry_run))
    for line in collect_text.refused(collected):
        _say(line)
    sys.exit(ExitStatus.FAILED if collected.refused else ExitStatus.PASSED)


def _say(line: str) -> None:
    click.echo(harmless_text(f"longpole: {line}"), err=True)
