"""`perf-ledger`: the ledger of many commits, a gate's decision, and what gates lead to at 60, 600 and 6,000 an hour."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from bench.budgets import LEDGER_S
from bench.measure import Conditions
from bench.result import Figure, Result
from longpole.perf.commits import Commit, Commits
from longpole.perf.index import Run
from longpole.perf.ledger.arrivals import by_rate
from longpole.perf.ledger.gate import Known, Line, Queue, Rules, Trigger, decide
from longpole.perf.ledger.ledger import ledger, ranges
from longpole.perf.ledger.replay import replay
from longpole.perf.ledger.simulate import Machines, simulate
from longpole.perf.ledger.simulation_text import Replay
from longpole.perf.ledger.verify import verify
from longpole.perf.model import Skip

COMMITS = 10_000
QUICK = 1_000
PLATFORMS = ("aarch64-linux", "x86_64-darwin", "x86_64-linux")
RATES = (60, 600, 6_000)
_START = datetime(2026, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. The simulations are the same on every machine, so they are notes."""
    count = QUICK if conditions.quick else COMMITS
    commits, runs, skips = history(count)
    parents = _parents(commits)
    now, asked = _START + count * _HOUR, commits.commits[-1].sha
    line, known = Line.of(commits), Known.of(PLATFORMS[0], runs, _START)

    def account() -> None:
        for platform in PLATFORMS:
            ranges(ledger(commits, runs, skips, platform))

    def prove() -> None:
        for platform in PLATFORMS:
            mine = [run for run in runs if run.platform == platform]
            entries = ledger(commits, runs, skips, platform)
            assert not verify(entries, ranges(entries), parents, mine)

    def choose() -> None:
        decide(known, line, asked=asked, trigger=Trigger.SCHEDULE, now=now, queue=Queue(0), rules=Rules())

    of = f"{count:,} commits, {len(PLATFORMS)} platforms, {len(runs):,} results"
    budget = None if conditions.quick else LEDGER_S
    figures = []
    for what, work, most in ((f"ledger of {of}", account, budget), ("the same, and its proof", prove, None)):
        conditions.say(what)
        figures.append(Figure(what, _seconds(work, conditions.rounds.most), "s", most))
    conditions.say("gate")
    chosen = tuple(1e3 * seconds for seconds in _seconds(choose, conditions.rounds.most))
    figures.append(Figure("a gate's choice of a commit", chosen, "ms"))
    hours = 1 if conditions.quick else 24
    return Result("perf-ledger", (), tuple(figures), (), (*_simulated(conditions, hours), _replayed()))


def history(count: int) -> tuple[Commits, list[Run], list[Skip]]:
    """A branch with a commit an hour, of which each platform has measured a third, some of them often."""
    random = Random(1)  # noqa: S311  no secret
    commits = Commits(tuple(Commit(f"{n:040x}", _START + n * _HOUR) for n in range(count)), "made up")
    runs, skips = [], []
    for platform in PLATFORMS:
        for number in sorted(random.choices(range(count), k=count // 3)):
            runs.append(_run(platform, number, number * _HOUR))
        skips += [
            Skip(platform, f"{number:040x}", _START + number * _HOUR, "busy", 12, "push")
            for number in random.sample(range(count), count // 10)
        ]
    return commits, runs, skips


def _run(platform: str, number: int, after: timedelta) -> Run:
    return Run(0, platform, f"{number:040x}", _START + after, "", False, None, None, None)


def _parents(commits: Commits) -> dict[str, str | None]:
    names = [commit.sha for commit in reversed(commits.commits)]
    return dict(zip(names, [*names[1:], None], strict=True))


def _seconds(work: Callable[[], None], rounds: int) -> tuple[float, ...]:
    values = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        values.append(time.perf_counter() - begun)
    return tuple(values)


def _simulated(conditions: Conditions, hours: int) -> list[str]:
    """A note for each rate: the queue, what is covered, how late, and for how many runs."""
    notes = []
    for rate in RATES:
        conditions.say(f"{rate:,} commits an hour")
        commits, arrivals = by_rate(rate, hours * _HOUR, _HOUR / 2, 1)
        names = [f"{position:040x}" for position in range(len(commits))]
        outcome = simulate(names, commits, arrivals, platforms=PLATFORMS, machines=Machines(), rules=Rules())
        first = outcome.platforms[0]
        late = (first.median_latency_s or 0) / 60
        notes.append(
            f"{rate:,} commits an hour for {hours} h: queue at most {outcome.max_queue}, {outcome.mean_queue:.1f} on "
            f"average; {100 * first.covered / len(commits):.1f} % covered, {late:.0f} min late at the median, "
            f"{first.runs} runs on each of {len(PLATFORMS)} platforms"
        )
    return notes


def _replayed() -> str:
    """A note of a history in which the newest commit was measured again and again."""
    commits = Commits(tuple(Commit(f"{n:040x}", _START + n * _HOUR) for n in range(400)), "made up")
    pushed = range(0, 400, 6)
    runs = [
        _run(PLATFORMS[0], number, number * _HOUR + again * _HOUR * 0.6) for number in pushed for again in range(10)
    ]
    found: Replay = replay(commits, runs, PLATFORMS[0], Machines(), Rules())
    return (
        f"a history of 400 commits, in which {len(runs)} runs measured {found.measured}: the gate measures "
        f"{found.coverage.measured} with {found.coverage.runs}, {found.times:.1f} times as many"
    )
