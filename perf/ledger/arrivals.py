"""When commits come and triggers are: made by a rate, or as they were in a history."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from longpole.perf.commits import Commits
from longpole.perf.ledger.gate import Trigger
from longpole.perf.ledger.simulate import Arrival

if TYPE_CHECKING:
    from longpole.perf.index import Run

START = datetime(2026, 1, 1, tzinfo=UTC)


def by_rate(
    per_hour: float, duration: timedelta, schedule: timedelta | None, seed: int
) -> tuple[list[datetime], list[Arrival]]:
    """When commits come, and the triggers of that time: a push for each commit, and one each `schedule` for the newest.

    Commits come at random, independently of each other, `per_hour` on average. Equal seeds give equal times.
    """
    random = Random(seed)  # noqa: S311  no secret
    end = START + duration
    commits: list[datetime] = []
    at = START
    while (at := at + timedelta(hours=random.expovariate(per_hour))) < end:
        commits.append(at)
    arrivals = [Arrival(at, position, Trigger.PUSH) for position, at in enumerate(commits)]
    if schedule:
        arrivals += [
            Arrival(at, newest, Trigger.SCHEDULE) for at, newest in _scheduled(commits, end, schedule) if newest >= 0
        ]
    return commits, sorted(arrivals, key=lambda arrival: arrival.at)


def _scheduled(commits: list[datetime], end: datetime, schedule: timedelta) -> Iterable[tuple[datetime, int]]:
    at, newest = START, -1
    while (at := at + schedule) < end:
        while newest + 1 < len(commits) and commits[newest + 1] <= at:
            newest += 1
        yield at, newest


def of_history(commits: Commits, runs: "Iterable[Run]", platform: str) -> list[Arrival]:
    """The runs of a platform as triggers, in the order of time: a commit's first is its push, others were scheduled.

    Runs of commits that are none of `commits` are left out.
    """
    seen: set[str] = set()
    arrivals = []
    for run in sorted((run for run in runs if run.platform == platform), key=lambda run: run.measured_at):
        if run.commit in commits.positions:
            trigger = Trigger.SCHEDULE if run.commit in seen else Trigger.PUSH
            arrivals.append(Arrival(run.measured_at, commits.positions[run.commit], trigger))
            seen.add(run.commit)
    return arrivals
