"""What limited a run, and what would help, by its summary.

Time is lost while a core has nothing to do, for one of a few reasons. Each reason is checked by itself, with an upper
bound of the seconds that it cost; the two that cost most are reported. Runs shorter than a second and unfinished runs
get no advice. More jobs are advised only if cores were idle: where other programs had the cores, units that computed
for a part of their time did not wait, but shared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from longpole.rts_tests.contracts.duration import alone_s
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.contracts.waits import EXCLUSIVE, MEMORY, SLOTS
from longpole.rts_tests.forks.assignment import read_assignment
from longpole.rts_tests.report.cases import without_fork
from longpole.rts_tests.report.summary import Summary

LEAST_S = 1.0
WORTH = 0.1
"""A reason that cost less than this part of the makespan is not reported."""
MAX_ADVICE = 2
_EARLY = 0.1
"""A unit that began within this first part of the makespan could hardly have begun earlier."""
_SURPRISE = 2.0
_BUSY = 0.85
_CROWDED = 1.5
_WAITING = 0.5
_MOST_JOBS_A_CORE = 4
_MAX_FORKS = 64
"""The most that a suite may have of a module."""
_DOMINANT = 0.5
"""A class that took this part of its fork's time is what must get shorter."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a run, from when fewer units ran than could; `lost_s` is the most seconds of makespan that it cost."""

    length_s: float
    lost_s: float
    last: Record


def advice(summary: Summary) -> list[str]:
    """At most two sentences, the one that would help most first."""
    finished = all(outcome.record and outcome.status != Status.CANCELLED for outcome in summary.outcomes)
    records = [outcome.record for outcome in summary.outcomes if outcome.record is not None and outcome.ran]
    if not finished or (len(records) < 2 and not any(len(record.classes) > 1 for record in records)):
        return []
    begun = min(record.started_s for record in records)
    if begun + summary.makespan.wall_s < LEAST_S:
        return []
    waits = list(_waits(summary, records))
    handed_over = min(record.started_s - record.waited_s for record in records)
    losses = [*_builds(summary, handed_over, begun + summary.makespan.wall_s), *waits]
    if not waits:  # otherwise the waits explain why places were empty
        losses += _of_schedule(summary, records)
    return [text for _, text in sorted(losses, key=lambda loss: -loss[0])[:MAX_ADVICE]]


def tail_of(records: Sequence[Record], places: int) -> Tail:
    """The end of a run, from when fewer than `places` units ran at once; the whole run if there never were so many."""
    last = max(records, key=lambda each: each.started_s + each.wall_s)
    end = last.started_s + last.wall_s
    changes = sorted(change for each in records for change in ((each.started_s, 1), (each.started_s + each.wall_s, -1)))
    full = moment = changes[0][0]
    running = 0
    idle_s = 0.0
    for now, change in changes:
        if running >= places:
            full, idle_s = now, 0.0
        else:
            idle_s += (now - moment) * (places - running)
        moment = now
        running += change
    return Tail(end - full, idle_s / places, last)


def lost_in_waiting(records: Sequence[Record], reason: str, places: int) -> float:
    """The most, in seconds of makespan, that units lost by waiting for `reason` while fewer than `places` units ran."""
    changes = [change for each in records for change in ((each.started_s, 1, 0), (each.started_s + each.wall_s, -1, 0))]
    for each in records:
        if each.waited_for == reason:
            changes += [(each.started_s - each.waited_s, 0, 1), (each.started_s, 0, -1)]
    running = waiting = 0
    idle_s = moment = 0.0
    for now, runs, waits in sorted(changes):
        idle_s += (now - moment) * max(0, min(places - running, waiting))
        moment = now
        running += runs
        waiting += waits
    return idle_s / places


def _waits(summary: Summary, records: Sequence[Record]) -> Iterator[tuple[float, str]]:
    begun = min(record.started_s - record.waited_s for record in records)
    total = max(record.started_s + record.wall_s for record in records) - begun
    for reason in sorted({record.waited_for for record in records if record.waited_for}):
        lost_s = lost_in_waiting(records, reason, summary.makespan.places)
        if lost_s >= WORTH * total:
            yield lost_s, f"waiting for {reason} cost {seconds(lost_s)} of {seconds(total)}; {_instead_of(reason)}"


def _instead_of(reason: str) -> str:
    if reason == SLOTS:
        return "fewer runs at a time, or a larger LONGPOLE_SLOTS, would help"
    if reason == MEMORY:
        return "fewer runs at a time, a larger `limits.memory`, or units that take less, would help"
    if reason == EXCLUSIVE:
        return "a named lock instead of `exclusive` would let unrelated units run meanwhile"
    return "units that need this lock take turns; several such resources, each with its own lock, would help"


def _builds(summary: Summary, begun: float, total: float) -> Iterator[tuple[float, str]]:
    if begun >= LEAST_S and begun >= 2 * WORTH * total:
        forks = any(outcome.record and outcome.record.fork is not None for outcome in summary.outcomes)
        if forks and not summary.builds:
            what, mend = "listing the classes of forks", "a `list` that starts faster, or reads names only"
        else:
            what, mend = "builds", "a compiler cache, or a build command that does nothing when nothing has changed"
        yield begun, f"{seconds(begun)} of {seconds(total)} went into {what}, before the first unit; {mend}, would help"


def _of_schedule(summary: Summary, records: Sequence[Record]) -> Iterator[tuple[float, str]]:
    span, cores = summary.makespan, summary.info.cores
    wall_s, work_s = span.wall_s, sum(record.wall_s for record in records)
    lanes = max(record.lane for record in records) + 1
    tail = tail_of(records, span.places)
    limited = tail.lost_s >= WORTH * wall_s
    if limited:
        yield tail.lost_s, _tail_text(tail, summary)
    if lanes > cores and span.cpu_s >= _BUSY * cores * wall_s and work_s >= _CROWDED * span.cpu_s:
        on = count(cores, "core")
        yield (
            0.0,
            f"{lanes} units at once on {on} take turns: -j{cores} is as fast, needs less memory and measures better",
        )
    if limited or lanes > cores:
        return
    least_s = max(span.cpu_s / cores, span.longest_s)
    saved_s = wall_s - least_s
    if summary.load is not None:
        saved_s = min(saved_s, summary.load.idle_share * wall_s)
    if summary.info.jobs is not None and summary.info.jobs < cores:
        if saved_s >= WORTH * wall_s:
            took = f"it takes about {seconds(wall_s - saved_s)}"
            yield saved_s, f"-j{summary.info.jobs} left cores idle: with -j{cores} {took}"
    elif span.cpu_s < _WAITING * work_s and saved_s >= WORTH * wall_s:
        jobs = min(_MOST_JOBS_A_CORE * cores, ceil(cores * work_s / max(span.cpu_s, 1e-9)))
        used = f"units computed for {100 * span.cpu_s / work_s:.0f} % of their time"
        unless = "if they wait, and the machine was not busy with something else, " if summary.load is None else ""
        yield saved_s / 2, f"{used}: {unless or 'they wait, so '}-j{jobs} is faster"


def _tail_text(tail: Tail, summary: Summary) -> str:
    last, wall_s = tail.last, summary.makespan.wall_s
    begun = min(outcome.record.started_s for outcome in summary.outcomes if outcome.record is not None)
    expected_s = next(outcome.estimate_s for outcome in summary.outcomes if outcome.id == last.id)
    if last.classes:
        early = last.started_s - begun <= _EARLY * wall_s
        what = f"long pole: {last.id}" if early else f"idle tail: {last.id} came last and"
        return f"{what} took {seconds(last.wall_s)} of {seconds(wall_s)}; {_mend_of_fork(last, summary)}"
    if last.started_s - begun <= _EARLY * wall_s:
        mend = (
            "`longpole tune` splits its seeds into more chunks"
            if last.seed_count > 1
            else "only a shorter one helps, more cores do not"
        )
        return f"long pole: {last.id} alone took {seconds(last.wall_s)} of {seconds(wall_s)}; {mend}"
    if alone_s(last.wall_s, last.cpu_s, last.slowdown, 1) > _SURPRISE * expected_s:
        took = f"{last.id} took {seconds(last.wall_s)} where {seconds(expected_s)} were expected, and began late"
        return f"idle tail: {took}; the next run starts it earlier"
    few = f"in the last {seconds(tail.length_s)} fewer than {summary.makespan.places} units ran"
    return f"idle tail: {few}, {last.id} to the end; smaller units would help, see `longpole tune`"


def _mend_of_fork(last: Record, summary: Summary) -> str:
    """What makes the longest fork of a module shorter: a smaller class, more forks, or a queue."""
    heaviest = max(last.classes, key=lambda each: each.seconds)
    module = without_fork(last.id)
    forks = [outcome for outcome in summary.outcomes if without_fork(outcome.id) == module]
    classes = sum(len(outcome.record.classes) for outcome in forks if outcome.record is not None)
    if heaviest.seconds >= _DOMINANT * last.wall_s:
        name = harmless(heaviest.name, colour=False)
        return f"its class {name} took {seconds(heaviest.seconds)} of that: two smaller classes can share it"
    cores = max(1.0, last.cpu_s / last.wall_s) if last.wall_s else 1.0  # that one fork keeps busy
    classes_s = sum(each.seconds for each in last.classes)
    if classes_s < _DOMINANT * last.wall_s:
        return f"its classes took {seconds(classes_s)} of that, and the rest was the start of its process"
    most = min(round(summary.makespan.places / cores), classes, _MAX_FORKS)
    if len(forks) < most:
        return f"`max_forks: {most}` divides the {classes} classes of {module} further"
    soon = "the next run knows how long its classes take"
    assignment = read_assignment(summary.run, last.variant, last.module)
    steals = assignment is not None and assignment.stealing
    return soon if steals else f"{soon}; `stealing: true` evens out what varies"
