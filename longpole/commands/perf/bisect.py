"""`longpole perf bisect`."""

import json
from collections.abc import Callable, Iterator
from math import log1p
from typing import TYPE_CHECKING

import click

from longpole import completers
from longpole.commands.perf.change import Change
from longpole.commands.perf.options import commits_options, deferred_source_options, open_index
from longpole.options import example, show

if TYPE_CHECKING:
    from longpole.perf.commits import Commits
    from longpole.perf.compare.ranges import Question, Searched
    from longpole.perf.sources import Source

_TEMPLATE = (
    "git checkout -q {commit} && for i in $(seq {repeats}); do "
    "longpole perf run --platform {platform} --out results {benchmarks}; done"
)


@click.command(
    epilog=example(
        "longpole perf bisect --good v1.2 --bad HEAD --benchmark parse --platform x86_64-linux",
        "longpole perf detect --json > changes.json && longpole perf bisect --changes changes.json",
    )
)
@deferred_source_options
@commits_options
@click.option("--good", metavar="COMMIT", help="The last commit that is known to be good.")
@click.option("--bad", metavar="COMMIT", help="The first commit that is known to be bad.")
@click.option("--platform", metavar="GLOB", default="*", help="Only these platforms.")
@click.option("--benchmark", metavar="GLOB", default="*", help="Only these benchmarks.")
@click.option("--metric", default="time", show_default=True, metavar="NAME", help="The metric that changed.")
@click.option(
    "--changes",
    metavar="FILE",
    shell_complete=completers.files,
    help="Instead of --good and --bad: what `longpole perf detect --json` printed. Regressions that have not recovered "
    "and lie in more than one commit are bisected.",
)
@click.option(
    "--least",
    type=Change(),
    metavar="CHANGE",
    help="Smallest change between --good and --bad to search for, such as 1%; default: twice the noise of the series.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Commits to run at a time.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.9999),
    default=0.98,
    show_default=True,
    metavar="P",
    help="Probability with which the commit must be known.",
)
@click.option(
    "--command",
    "template",
    default=_TEMPLATE,
    metavar="TEXT",
    help="The command to print for each commit; {commit}, {platform}, {benchmarks} and {repeats} are replaced.",
)
@click.option("--json", "as_object", is_flag=True, help="Print JSON.")
def bisect(
    *,
    repo: str,
    source: "Callable[[], Source]",
    commits: "Commits",
    good: str | None,
    bad: str | None,
    platform: str,
    benchmark: str,
    metric: str,
    changes: str | None,
    least: float | None,
    parallel: int,
    confidence: float,
    template: str,
    as_object: bool,
) -> None:
    """Say which runs find the commit of a change, in which order; and the commit, when they are there.

    The answer depends on the results alone: make the runs that are proposed, and ask again. Each commit between the
    last good and the first bad one has a probability, given all runs so far and the noise between runs of one commit;
    the next one to run halves it. docs/perf-compare.md describes the method.
    """
    from longpole.perf.compare import bisect_text
    from longpole.perf.compare.bisection import bisect as answer_of
    from longpole.perf.compare.ranges import Searched

    if (changes is None) != bool(good and bad) or (changes and (good or bad)):
        raise click.UsageError("name --good and --bad, or --changes")
    searched = Searched(open_index(source()), commits, platform, benchmark)
    questions = (
        _between(searched, repo, (good or "", bad or ""), metric, least) if changes is None else _of(searched, changes)
    )
    answers = [(each, answer_of(each.asked, confidence=confidence, parallel=parallel)) for each in questions]
    if as_object:
        click.echo(json.dumps(bisect_text.as_json(answers, template), indent=2))
    elif answers:
        show(bisect_text.text(answers, commits, template).removesuffix("\n"))
    else:
        show("no regression lies in a range of several commits")


def _between(
    searched: "Searched", repo: str, ends: tuple[str, str], metric: str, least: float | None
) -> "Iterator[Question]":
    from longpole.perf.compare.history import commit_of
    from longpole.perf.compare.ranges import of_ends
    from longpole.perf.progress import progress

    good, bad = (commit_of(searched.commits, repo, name) for name in ends)
    series = searched.series(metric)
    return of_ends(searched, progress(series, "Bisecting"), (good, bad), None if least is None else log1p(least))


def _of(searched: "Searched", changes: str) -> "Iterator[Question]":
    from longpole.perf.changes import read_changes
    from longpole.perf.compare.ranges import of_changes
    from longpole.perf.progress import progress

    return of_changes(searched, progress(read_changes(changes), "Bisecting"))
