"""Arrivals replayed against the gate: how long the queue gets, what is covered, how late, and for how many runs.

The model: each arrival starts a run of the workflow. Its gate takes a while, then decides as `gate.decide` does, by the
results that are known by then and the runs that have not ended. The platforms that it chooses wait for a machine of
their own, which is held for as long as a measurement takes. A run ends with the last of its platforms; its results are
known then. Time passes from one event to the next; nothing is random here.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles

from longpole.perf.ledger.gate import Job, Known, Line, Queue, Rules, Trigger, decide, latest

_LISTED_AFTER = timedelta(seconds=5)
"""How long GitHub takes to list the jobs that a gate has let pass; gates in between do not know of them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A trigger: when, by what, and the position of its commit on the main branch."""

    at: datetime
    position: int
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Machines:
    """What runs gates and measurements, and how long these take.

    Each platform has `runners` machines. `gate_runners` is how many gates may run at once; None: as many as there are.
    """

    runners: int = 1
    run_time: timedelta = timedelta(minutes=10)
    gate_time: timedelta = timedelta(seconds=20)
    gate_runners: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of a platform. `measured` and `covered` are commits; latencies are seconds until one is covered.

    A commit is covered once a result of it, or of a later commit, is known. `samples` has each measured commit to its
    number of runs.
    """

    platform: str
    runs: int
    skipped: int
    samples: Mapping[str, int]
    covered: int
    median_latency_s: float | None
    p90_latency_s: float | None

    @property
    def measured(self) -> int:
        """How many commits were measured."""
        return len(self.samples)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all arrivals. The queue is the number of runs that have not ended, the mean is over time."""

    arrivals: int
    commits: int
    max_queue: int
    mean_queue: float
    platforms: tuple[Coverage, ...]


@dataclass(slots=True)
class _Run:
    """A run of the workflow: its arrival, how many measurements it waits for, when GitHub lists it as measuring."""

    number: int
    arrival: Arrival
    jobs: int = 0
    listed_at: datetime | None = None
    platforms: list[str] = field(default_factory=list)
    results: list[tuple[str, str, datetime]] = field(default_factory=list)

    def listed(self, now: datetime) -> Iterator[Job]:
        """The jobs that a gate knows of by now."""
        if self.listed_at is not None and self.listed_at <= now:
            started = {name for name, _, _ in self.results}
            yield from (Job(name, self.arrival.at, name not in started) for name in self.platforms)


@dataclass(slots=True)
class _Platform:
    """What is known of a platform, who waits for its machines, and when a commit's position was first covered."""

    name: str
    free: int
    runs: Counter[str] = field(default_factory=Counter)
    last_at: datetime | None = None
    waiting: deque[tuple[_Run, str]] = field(default_factory=deque)
    skipped: int = 0
    known: list[tuple[datetime, int]] = field(default_factory=list)


class _Simulation:
    def __init__(self, names: Sequence[str], platforms: Sequence[str], machines: Machines, rules: Rules) -> None:
        self.names = names
        self.positions = {name: position for position, name in enumerate(names)}
        self.platforms = [_Platform(name, machines.runners) for name in platforms]
        self.machines, self.rules = machines, rules
        self.events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.sequence = 0
        self.live: dict[int, _Run] = {}
        self.measuring: dict[int, _Run] = {}
        self.gates: deque[_Run] = deque()
        self.gates_busy = 0
        self.max_queue, self.queue_seconds = 0, 0.0
        self.changed_at: datetime | None = None

    def at(self, time: datetime, what: Callable[[datetime], None]) -> None:
        self.sequence += 1
        heapq.heappush(self.events, (time, self.sequence, what))

    def run_until(self, time: datetime | None) -> None:
        """Let pass what happens before `time`, or all there is."""
        while self.events and (time is None or self.events[0][0] <= time):
            at, _, what = heapq.heappop(self.events)
            self._count(at)
            what(at)

    def arrive(self, number: int, arrival: Arrival) -> None:
        self.run_until(arrival.at)
        self._count(arrival.at)
        run = self.live[number] = _Run(number, arrival)
        self.max_queue = max(self.max_queue, len(self.live))
        self.gates.append(run)
        self._start_gates(arrival.at)

    def _start_gates(self, now: datetime) -> None:
        limit = self.machines.gate_runners
        while self.gates and (limit is None or self.gates_busy < limit):
            run = self.gates.popleft()
            self.gates_busy += 1
            self.at(now + self.machines.gate_time, lambda at, run=run: self._gate(run, at))  # type: ignore[misc]

    def _gate(self, run: _Run, now: datetime) -> None:
        arrival = run.arrival
        line = Line(self.names, self.positions, arrival.position + 1)
        newer = bool(self.gates) and self.gates[-1].number > run.number
        jobs = (job for each in self.measuring.values() for job in each.listed(now))
        queue = Queue(len(self.live) - 1, newer, tuple(jobs))
        for platform in self.platforms:
            known = Known(platform.name, platform.runs, {}, latest([platform.last_at] if platform.last_at else [], now))
            asked = self.names[arrival.position]
            decision = decide(known, line, asked=asked, trigger=arrival.trigger, now=now, queue=queue, rules=self.rules)
            if decision.commit is None:
                platform.skipped += 1
            else:
                run.jobs += 1
                run.platforms.append(platform.name)
                platform.waiting.append((run, decision.commit))
        self.gates_busy -= 1
        if run.jobs:
            run.listed_at = now + _LISTED_AFTER
            self.measuring[run.number] = run
            self._start_measurements(now)
        else:
            del self.live[run.number]
        self._start_gates(now)

    def _start_measurements(self, now: datetime) -> None:
        for platform in self.platforms:
            while platform.free and platform.waiting:
                run, commit = platform.waiting.popleft()
                platform.free -= 1
                run.results.append((platform.name, commit, now))
                self.at(now + self.machines.run_time, lambda at, run=run, to=platform: self._measured(run, to, at))  # type: ignore[misc]

    def _measured(self, run: _Run, platform: _Platform, now: datetime) -> None:
        platform.free += 1
        run.jobs -= 1
        if not run.jobs:
            del self.live[run.number], self.measuring[run.number]
            for each in self.platforms:
                for name, commit, started in run.results:
                    if name == each.name:
                        each.runs[commit] += 1
                        each.last_at = max(started, each.last_at or started)
                        each.known.append((now, self.positions[commit]))
        self._start_measurements(now)

    def _count(self, now: datetime) -> None:
        """Add up how long the queue has been as long as it is."""
        if self.changed_at is not None:
            self.queue_seconds += len(self.live) * (now - self.changed_at).total_seconds()
        self.changed_at = now


def simulate(
    names: Sequence[str],
    arrived_at: Sequence[datetime],
    arrivals: Sequence[Arrival],
    *,
    platforms: Sequence[str],
    machines: Machines,
    rules: Rules,
    progress: Callable[[Sequence[Arrival]], Iterator[Arrival]] = iter,
) -> Outcome:
    """What becomes of the arrivals, which are in the order of time.

    `names` are the commits of the main branch, `arrived_at` when each of them came to be. `progress` passes the
    arrivals on, and may show how far they are.
    """
    simulation = _Simulation(names, platforms, machines, rules)
    for number, arrival in enumerate(progress(arrivals)):
        simulation.arrive(number, arrival)
    simulation.run_until(None)
    duration = (simulation.changed_at - arrivals[0].at).total_seconds() if simulation.changed_at else 0.0
    return Outcome(
        len(arrivals),
        len(names),
        simulation.max_queue,
        simulation.queue_seconds / duration if duration else 0.0,
        tuple(_coverage(platform, arrived_at) for platform in simulation.platforms),
    )


def _coverage(platform: _Platform, arrived_at: Sequence[datetime]) -> Coverage:
    """Each commit is covered by the first result of it or a later one; none before the first measured is."""
    first = min((position for _, position in platform.known), default=len(arrived_at))
    covered_to, latencies = first - 1, []
    for at, position in platform.known:
        latencies += [
            (at - arrived_at[each]).total_seconds() for each in range(max(covered_to + 1, first), position + 1)
        ]
        covered_to = max(covered_to, position)
    tenths = quantiles(latencies, n=10, method="inclusive") if len(latencies) > 1 else latencies * 9
    return Coverage(
        platform.name,
        platform.runs.total(),
        platform.skipped,
        dict(platform.runs),
        len(latencies),
        median(latencies) if latencies else None,
        tenths[8] if latencies else None,
    )
