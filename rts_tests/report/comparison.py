"""Compare two runs: which outcomes changed, and which units became slower by more than they vary anyway.

A run measures each unit once, and two single measurements say little. The unit's history says more: how far apart its
durations were while nothing is known to have changed. So a difference is reported only if it exceeds both a ratio and
that spread. If the history of a unit is too short, a larger ratio is used instead, and the result says so.

Forks are compared as units only where that means something: which fork a class is in differs from run to run. What
happened to the class is said of its cases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.case_history import CaseHistory, read_case_history
from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text
from longpole.rts_tests.contracts.history import History, UnitHistory, read_history
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.report import case_comparison
from longpole.rts_tests.report.case_comparison import (
    CaseChanges,
    HistoryOf,
    compare_cases,
    duration_text,
    sections,
    total,
)
from longpole.rts_tests.report.cases import failed_cases, is_explained
from longpole.rts_tests.report.noise import change_of, spread
from longpole.rts_tests.report.summary import Outcome, Summary, read_summary
from longpole.rts_tests.state.run_folders import find_run

MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit that both runs planned. `samples` is the length of its history; `spread_s` is None if that is too short.

    `change` is `worse` or `better` (it fails only one of the runs), `changed` (a different outcome that fails both runs
    or neither), `slower`, `faster`, `resized` (a different number of seeds), `reassigned` (a fork with other classes),
    or `same`. Durations are compared only if both passed: a failure ends early, a timeout late.
    """

    before: Outcome
    after: Outcome
    change: str
    spread_s: float | None = None
    samples: int = 0

    @property
    def id(self) -> str:
        """The unit's id."""
        return self.after.id

    @property
    def name(self) -> str:
        """The unit's id, harmless on a terminal."""
        return harmless(self.after.id, colour=False)

    @property
    def ratio(self) -> float | None:
        """The second duration divided by the first; None if they cannot be compared."""
        before, after = _passed_s(self.before), _passed_s(self.after)
        return after / before if before and after is not None else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result; pairs in plan order of the second run, outcomes of only one run in plan order of that run."""

    before: Summary
    after: Summary
    pairs: tuple[Pair, ...]
    only_before: tuple[Outcome, ...]
    only_after: tuple[Outcome, ...]
    notes: tuple[str, ...]
    cases: CaseChanges

    def of(self, change: str) -> list[Pair]:
        """The pairs with that change."""
        return [pair for pair in self.pairs if pair.change == change]

    @property
    def got_worse(self) -> bool:
        """Whether a unit or a case fails the second run that did not fail the first."""
        return any(pair.change == "worse" for pair in self.pairs) or self.cases.got_worse


def _wall_s(outcome: Outcome) -> float | None:
    return outcome.record.wall_s if outcome.record else None


def _passed_s(outcome: Outcome) -> float | None:
    return _wall_s(outcome) if outcome.status == Status.PASSED else None


def compare_runs(state: Path, before: str | None, after: str | None) -> Comparison:
    """Compare the runs that a user named, by default the last two. Raises `UseError`."""
    one, other = find_run(state, before or "previous"), find_run(state, after or "last")
    return compare(read_summary(one), read_summary(other), read_history(state), partial(read_case_history, state))


def _no_history(variant: str, module: str) -> CaseHistory:
    return CaseHistory()


def compare(before: Summary, after: Summary, history: History, case_history: HistoryOf = _no_history) -> Comparison:
    """Compare two summaries; a pure function, but for `case_history`, which may read what it returns."""
    old = {outcome.id: outcome for outcome in before.outcomes}
    new = {outcome.id for outcome in after.outcomes}
    runs = (before.run.name, after.run.name)
    return Comparison(
        before=before,
        after=after,
        pairs=tuple(
            _pair(old[each.id], each, runs, history.units.get(each.id, UnitHistory()))
            for each in after.outcomes
            if each.id in old
        ),
        only_before=tuple(outcome for outcome in before.outcomes if outcome.id not in new),
        only_after=tuple(outcome for outcome in after.outcomes if outcome.id not in old),
        notes=tuple(_notes(before, after)),
        cases=compare_cases(before, after, case_history),
    )


def _pair(before: Outcome, after: Outcome, runs: tuple[str, str], known: UnitHistory) -> Pair:
    change = _of_fork(before, after) or _of_outcome(before, after)
    before_s, after_s = _passed_s(before), _passed_s(after)
    if change is not None or before_s is None or after_s is None:
        return Pair(before, after, change or "same")
    if before.record and after.record and before.record.seed_count != after.record.seed_count:
        return Pair(before, after, "resized")
    compared = {index for run in runs if (index := known.index_of(run)) is not None}
    width, samples = spread(known.durations_s, compared)
    return Pair(before, after, change_of(before_s, after_s, width), width, samples)


def _of_outcome(before: Outcome, after: Outcome) -> str | None:
    if before.failed != after.failed:
        return "worse" if after.failed else "better"
    return "changed" if before.status != after.status else None


def _of_fork(before: Outcome, after: Outcome) -> str | None:
    """The change of two forks of which their classes and cases say all; None for others, and for the same classes."""
    if not (before.record and after.record and _is_explained(before.record) and _is_explained(after.record)):
        return None
    if _classes(before.record) != _classes(after.record):
        return "reassigned"
    return "same" if before.status != after.status else None


def _is_explained(record: Record) -> bool:
    """Whether a unit is a fork, and its classes and cases are all that can be said of its outcome."""
    return record.fork is not None and (record.status in GREEN or is_explained(record, failed_cases(record)))


def _classes(record: Record) -> frozenset[str]:
    return frozenset(each.name for each in record.classes)


def _notes(before: Summary, after: Summary) -> Iterable[str]:
    """Reasons why the durations of the two runs may not be comparable."""
    for name, of in (("host", "host"), ("machine", "machine"), ("cores", "number of cores")):
        if getattr(before.info, name) != getattr(after.info, name):
            yield f"the {of} differs: {getattr(before.info, name)} and {getattr(after.info, name)}"
    if before.info.jobs != after.info.jobs:
        first, second = (f"-j{info.jobs or ''}" for info in (before.info, after.info))
        yield f"the number of jobs differs, {first} and {second}: units that share cores take longer"
    if before.info.seed_override != after.info.seed_override:
        yield "SEED differs: units ran with other inputs"
    if before.info.select != after.info.select:
        yield "SELECT differs: one run left classes or cases out"
    if before.info.seed_override == after.info.seed_override and before.info.commit != after.info.commit:
        yield "the commits differ: units with commit seeds ran with other inputs"


# -- for people -------------------------------------------------------------------------------------------------------


def text(comparison: Comparison) -> str:
    """The comparison as text: outcomes, durations (the largest difference first), units of only one run."""
    lines = [f"before: {comparison.before.run.name}", f"after:  {comparison.after.run.name}"]
    lines += [f"note:   {note}" for note in comparison.notes]
    for change, title in (("worse", "got worse"), ("changed", "different outcome"), ("better", "got better")):
        lines += _section(title, [_outcome_line(pair) for pair in comparison.of(change)])
    for change in ("slower", "faster"):
        pairs = sorted(comparison.of(change), key=lambda pair: (-abs(_difference(pair)), pair.id))
        lines += _section(change, [_duration_line(pair) for pair in pairs])
    for title, outcomes in (("only before", comparison.only_before), ("only after", comparison.only_after)):
        lines += _section(title, [f"  {harmless(outcome.id, colour=False)}: {outcome.status}" for outcome in outcomes])
    spans = [summary.makespan for summary in (comparison.before, comparison.after)]
    for title, case_lines in sections(comparison.cases):
        lines += _section(title, case_lines)
    lines += [
        "",
        f"makespan: {seconds(spans[0].wall_s)} -> {seconds(spans[1].wall_s)}",
        f"CPU:      {seconds(spans[0].cpu_s)} -> {seconds(spans[1].cpu_s)}",
        _total(comparison),
        *total(comparison.cases),
    ]
    return harmless_text("\n".join(lines) + "\n")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - MAX_LISTED} more; --json lists all"] if len(lines) > MAX_LISTED else []
    return ["", f"{title}:", *lines[:MAX_LISTED], *more] if lines else []


def _outcome_line(pair: Pair) -> str:
    record = pair.after.record
    note = f": {harmless_note(record.note)}" if record and record.note and pair.after.status != Status.PASSED else ""
    return f"  {pair.name}: {pair.before.status} -> {pair.after.status}{note}"


def _difference(pair: Pair) -> float:
    return (_passed_s(pair.after) or 0.0) - (_passed_s(pair.before) or 0.0)


def _duration_line(pair: Pair) -> str:
    before, after = _passed_s(pair.before) or 0.0, _passed_s(pair.after) or 0.0
    return f"  {pair.name}: {duration_text(before, after, pair.spread_s, pair.samples)}"


def _total(comparison: Comparison) -> str:
    words = {
        "worse": "got worse",
        "changed": "with a different outcome",
        "better": "got better",
        "slower": "slower",
        "faster": "faster",
        "resized": "with a different number of seeds",
        "reassigned": "with other classes",
        "same": "the same, or within their usual variation",
    }
    counts = [f"{len(comparison.of(change))} {word}" for change, word in words.items() if comparison.of(change)]
    number = len(comparison.pairs)
    return f"{count(number, 'unit')} in both: {', '.join(counts)}" if number else "no unit is in both"


# -- for programs -----------------------------------------------------------------------------------------------------


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object, with every unit, and the cases that changed; durations in seconds."""
    return {
        "version": 1,
        "before": comparison.before.run.name,
        "after": comparison.after.run.name,
        "notes": list(comparison.notes),
        "got_worse": comparison.got_worse,
        "makespan_s": [comparison.before.makespan.wall_s, comparison.after.makespan.wall_s],
        "cpu_s": [comparison.before.makespan.cpu_s, comparison.after.makespan.cpu_s],
        "units": [_pair_json(pair) for pair in comparison.pairs],
        "case_counts": comparison.cases.counts,
        "cases": case_comparison.as_json(comparison.cases),
        "only_before": [_outcome_json(outcome) for outcome in comparison.only_before],
        "only_after": [_outcome_json(outcome) for outcome in comparison.only_after],
    }


def _pair_json(pair: Pair) -> Mapping[str, Any]:
    return {
        "id": pair.id,
        "change": pair.change,
        "status": [pair.before.status, pair.after.status],
        "wall_s": [_wall_s(pair.before), _wall_s(pair.after)],
        "ratio": pair.ratio and round(pair.ratio, 4),
        "spread_s": pair.spread_s,
        "samples": pair.samples,
    }


def _outcome_json(outcome: Outcome) -> Mapping[str, Any]:
    return {"id": outcome.id, "status": outcome.status, "wall_s": _wall_s(outcome)}
