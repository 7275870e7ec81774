"""`longpole perf simulate`."""

import json
import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from longpole import completers
from longpole.commands.perf.gate_options import as_duration, as_rate, machines_options, rules_options
from longpole.commands.perf.options import (
    deferred_commits_options,
    deferred_source_options,
    open_commits,
    open_index,
    open_source,
)
from longpole.options import JSON_VERSION, example, show
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.quantities import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from longpole.perf.commits import Commits
    from longpole.perf.index import Run
    from longpole.perf.ledger.gate import Rules
    from longpole.perf.ledger.simulate import Machines
    from longpole.perf.sources import Source

MAX_COMMITS = 1_000_000
"""How many commits are made up at most."""
_HOUR = timedelta(hours=1)


@click.command(
    epilog=example(
        "longpole perf simulate --rate 60/h --platforms 3",
        "longpole perf simulate --results results --commits commits.tsv",
    )
)
@click.argument("corpus", required=False, metavar="[DIR]", shell_complete=completers.folders)
@deferred_source_options
@deferred_commits_options
@click.option(
    "--rate", callback=as_rate, metavar="N/h", help="Make up commits at this rate instead of replaying a history."
)
@click.option(
    "--duration",
    callback=as_duration,
    default="24h",
    show_default=True,
    metavar="TIME",
    help="With --rate: for how long commits come.",
)
@click.option(
    "--schedule",
    callback=as_duration,
    default="30m",
    show_default=True,
    metavar="TIME",
    help="With --rate: trigger by time, too, once in TIME; 0s: never.",
)
@click.option(
    "--platforms",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    metavar="N",
    help="With --rate: number of platforms.",
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="With --rate: seed of the times.")
@machines_options
@rules_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with all numbers.")
def simulate(
    *,
    corpus: str | None,
    repo: str,
    source: "Callable[[], Source]",
    commits: "Callable[[], Commits]",
    rate: float | None,
    machines: "Machines",
    rules: "Rules",
    as_json: bool,
    **made_up: Any,  # noqa: ANN401  the options of --rate
) -> None:
    """Replay commits against the gate: how long the queue gets, what is covered, how late, and for how many runs.

    With --rate, commits come at random. Otherwise the history of the results in DIR, of --results or of the branch is
    replayed: each of its runs is a trigger, at its time and for its commit. DIR may have what `longpole perf import`
    reads; a file `commits.tsv` in it is its --commits.
    """
    if rate is not None:
        if corpus is not None:
            raise click.UsageError("use DIR or --rate, not both")
        content, text = _made_up(rate, machines=machines, rules=rules, **made_up)
    else:
        runs, main = _history(corpus, source, commits)
        content, text = _replayed(runs, main, machines=machines, rules=rules)
    show(json.dumps({"version": JSON_VERSION, **content}, indent=2) if as_json else text)


def _made_up(
    rate: float,
    *,
    machines: "Machines",
    rules: "Rules",
    duration: timedelta,
    schedule: timedelta,
    platforms: int,
    seed: int,
) -> tuple[dict[str, Any], str]:
    """The outcome of commits at random, as JSON and as text."""
    from longpole.perf.ledger.arrivals import by_rate
    from longpole.perf.ledger.simulate import simulate
    from longpole.perf.ledger.simulation_text import made_up_text, outcome_json
    from longpole.perf.progress import progress

    if rate * (duration / _HOUR) > MAX_COMMITS:
        raise UseError.at("--rate", f"more than {MAX_COMMITS:,} commits in this time", "shorten --duration")
    arrived_at, arrivals = by_rate(rate, duration, schedule or None, seed)
    outcome = simulate(
        [f"{position:040x}" for position in range(len(arrived_at))],
        arrived_at,
        arrivals,
        platforms=[f"platform-{number}" for number in range(1, platforms + 1)],
        machines=machines,
        rules=rules,
        progress=lambda items: progress(items, "Simulating"),
    )
    hours = f"{duration / _HOUR:g} h at {rate:g} an hour"
    machine = f"{count(machines.runners, 'machine')} a platform"
    heading = f"{count(len(arrived_at), 'commit')} in {hours}, seed {seed}; {count(platforms, 'platform')}, {machine}"
    return {"seed": seed, **outcome_json(outcome)}, made_up_text(heading, outcome)


def _history(
    corpus: str | None, source: "Callable[[], Source]", commits: "Callable[[], Commits]"
) -> "tuple[list[Run], Commits]":
    """The runs of a history, and the commits of its main branch."""
    given = click.get_current_context().params
    if corpus is None:
        return open_index(source()).runs(), commits()
    if given["results"] is not None:
        raise click.UsageError("use DIR or --results, not both")
    beside = os.path.join(corpus, "commits.tsv")
    listed = given["commits_file"] or (beside if os.path.exists(beside) and given["main"] is None else None)
    main = open_commits(listed, given["repo"], given["main"])
    runs = open_index(open_source(corpus, given["repo"], given["branch"])).runs()
    return runs or _imported(corpus, main), main


def _imported(corpus: str, commits: "Commits") -> "list[Run]":
    """The runs of a folder whose files are no result files, but can be imported."""
    from longpole.perf.importers.complete import Completer, from_list
    from longpole.perf.importers.found import found
    from longpole.perf.importers.import_files import import_documents, size_of
    from longpole.perf.index import Index
    from longpole.perf.progress import counting
    from longpole.perf.sources import FolderSource

    documents = found([corpus]).documents
    with TemporaryDirectory() as folder:
        results = Path(folder, "results")
        results.mkdir()
        with counting("Importing", sum(map(size_of, documents))) as advance:
            imported = import_documents(
                documents, results, Completer(None, None, None, from_list(commits)), None, advance
            )
        if imported.errors:
            left_out = f"{count(len(imported.errors), 'record')} left out; `longpole perf import` says why"
            click.echo(f"longpole: {Problem(corpus, None, None, left_out)}", err=True)
        return Index.open(FolderSource(str(results)), Path(folder, "state")).runs()


def _replayed(
    runs: "list[Run]", commits: "Commits", *, machines: "Machines", rules: "Rules"
) -> tuple[dict[str, Any], str]:
    """The outcome of a history, as JSON and as text."""
    from longpole.perf.ledger.platforms import chosen_platforms
    from longpole.perf.ledger.replay import replay
    from longpole.perf.ledger.simulation_text import replay_json, replay_text
    from longpole.perf.progress import progress

    platforms = chosen_platforms(runs, (), (), "the history")
    replays = [replay(commits, runs, each, machines, rules) for each in progress(platforms, "Simulating")]
    first, last = (f"{at:%Y-%m-%d}" for at in (runs[0].measured_at, runs[-1].measured_at))
    heading = (
        f"{count(len(runs), 'run')} from {first} to {last}, {count(len(commits.commits), 'commit')} of {commits.source}"
    )
    return {"source": commits.source, "replays": [replay_json(each) for each in replays]}, replay_text(heading, replays)
