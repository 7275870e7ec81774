"""A run simulated: make's list scheduling on n places, and cores that the running units share.

The hard part is that places and cores are two things. A unit that sleeps needs a place and no core, so more jobs than
cores pay for it; a unit that computes is slowed down as soon as more is wanted than there are cores. A unit's time is
taken to be, as in `contracts.duration`,

    wall = waiting + computing x slowdown

where the slowdown is the same for all units that run at a moment (processor sharing), and the least at which what they
get together is not more than the cores. It changes whenever a unit starts or ends. A place that has become free takes
the first unit, in the suite's order, whose builds have ended (Graham 1969). The unit may then still have to wait for
slots, for a named lock or to be alone, and keeps its place meanwhile, as a recipe of make does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from longpole.perf.predict.work import Work

_PRECISION = 1e-6


@dataclass(frozen=True, slots=True)
class Outcome:
    """A simulated run: from its first start to its last end; CPU time; the time for which places were taken; seconds.

    `slowdown` is the mean over the CPU time. `last` is the unit that ended last, `starts` when each unit began.
    """

    makespan_s: float
    cpu_s: float
    busy_s: float
    slowdown: float
    last: str
    starts: Mapping[str, float]


class _Running:
    """A unit or build under way: seconds of an idle machine that are left, and how it uses cores."""

    __slots__ = ("computes", "left_s", "rate", "speed", "work")

    def __init__(self, work: Work, gap_s: float) -> None:
        alone = work.alone_s + gap_s
        self.work = work
        self.left_s = alone
        self.rate = work.cpu_s / alone if alone > 0 else 0.0
        """Cores that it uses on an idle machine."""
        self.computes = work.computes * work.alone_s / alone if alone > 0 else 0.0
        self.speed = 1.0


def simulate(  # long: one loop over events, whose state is these variables
    works: Sequence[Work],
    builds: Mapping[str, float],
    *,
    jobs: int,
    cores: int,
    gap_s: float = 0.0,
    slots: int | None = None,
    others: float = 0.0,
) -> Outcome:
    """Run the works, in the order given, on `jobs` places and `cores` cores; each build takes a place and a core.

    Other programs compute all the time, with `others` threads.
    """
    line = [Work(f"build {name}", seconds, seconds, slots=0) for name, seconds in builds.items()]
    pending: list[Work] = [*line, *works]
    missing = {f"build {name}": name for name in builds}
    built: set[str] = set()
    waiting: list[Work] = []
    running: list[_Running] = []
    starts: dict[str, float] = {}
    now = cpu_s = busy_s = slowed_s = 0.0
    last = ""
    while pending or waiting or running:
        while pending and len(running) + len(waiting) < jobs:
            index = next((index for index, work in enumerate(pending) if built.issuperset(work.after)), None)
            if index is None:
                break
            waiting.append(pending.pop(index))
        for work in _admitted(waiting, [each.work for each in running], slots):
            waiting.remove(work)
            starts[work.id] = now
            running.append(_Running(work, 0.0 if work.id in missing else gap_s))
            cpu_s += work.cpu_s
        slowdown = share(running, cores, others)
        step = max(0.0, min(each.left_s / each.speed for each in running))
        now += step
        busy_s += step * len(running)
        slowed_s += slowdown * step * sum(each.rate * each.speed for each in running)
        for each in running:
            each.left_s -= step * each.speed
        for each in [each for each in running if each.left_s <= _PRECISION * each.speed]:
            running.remove(each)
            last = each.work.id
            if last in missing:
                built.add(missing[last])
    return Outcome(now, cpu_s, busy_s, slowed_s / cpu_s if cpu_s > 0 else 1.0, last, starts)


def share(running: Sequence[_Running], cores: float, others: float = 0.0) -> float:
    """Set the speed of each, 1 on an idle machine, so that all together use at most `cores`; return the slowdown.

    The slowdown s is the root of sum(rate / (1 + computes (s - 1))) + others / s = cores. The sum is convex and falls,
    so Newton's method from s = 1 comes nearer from one side.
    """
    slowdown = 1.0
    for _ in range(50):
        used, slope = others / slowdown, others / slowdown**2
        for each in running:
            speed = 1 / (1 + each.computes * (slowdown - 1))
            used += each.rate * speed
            slope += each.rate * each.computes * speed * speed
        if used <= cores * (1 + _PRECISION) or slope <= 0:
            break
        slowdown += (used - cores) / slope
    for each in running:
        each.speed = 1 / (1 + each.computes * (slowdown - 1))
    return slowdown


def _admitted(waiting: Sequence[Work], running: Sequence[Work], slots: int | None) -> list[Work]:
    """The waiting works that may start now, the longest waiting first; by the rules of `rts_tests/limits/turns.py`."""
    taken = {name for work in running for name in work.locks}
    used = sum(work.slots for work in running)
    kept = any(work.exclusive for work in running)
    count = len(running)
    started: list[Work] = []
    for work in waiting:
        needs = work.slots if slots is None else min(work.slots, slots)
        if taken.isdisjoint(work.locks) and not kept:
            full = slots is not None and used + needs > slots
            kept = full or work.exclusive
            if not full and not (work.exclusive and count):
                started.append(work)
                used += needs
                count += 1
        taken.update(work.locks)
    return started
