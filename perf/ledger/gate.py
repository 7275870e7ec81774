"""The gate: whether to measure now on a platform, and which commit tells most.

A measurement costs a machine for minutes, so it is spent on what is not known yet. In this order: the commit that
triggered, if it was never measured; the range in which a change point lies; the middle of the widest range of
unmeasured commits; a repeat, because two measurements of one commit tell how much a machine differs from itself.
A commit with enough samples is never measured again, unless a person asks for it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from longpole.perf.commits import Commits
from longpole.rts_tests.contracts.quantities import count

if TYPE_CHECKING:
    from longpole.perf.index import Run

_SKEW = timedelta(minutes=5)
"""How far the clock of another machine may be ahead. A time beyond that is wrong, and would close the window."""


class Trigger(StrEnum):
    """What started the workflow."""

    PUSH = "push"
    SCHEDULE = "schedule"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate goes by.

    A commit has enough samples with `samples` results. A platform is measured once in `window`, in `busy_window` when
    more than `busy` runs are queued; when more than `deep` are, only the newest commit is.
    """

    samples: int = 3
    window: timedelta = timedelta(minutes=15)
    busy: int = 10
    busy_window: timedelta = timedelta(minutes=30)
    deep: int = 20


@dataclass(frozen=True, slots=True)
class Job:
    """A job of another run that has not ended: its name, when its run has started, and whether it waits for a machine.

    It measures a platform if its name contains that of the platform, as those of a matrix do.
    """

    name: str
    since: datetime
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """The other runs of the workflow that have not ended: how many, whether one of a newer commit waits, their jobs.

    `depth` is None if it is not known; then `problem` says why, or is empty if nobody was asked.
    """

    depth: int | None = None
    newer: bool = False
    jobs: tuple[Job, ...] = ()
    problem: str = ""

    def measuring(self, platform: str) -> list[Job]:
        """The jobs that measure a platform, or wait to."""
        word = re.compile(rf"(?<![\w.-]){re.escape(platform)}(?![\w.-])")
        return [job for job in self.jobs if word.search(job.name)]


@dataclass(frozen=True, slots=True)
class Line:
    """The main branch as far as it is checked out: its first `length` commits, the oldest first."""

    names: Sequence[str]
    positions: Mapping[str, int]
    length: int

    @classmethod
    def of(cls, commits: Commits) -> "Line":
        """The line of all these commits."""
        return cls([commit.sha for commit in commits.commits], commits.positions, len(commits.commits))

    def position(self, commit: str) -> int | None:
        """The index of a commit; None if it is none of the branch."""
        at = self.positions.get(commit)
        return at if at is not None and at < self.length else None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a platform.

    `runs` and `failures` have each commit to its number of results with and without benchmarks. `last_at` is the time
    of the latest result. `changes` are pairs of commits, the last before a change and the first after.
    """

    platform: str
    runs: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    last_at: datetime | None = None
    changes: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(
        cls, platform: str, runs: "Iterable[Run]", now: datetime, changes: Sequence[tuple[str, str]] = ()
    ) -> "Known":
        """What results tell of a platform; those of others are passed over."""
        mine = [run for run in runs if run.platform == platform]
        succeeded = Counter(run.commit for run in mine if not run.failed)
        failed = Counter(run.commit for run in mine if run.failed)
        return cls(platform, succeeded, failed, latest((run.measured_at for run in mine), now), changes)

    def attempts(self, commit: str) -> int:
        """How often a commit was measured, with or without success."""
        return self.runs.get(commit, 0) + self.failures.get(commit, 0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do on a platform: measure `commit`, or, if it is None, skip. `why` is a sentence without full stop."""

    platform: str
    commit: str | None
    why: str


def decide(
    known: Known, line: Line, *, asked: str, trigger: Trigger, now: datetime, queue: Queue, rules: Rules
) -> Decision:
    """Whether to measure on a platform, and what. `asked` is the commit that triggered."""
    if trigger is Trigger.MANUAL:
        return Decision(known.platform, asked, "asked for by hand")
    only_asked = False
    if not queue.problem:
        refusal = _crowded(known, queue, rules) or _no_machine(known, queue) or _too_soon(known, now, queue, rules)
        if refusal:
            return Decision(known.platform, None, refusal)
        only_asked = (queue.depth or 0) > rules.deep
    commit, why = _most_telling(known, line, asked, rules, only_asked=only_asked)
    if queue.problem:
        why = f"{why} (the queue is not known: {queue.problem})"
    return Decision(known.platform, commit, why)


def latest(times: Iterable[datetime], now: datetime) -> datetime | None:
    """The latest of the times that a clock can have said until now; None if there is none."""
    return max((min(at, now) for at in times if at <= now + _SKEW), default=None)


def _crowded(known: Known, queue: Queue, rules: Rules) -> str | None:
    """Why a queue that is too deep leaves no place for this run; None if it does."""
    if queue.depth is None or queue.depth <= rules.deep:
        return None
    runs = f"{count(queue.depth, 'run')} queued, more than {rules.deep}"
    if queue.newer:
        return f"{runs}: only the newest commit is measured, and a newer one waits"
    if under_way := queue.measuring(known.platform):
        return f"{runs}: one at a time is measured, since {_clock(max(job.since for job in under_way))}"
    return None


def _no_machine(known: Known, queue: Queue) -> str | None:
    """Why this measurement would only wait behind another; None if it would not. A later one has a newer commit."""
    if any(job.waits for job in queue.measuring(known.platform)):
        return "another measurement waits for a machine of this platform"
    return None


def _too_soon(known: Known, now: datetime, queue: Queue, rules: Rules) -> str | None:
    """Why the time window is not over; None if it is."""
    busy = queue.depth is not None and queue.depth > rules.busy
    window = rules.busy_window if busy else rules.window
    starts = [job.since for job in queue.measuring(known.platform)]
    last = latest(starts + ([known.last_at] if known.last_at else []), now)
    if last is None or now - last >= window:
        return None
    because = f" with more than {rules.busy} runs queued" if busy else ""
    return f"measured at {_clock(last)}, {_minutes(now - last)} ago; the window is {_minutes(window)}{because}"


def _most_telling(known: Known, line: Line, asked: str, rules: Rules, *, only_asked: bool) -> tuple[str | None, str]:
    """The commit to measure, None if there is none, and why."""
    for commit in (asked,) if only_asked else (asked, *_newest(line)):
        failed = known.failures.get(commit, 0)
        if not known.runs.get(commit) and failed < rules.samples:
            again = f"failed {count(failed, 'time')} and never measured" if failed else "not measured yet"
            return commit, f"{'the commit that triggered' if commit == asked else 'the newest commit'}, {again}"
    if only_asked:
        return None, f"the newest commit is measured, and more than {rules.deep} runs are queued"
    measured = sorted(at for at in map(line.position, known.runs) if at is not None)
    for good, bad in _suspected(known, line):
        if gap := _widest(known, line, [good, *(at for at in measured if good < at < bad), bad]):
            return gap[0], f"the middle of a range with a change point, {gap[1]}"
    # after the last measured one there are others only if the newest has failed
    if gap := _widest(known, line, sorted({*measured, line.length - 1})):
        return gap[0], f"the middle of the widest unmeasured range, {gap[1]}"
    if repeat := _repeat(known, line, asked, measured, rules):
        samples = count(known.runs.get(repeat, 0), "sample")
        return repeat, f"a repeat that calibrates: {samples} of {rules.samples}"
    return None, f"every commit since the first measurement has {count(rules.samples, 'sample')}, or failed"


def _newest(line: Line) -> Sequence[str]:
    return [line.names[line.length - 1]] if line.length else []


def _suspected(known: Known, line: Line) -> Iterator[tuple[int, int]]:
    """The positions of each range with a change point, the newest first."""
    pairs = ((line.position(good), line.position(bad)) for good, bad in known.changes)
    yield from sorted(((a, b) for a, b in pairs if a is not None and b is not None and a < b), key=lambda x: -x[1])


def _widest(known: Known, line: Line, measured: Sequence[int]) -> tuple[str, str] | None:
    """The middle of the widest range between neighbours of `measured`, and how wide it is; None if nothing is left.

    Of equal ranges it is the newest. A commit that failed is passed over for the one that is nearest to the middle.
    """
    ends, inside = (0, 0), list[int]()
    for before, after in pairwise(measured):
        if after - before > len(inside):
            candidates = [at for at in range(before + 1, after) if not known.attempts(line.names[at])]
            ends, inside = ((before, after), candidates) if len(candidates) >= len(inside) else (ends, inside)
    if not inside:
        return None
    middle = min(inside, key=lambda at: abs(2 * at - sum(ends)))
    between = "..".join(line.names[at][:12] for at in ends)
    return line.names[middle], f"{count(len(inside), 'commit')} of {between}"


def _repeat(known: Known, line: Line, asked: str, measured: Sequence[int], rules: Rules) -> str | None:
    """The commit to measure again: an end of a range with a change point, the one that triggered, or the newest."""
    ends = [line.names[at] for pair in _suspected(known, line) for at in pair[::-1]]
    for commit in (*ends, asked, *(line.names[at] for at in reversed(measured))):
        if known.runs.get(commit) and known.attempts(commit) < rules.samples:
            return commit
    return None


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M} UTC"


def _minutes(duration: timedelta) -> str:
    return f"{duration.total_seconds() / 60:.0f} min"
