"""`longpole perf ledger`."""

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from longpole.commands.perf.options import commits_options, open_index, source_options
from longpole.options import JSON_VERSION, example, show
from longpole.rts_tests.contracts.exit_status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longpole.perf.commits import Commits
    from longpole.perf.index import Run
    from longpole.perf.ledger.text import Account
    from longpole.perf.sources import Source


@click.command(
    epilog=example(
        "longpole perf ledger",
        "longpole perf ledger --unmeasured --platform x86_64-linux",
        "longpole perf ledger --verify",
    )
)
@source_options
@commits_options
@click.option(
    "--platform", "names", multiple=True, metavar="PLATFORM", help="Platform to account for; default: all. Repeatable."
)
@click.option(
    "--verify", "verified", is_flag=True, help="Prove the ledger against `git rev-list`; exit 1 if it is wrong."
)
@click.option("--unmeasured", is_flag=True, help="List the commits that are not measured, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with an entry for each platform and commit.")
def ledger(
    *,
    source: "Source",
    commits: "Commits",
    names: tuple[str, ...],
    verified: bool,
    unmeasured: bool,
    as_json: bool,
) -> None:
    """Account for every commit of the main branch, on each platform.

    A commit is exactly one of: measured; represented by a later measured commit; skipped; failed; unknown.
    """
    from longpole.perf.ledger import text

    if verified + unmeasured + as_json > 1:
        raise click.UsageError("use one of --verify, --unmeasured, --json")
    runs, accounts = _accounts(source, commits, names)
    if verified:
        sys.exit(_verify(commits, runs, accounts))
    if as_json:
        show(json.dumps({"version": JSON_VERSION, **text.ledger_json(commits, accounts)}, indent=2))
    else:
        show(text.unmeasured_text(commits, accounts) if unmeasured else text.ledger_text(commits, accounts))


def _accounts(source: "Source", commits: "Commits", names: tuple[str, ...]) -> "tuple[list[Run], list[Account]]":
    from longpole.perf.ledger.ledger import elsewhere, ledger
    from longpole.perf.ledger.platforms import chosen_platforms
    from longpole.perf.ledger.text import Account

    index = open_index(source)
    runs, skips = index.runs(), index.skips()
    platforms = chosen_platforms(runs, skips, names, source.place)
    others = {platform: elsewhere(commits, runs, skips, platform) for platform in platforms}
    where = _whereabouts({each.commit for found in others.values() for each in found})
    return runs, [
        Account(
            platform,
            ledger(commits, runs, skips, platform),
            tuple(replace(each, where=where.get(each.commit, "")) for each in others[platform]),
        )
        for platform in platforms
    ]


def _whereabouts(names: set[str]) -> dict[str, str]:
    """Where the commits are, by git; nothing is known of them if there is only a list of commits."""
    from longpole.perf.ledger.commits import whereabouts

    context = click.get_current_context()
    return whereabouts(context.params["repo"], names, context.params["main"]) if names and _has_repo(context) else {}


def _verify(commits: "Commits", runs: "list[Run]", accounts: "Sequence[Account]") -> ExitStatus:
    """Print the proof of each platform, or what is wrong. Returns the exit status."""
    from longpole.perf.ledger.ledger import ranges
    from longpole.perf.ledger.verify import verdict, verify

    parents = _parents(commits)
    problems = {
        each.platform: verify(
            each.entries, ranges(each.entries), parents, (run for run in runs if run.platform == each.platform)
        )
        for each in accounts
    }
    show(verdict(commits.source, accounts, problems))
    return ExitStatus.FAILED if any(problems.values()) else ExitStatus.PASSED


def _parents(commits: "Commits") -> dict[str, str | None]:
    """The chain of first parents, by `git rev-list`; that of the list itself if there is only a list of commits."""
    from longpole.perf.ledger.commits import first_parents

    context = click.get_current_context()
    if not _has_repo(context):
        names = [commit.sha for commit in reversed(commits.commits)]
        return dict(zip(names, [*names[1:], None], strict=False))
    return first_parents(context.params["repo"], context.params["main"])


def _has_repo(context: click.Context) -> bool:
    """Whether there is a repository to ask: a list of commits needs none, unless it is named, too."""
    return context.params["commits_file"] is None or context.get_parameter_source("repo") is ParameterSource.COMMANDLINE
