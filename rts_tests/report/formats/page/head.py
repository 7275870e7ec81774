"""The head of the HTML report, the verdict and the counts; and the facts of the run."""

from collections.abc import Iterable

from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.real_state import RealState
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.advice import advice
from longpole.rts_tests.report.formats import real_state
from longpole.rts_tests.report.formats.log_html import escape
from longpole.rts_tests.report.formats.text import counts_line, load_line, makespan_line, seeds_line
from longpole.rts_tests.report.summary import Summary

FILES = {"JUnit": "junit.xml", "trace": "trace.json"}
"""Files that every run has beside its report."""


def head(summary: Summary) -> str:
    """The elements at the top of the page, as HTML."""
    guard = _guard(summary.real_state)
    counts = f'<p class="counts">{escape(counts_line(summary))}</p>' if summary.failures or guard else ""
    return (
        f'<p class="suite">{escape(summary.info.suite)}</p>'
        f'<h1 class="{"bad" if summary.failed else "good"}">{escape(verdict(summary))}</h1>{counts}{guard}'
    )


def _guard(state: RealState | None) -> str:
    """What changed in guarded folders, and what was not guarded."""
    lines = [] if state is None else real_state.lines(state)
    rows = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="guard">{rows}</ul>' if rows else ""


def facts(summary: Summary) -> str:
    """What is known of the run, as a list in HTML."""
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in _facts(summary))
    files = [(name, file) for name, file in FILES.items() if (summary.run / file).is_file()]
    if files:
        links = ", ".join(f'<a href="{file}">{name}</a>' for name, file in files)
        rows += f"<div><dt>files</dt><dd>{links}</dd></div>"
    return f'<dl class="facts">{rows}</dl>'


def verdict(summary: Summary) -> str:
    """The outcome of the run in a few words, without markup."""
    total, failed = len(summary.outcomes), len(summary.failures)
    units = "unit" if total == 1 else "units"
    if failed:
        return f"{failed:,} of {total:,} {units} did not pass"
    if summary.failed:
        return "guarded paths changed"
    if Status.FLAKY in summary.counts:
        return f"{summary.counts[Status.FLAKY]:,} of {total:,} {units} passed only after a retry"
    if skipped := summary.counts.get(Status.SKIPPED, 0):
        return f"{total - skipped:,} {'unit' if total - skipped == 1 else 'units'} passed, {skipped:,} skipped"
    return f"all {total:,} {units} passed" if total > 1 else f"{total} {units} passed"


def _facts(summary: Summary) -> Iterable[tuple[str, str]]:
    info, span = summary.info, summary.makespan
    yield "makespan", makespan_line(summary).removeprefix("makespan: ")
    if others := load_line(summary):
        yield "load", others
    if span.longest is not None and span.longest.record is not None and span.limited_by_longest:
        yield "long pole", f"{span.longest.id}, {seconds(span.longest.record.wall_s)}"
    for line in advice(summary):
        yield "advice", line
    yield "seeds", seeds_line(summary)
    jobs = f"{count(info.cores, 'core')}, " + (f"-j{info.jobs}" if info.jobs else "-j unknown")
    yield "machine", f"{info.host}, {info.machine}, {jobs}"
    yield "started", f"{info.started_at[:19].replace('T', ' ')} UTC, as {summary.run.name}"
    settings = (("FILTER", info.filter), ("SELECT", " ".join(info.select)))
    goals = [*info.goals, *(f"{name}={value}" for name, value in settings if value)]
    yield "goals", " ".join([*goals, *([f"SHARD={info.shard}"] if info.shard else [])])


def lanes_line(summary: Summary) -> str:
    """A sentence that says how busy the workers were, and how long they were idle at the end."""
    records = [outcome.record for outcome in summary.outcomes if outcome.record is not None]
    if not records or not summary.makespan.wall_s:
        return "No unit ran."
    ends: dict[int, float] = {}
    for record in records:
        ends[record.lane] = max(ends.get(record.lane, 0.0), record.started_s + record.wall_s)
    last = max(ends.values())
    busy = sum(record.wall_s for record in records) / (len(ends) * summary.makespan.wall_s)
    text = f"{len(ends)} {'worker' if len(ends) == 1 else 'workers'}, busy {min(busy, 1):.0%} of the time"
    if len(ends) > 1:
        idle = sum(last - end for end in ends.values())
        lane = min(ends, key=lambda lane: ends[lane])
        longest = f"longest worker {lane + 1} with {seconds(last - ends[lane])}"
        text += f"; idle at the end {seconds(idle)} in all, {longest}"
    return f"{text}."
