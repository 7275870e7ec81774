"""The report as text, which `make test` prints at the end."""

from collections.abc import Sequence

from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.status import UNFINISHED, Status
from longpole.rts_tests.report.advice import advice
from longpole.rts_tests.report.summary import NO_LOG, Outcome, Summary

SLOWEST = 5
MAX_NAMED = 20
"""Units that were not run, or were interrupted, that are named: there may be 100,000 of them."""
FILES = ("report.html", "junit.xml", "trace.json")
"""The files that a run leaves beside its records."""


def _seeds(outcome: Outcome) -> str:
    record = outcome.record
    if record is None or record.first_seed is None:
        return ""
    if record.seed_count == 1:
        return f", seed {record.first_seed}"
    return f", {record.seed_count} seeds from {record.first_seed}"


def _failure(outcome: Outcome) -> list[str]:
    record = outcome.record
    if record is None or outcome.status == Status.CANCELLED:
        return [f"  {outcome.id}"]
    note = f": {harmless_note(record.note)}" if record.note else ""
    return [
        f"  {outcome.id}: {outcome.status}{note}{_seeds(outcome)}",
        f"    log:   {outcome.log or NO_LOG[record.log]}",
        f"    again: {record.reproducer}",
    ]


def seeds_line(summary: Summary) -> str:
    """A line that says where this run's seeds come from."""
    info = summary.info
    if info.seed_override is not None:
        word = "seed" if isinstance(info.seed_override, int) else "seeds"
        return f"{word} {info.seed_override} for every unit that takes seeds (SEED)"
    if info.commit is None:
        return "no commit is known: commit seeds are the fallback, 4711"
    return f"commit {info.commit[:12]} ({info.commit_source})"


def makespan_line(summary: Summary) -> str:
    """A line with the makespan, its lower bound, and what sets that bound."""
    span = summary.makespan
    if span.longest is None or span.bound_s <= 0:
        return "makespan: no unit ran"
    place = "core" if span.places == 1 else "cores"
    work = f"{span.cpu_s:.2f} s of CPU / {span.places} {place}"
    why = f"the longest unit, {span.longest.id}" if span.limited_by_longest else work
    ratio = span.wall_s / span.bound_s
    return f"makespan: {span.wall_s:.2f} s, {ratio:.2f} x the least possible {span.bound_s:.2f} s ({why})"


def counts_line(summary: Summary) -> str:
    """`72 units: 70 passed, 2 failed`."""
    total = len(summary.outcomes)
    counts = ", ".join(f"{number} {status}" for status, number in summary.counts.items())
    return f"{total} {'unit' if total == 1 else 'units'}: {counts}"


def report_text(
    summary: Summary, *, slowest: int = SLOWEST, only_failed: bool = False, files: Sequence[str] = FILES
) -> str:
    """The whole report. Failures are sorted by kind, then in plan order: they read the same at any `-j`."""
    lines = ["", f"{summary.info.suite}: {seeds_line(summary)}"]
    for group in summary.groups:
        lines += ["", f"{group.title}:"]
        interrupted = group.outcomes[0].status in UNFINISHED
        shown = group.outcomes[:MAX_NAMED] if interrupted else group.outcomes
        for outcome in shown:
            lines += _failure(outcome)
        if len(shown) < len(group.outcomes):
            lines.append(f"  and {len(group.outcomes) - len(shown)} more")
    if not UNFINISHED.isdisjoint(summary.counts):
        lines.append("    again: make retest, which runs all units that did not pass")
    if not only_failed:
        lines += ["", "slowest:"]
        lines += [
            f"  {outcome.record.wall_s:8.2f} s  {outcome.id}" for outcome in summary.slowest(slowest) if outcome.record
        ]
        lines += [makespan_line(summary), *(f"advice:   {line}" for line in advice(summary))]
    lines += [f"kept in:  {summary.run} ({', '.join([*files, 'units/'])})"]
    lines += ["", counts_line(summary)]
    return "\n".join(lines) + "\n"
