"""`longpole perf gate`."""

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.gate_options import results_so_far, rules_options
from longpole.commands.perf.options import commits_options, deferred_source_options
from longpole.options import JSON_VERSION, example, show
from longpole.rts_tests.contracts.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from longpole.perf.commits import Commits
    from longpole.perf.index import Run
    from longpole.perf.ledger.gate import Queue, Rules
    from longpole.perf.sources import Source

TRIGGERS = ("push", "schedule", "manual")
_EVENTS = {"schedule": "schedule", "workflow_dispatch": "manual", "repository_dispatch": "manual"}
"""GitHub's name of an event to that of the trigger; all others are pushes."""


@click.command(
    epilog=example(
        "longpole perf gate --platform x86_64-linux --platform aarch64-darwin --out longpole-skips",
        "longpole perf gate --trigger schedule --queue 0 --json",
    )
)
@deferred_source_options
@commits_options
@click.option(
    "--platform", "names", multiple=True, metavar="PLATFORM", help="Platform to decide about; default: all. Repeatable."
)
@click.option(
    "--trigger", type=click.Choice(TRIGGERS), help="What has started this; default: by GITHUB_EVENT_NAME, or push."
)
@click.option("--commit", metavar="SHA", help="Commit that triggered; default: GITHUB_SHA, or the newest.")
@rules_options
@click.option(
    "--queue",
    "depth",
    type=click.IntRange(0),
    metavar="N",
    help="Number of other runs queued or under way; default: GitHub is asked in GitHub Actions.",
)
@click.option(
    "--changes",
    metavar="FILE",
    shell_complete=completers.files,
    help="What `longpole perf detect --json` has printed, to measure in the ranges of its change points.",
)
@click.option("--out", metavar="DIR", shell_complete=completers.folders, help="Write a record of each skip to DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with the decisions.")
def gate(
    *,
    repo: str,
    source: "Callable[[], Source]",
    commits: "Commits",
    names: tuple[str, ...],
    trigger: str | None,
    commit: str | None,
    rules: "Rules",
    depth: int | None,
    changes: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Decide whether to measure now, on each platform, and which commit: run it before the benchmarks.

    A trigger by hand always measures. Otherwise nothing is measured within the time window, and of a long queue only
    the newest commit. A commit with enough samples is not measured again: a range with a change point is divided, the
    widest unmeasured range is, or a measurement is repeated. If GitHub cannot be asked, the commit is measured.

    In GitHub Actions, the step's outputs are `measure` (true or false), `matrix` (a JSON list of platforms and
    commits) and `commit`, and the step summary says why.
    """
    from longpole.perf.ledger import announce
    from longpole.perf.ledger.gate import Known, Line, Trigger, decide

    asked = _asked(commit, commits)
    runs, platforms = _known(source, names)
    suspects = _suspects(changes)
    cause = Trigger(trigger or _trigger(os.environ))
    queue, now, line = _queue(depth, cause), datetime.now(UTC), Line.of(commits)
    known = (Known.of(platform, runs, now, suspects.get(platform, ())) for platform in platforms)
    decisions = (decide(each, line, asked=asked, trigger=cause, now=now, queue=queue, rules=rules) for each in known)
    verdict = announce.Verdict(tuple(decisions), asked, cause, queue, now)
    announce.leave(verdict, {each.sha: each.subject for each in commits.commits}, os.environ, out)
    if as_json:
        show(json.dumps({"version": JSON_VERSION, **announce.as_json(verdict)}, indent=2))
    else:
        show(announce.text(verdict))


def _trigger(environ: "Mapping[str, str]") -> str:
    """What has started the job; one that somebody has started again is by hand."""
    again = environ.get("GITHUB_RUN_ATTEMPT", "1") not in ("", "1")
    return "manual" if again else _EVENTS.get(environ.get("GITHUB_EVENT_NAME", ""), "push")


def _asked(given: str | None, commits: "Commits") -> str:
    """The commit that triggered: it may be of another branch if its whole name is given."""
    name = given or os.environ.get("GITHUB_SHA")
    if name is None:
        if not commits.commits:
            raise UseError.at(commits.source, "no commits", "name one by --commit")
        return commits.commits[-1].sha
    if len(name) in (40, 64) and not set(name) - set("0123456789abcdef"):
        return name
    return commits.resolve(name, "--commit" if given else "GITHUB_SHA")


def _known(source: "Callable[[], Source]", names: tuple[str, ...]) -> "tuple[list[Run], list[str]]":
    """The results that there are, and the platforms to decide about."""
    from longpole.perf.ledger.platforms import checked_platforms

    runs, _ = results_so_far(source)
    platforms = checked_platforms(names) or sorted({run.platform for run in runs})
    if not platforms:
        raise UseError.at("--platform", "there are no results that would tell the platforms", "name each platform")
    return runs, platforms


def _suspects(changes: str | None) -> "dict[str, list[tuple[str, str]]]":
    """The ranges with a change point, by platform. An empty file has none: a detection that failed leaves one."""
    from longpole.perf.changes import read_changes, suspects

    if changes is None or (os.path.isfile(changes) and os.path.getsize(changes) == 0):
        return {}
    return suspects(read_changes(changes))


def _queue(depth: int | None, trigger: str) -> "Queue":
    """The queue that is given, or that of the workflow in whose job this is; for a trigger by hand nobody is asked."""
    from longpole.perf.ledger.gate import Queue, Trigger
    from longpole.perf.ledger.github import Workflow, queue_of

    if depth is not None:
        return Queue(depth)
    workflow = Workflow.from_environ(os.environ)
    return queue_of(workflow) if workflow and trigger != Trigger.MANUAL else Queue()
