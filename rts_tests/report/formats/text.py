"""The report as text, which `make test` prints at the end."""

from collections.abc import Sequence

from longpole.rts_tests.contracts.colour import Colour, coloured
from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.status import UNFINISHED, Status
from longpole.rts_tests.report.advice import advice
from longpole.rts_tests.report.balance import Balance, balances
from longpole.rts_tests.report.cases import without_fork
from longpole.rts_tests.report.formats import builds, real_state
from longpole.rts_tests.report.formats.case_text import FailedCases, counts_text, skipped_lines
from longpole.rts_tests.report.summary import NO_LOG, Outcome, Summary

SLOWEST = 5
OTHERS = 0.1
"""If other programs had less than this part of the cores, they are not mentioned."""
MAX_NAMED = 20
"""Units that were skipped, were not run, or were interrupted, that are named: there may be 100,000 of them."""
MAX_BALANCES = 5
"""Modules with forks of which the balance is shown."""
FILES = ("report.html", "junit.xml", "trace.json")
"""The files that a run leaves beside its records."""


def _seeds(outcome: Outcome) -> str:
    record = outcome.record
    if record is None or record.first_seed is None:
        return ""
    if record.seed_count == 1:
        return f", seed {record.first_seed}"
    return f", {record.seed_count:,} seeds from {record.first_seed}"


def name_of(outcome: Outcome) -> str:
    """The unit's id, harmless on a terminal: a record may come from another machine, or be rewritten by a unit."""
    return harmless(outcome.id, colour=False)


def again(outcome: Outcome) -> str:
    """The command that runs the unit again, harmless on a terminal."""
    return harmless(outcome.again, colour=False)


def _lines(outcome: Outcome, cases: FailedCases) -> list[str]:
    record = outcome.record
    if record is None or outcome.status == Status.CANCELLED:
        return [f"  {name_of(outcome)}", *cases.lines(outcome)]
    note = f": {harmless_note(record.note)}" if record.note else ""
    if outcome.status == Status.SKIPPED:
        return [f"  {name_of(outcome)}{note}"]
    return [
        f"  {name_of(outcome)}: {outcome.status}{note}{_seeds(outcome)}",
        *cases.lines(outcome),
        f"    log:   {harmless(outcome.log or NO_LOG[record.log], colour=False)}",
        f"    again: {again(outcome)}",
    ]


def _is_empty(outcome: Outcome) -> bool:
    return outcome.record is not None and outcome.record.had_nothing_to_do


def _empty_forks(outcomes: Sequence[Outcome]) -> list[str]:
    """A line for the forks of a module for which no class was left, and for the same reason."""
    alike: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.record is not None and outcome.record.had_nothing_to_do:
            alike.setdefault((without_fork(outcome.id), outcome.record.note or ""), []).append(outcome)
    lines = []
    for (_, note), forks in alike.items():
        more = f" and {count(len(forks) - 1, 'more fork')}" if len(forks) > 1 else ""
        lines.append(f"  {name_of(forks[0])}{more}{f': {harmless_note(note)}' if note else ''}")
    return lines


def seeds_line(summary: Summary) -> str:
    """A line that says where this run's seeds come from."""
    info = summary.info
    if info.seed_override is not None:
        word = "seed" if isinstance(info.seed_override, int) else "seeds"
        return f"{word} {info.seed_override} for every unit that takes seeds (SEED)"
    if info.commit is None:
        ran = (outcome.record for outcome in summary.outcomes if outcome.record is not None)
        fallback = any(record.seed_source == "fallback" for record in ran)
        return f"no commit is known{': commit seeds are the fallback, 4711' if fallback else ''}"
    return harmless(f"commit {info.commit[:12]} ({info.commit_source})", colour=False)


def makespan_line(summary: Summary) -> str:
    """A line with the makespan, its lower bound, and what sets that bound; no ratio if nothing ran."""
    span = summary.makespan
    if span.longest is None or span.bound_s <= 0:
        return "makespan: no unit ran"
    work = f"{seconds(span.units_s)} of units, {span.at_once} at a time"
    why = f"the longest unit, {name_of(span.longest)}" if span.limited_by_longest else work
    if seconds(span.bound_s) == seconds(0):
        return f"makespan: {seconds(span.wall_s)} ({why})"
    ratio = span.wall_s / span.bound_s
    least = f"{seconds(span.bound_s)}, the least for units of these durations ({why})"
    return f"makespan: {seconds(span.wall_s)}, {ratio:.2f} x {least}"


def load_line(summary: Summary) -> str | None:
    """A phrase about the CPU time that other programs had; None if that was little, or is not known."""
    span, load = summary.makespan, summary.load
    if load is None or load.others_share < OTHERS or span.longest is None:
        return None
    of = f"{load.cores} cores" if load.cores > 1 else "the core"
    took = f"units took {seconds(span.units_s)} for {seconds(span.cpu_s)} of CPU"
    return f"other programs had {100 * load.others_share:.0f} % of {of}; {took}"


def counts_line(summary: Summary) -> str:
    """`72 units: 70 passed, 2 failed`; the counts of cases follow, if there are any, and of changed guarded paths."""
    texts = [counts_text(list(summary.counts.items()), "unit")]
    if cases := summary.case_counts:
        texts.append(counts_text(list(cases.items()), "case"))
    if summary.real_state is not None and summary.real_state.changed:
        texts.append(real_state.headline(summary.real_state))
    return "; ".join(texts)


def forks_lines(summary: Summary) -> list[str]:
    """How even the forks of each module were, the least even modules first."""
    uneven = sorted(balances(summary), key=lambda each: (not each.repeated, each.mean_s - each.longest_s, each.unit))
    return [harmless(_forks_line(each), colour=False) for each in uneven[:MAX_BALANCES]]


def _forks_line(balance: Balance) -> str:
    alone = f" (one class, {balance.alone})" if balance.alone is not None else ""
    longest = f"the longest took {seconds(balance.longest_s)}{alone}, {balance.ratio:.2f} x their mean"
    if balance.forks == 1:
        longest = f"which took all classes in {seconds(balance.longest_s)}"
    line = f"{balance.unit}: {count(balance.forks, 'fork')}, {longest}{_stealing(balance.stolen_s)}"
    if not balance.repeated:
        return line
    which = "one case was" if balance.repeated == 1 else f"{balance.repeated:,} cases were"
    return f"{line}; {which} run by more than one fork: does the command of a fork use {{classes_file}} or {{classes}}?"


def _stealing(stolen_s: float | None) -> str:
    if stolen_s is None:
        return ""
    if seconds(abs(stolen_s)) == seconds(0):
        return "; stealing made no difference"
    return f"; stealing {'saved' if stolen_s > 0 else 'cost'} {seconds(abs(stolen_s))}"


def report_text(
    summary: Summary,
    *,
    slowest: int = SLOWEST,
    only_failed: bool = False,
    files: Sequence[str] = FILES,
    colour: bool = False,
) -> str:
    """The whole report. Failures are sorted by kind, then in plan order: they read the same at any `-j`."""
    verdict = counts_line(summary)
    text = harmless_text("\n".join([*_body(summary, slowest, only_failed, files), "", ""]))
    return f"{text}{coloured(verdict, verdict_colour(summary)) if colour else verdict}\n"


def verdict_colour(summary: Summary) -> Colour:
    """The colour of the verdict: yellow after a warning, or if units were only interrupted or flaky."""
    state = summary.real_state
    if not {outcome.status for outcome in summary.failures} <= UNFINISHED or summary.failed_builds:
        return Colour.RED
    if state is not None and state.failed:
        return Colour.RED
    doubtful = summary.failures or Status.FLAKY in summary.counts or (state is not None and state.changed)
    return Colour.YELLOW if doubtful else Colour.GREEN


def _body(summary: Summary, slowest: int, only_failed: bool, files: Sequence[str]) -> list[str]:
    lines = ["", f"{harmless(summary.info.suite, colour=False)}: {seeds_line(summary)}"]
    for failed in summary.failed_builds:
        lines += ["", *builds.section(failed)]
    lines += _groups(summary, only_failed)
    lines += real_state.section(summary.real_state)
    if not only_failed:
        lines += skipped_lines(summary)
        lines += ["", "slowest:"]
        lines += [f"  {seconds(outcome.wall_s):>11}  {name_of(outcome)}" for outcome in summary.slowest(slowest)]
        others = load_line(summary)
        lines += [makespan_line(summary), *([f"machine:  {others}"] if others else [])]
        lines += [f"forks:    {line}" for line in forks_lines(summary)]
        lines += [f"advice:   {line}" for line in advice(summary)]
    return [*lines, f"kept in:  {summary.run} ({', '.join([*files, 'units/'])})"]


def _groups(summary: Summary, only_failed: bool) -> list[str]:
    """All outcomes other than a pass, by kind, and the command that runs the rest below those that are unfinished.

    If a failed build kept all of these from running, they are not listed, and the command stands by itself.
    """
    known = summary.without_build
    cases = FailedCases(only_failed=only_failed)
    sections: dict[Status, list[str]] = {}
    for group in summary.groups:
        status = group.outcomes[0].status
        outcomes = [outcome for outcome in group.outcomes if outcome.id not in known]
        if not outcomes or (only_failed and status == Status.SKIPPED):
            continue
        rows = [_lines(outcome, cases) for outcome in outcomes if not _is_empty(outcome)]
        rows += [[line] for line in _empty_forks(outcomes)]
        shown = rows[:MAX_NAMED] if status in UNFINISHED | {Status.SKIPPED} else rows
        sections[status] = ["", f"{group.title}:", *(line for row in shown for line in row)]
        if len(shown) < len(rows):
            sections[status].append(f"  and {len(rows) - len(shown):,} more")
    retest = harmless(f"{summary.info.call} retest", colour=False)
    retest += ", which runs every unit that failed or did not finish"
    unfinished = [status for status in sections if status in UNFINISHED]
    if unfinished:
        sections[unfinished[-1]].append(f"    again: {retest}")
    lines = [line for section in sections.values() for line in section]
    alone = not unfinished and not UNFINISHED.isdisjoint(summary.counts)
    return [*lines, "", f"again:    {retest}"] if alone else lines
