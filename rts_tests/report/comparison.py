"""Compare two runs: which outcomes changed, and which units became slower by more than they vary anyway.

A run measures each unit once, and two single measurements say little. The unit's history says more: how far apart its
durations were while nothing is known to have changed. So a difference is reported only if it exceeds both a ratio and
that spread. If the history of a unit is too short, a larger ratio is used instead, and the result says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text
from longpole.rts_tests.contracts.history import History, UnitHistory, read_history
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.summary import Outcome, Summary, read_summary
from longpole.rts_tests.state.run_folders import find_run

RATIO = 1.2
RATIO_UNKNOWN = 1.5
"""The least ratio that is reported, if the history tells how much the unit varies, and if it does not."""
LEAST_S = 0.01
LEAST_UNKNOWN_S = 0.1
"""Smaller differences are attributed to the machine; again with enough history, and without."""
ENOUGH = 3
"""The number of durations from which a spread is computed."""
MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit that both runs planned. `samples` is the length of its history; `spread_s` is None if that is too short.

    `change` is `worse` or `better` (it fails only one of the runs), `changed` (a different outcome that fails both runs
    or neither), `slower`, `faster`, `resized` (a different number of seeds), or `same`. Durations are compared only if
    both passed: a failure ends early, a timeout late.
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

    def of(self, change: str) -> list[Pair]:
        """The pairs with that change."""
        return [pair for pair in self.pairs if pair.change == change]

    @property
    def got_worse(self) -> bool:
        """Whether a unit fails the second run that did not fail the first."""
        return any(pair.change == "worse" for pair in self.pairs)


def _wall_s(outcome: Outcome) -> float | None:
    return outcome.record.wall_s if outcome.record else None


def _passed_s(outcome: Outcome) -> float | None:
    return _wall_s(outcome) if outcome.status == Status.PASSED else None


def spread(durations: Sequence[float], compared: Collection[int]) -> tuple[float | None, int]:
    """How much a unit varies, in seconds, and the number of durations used; None if there are fewer than ENOUGH.

    `compared` holds the indexes of the compared durations, as far as the history still has them. If it has both, the
    durations up to the earlier one and from the later one on count; what lies between may be the change itself.
    """
    at = sorted(compared)
    if len(at) == 2:
        parts = [durations[: at[0] + 1], durations[at[1] :]]
    else:
        parts = [[value for index, value in enumerate(durations) if index not in at]]
    enough = [part for part in parts if len(part) >= ENOUGH]
    if not enough:
        return None, max(map(len, parts))
    return max(max(part) - min(part) for part in enough), sum(map(len, enough))


def compare_runs(state: Path, before: str | None, after: str | None) -> Comparison:
    """Compare the runs that a user named, by default the last two. Raises `UseError`."""
    one, other = find_run(state, before or "previous"), find_run(state, after or "last")
    return compare(read_summary(one), read_summary(other), read_history(state))


def compare(before: Summary, after: Summary, history: History) -> Comparison:
    """Compare two summaries; a pure function."""
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
    )


def _pair(before: Outcome, after: Outcome, runs: tuple[str, str], known: UnitHistory) -> Pair:
    if before.failed != after.failed:
        return Pair(before, after, "worse" if after.failed else "better")
    if before.status != after.status:
        return Pair(before, after, "changed")
    before_s, after_s = _passed_s(before), _passed_s(after)
    if before_s is None or after_s is None:
        return Pair(before, after, "same")
    if before.record and after.record and before.record.seed_count != after.record.seed_count:
        return Pair(before, after, "resized")
    compared = {index for run in runs if (index := known.index_of(run)) is not None}
    width, samples = spread(known.durations_s, compared)
    ratio, least_s = (RATIO_UNKNOWN, LEAST_UNKNOWN_S) if width is None else (RATIO, max(LEAST_S, width))
    change = "same"
    if abs(after_s - before_s) > least_s:
        if after_s > ratio * before_s:
            change = "slower"
        elif before_s > ratio * after_s:
            change = "faster"
    return Pair(before, after, change, width, samples)


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
    elif before.info.commit != after.info.commit:
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
    lines += [
        "",
        f"makespan: {seconds(spans[0].wall_s)} -> {seconds(spans[1].wall_s)}",
        f"CPU:      {seconds(spans[0].cpu_s)} -> {seconds(spans[1].cpu_s)}",
        _total(comparison),
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
    times = f"{after / before:.1f} x" if before else "from nothing"
    if pair.spread_s is None:
        why = "one run each; its history is too short to tell how much it varies"
    else:
        why = f"it varied by {seconds(pair.spread_s)} in {pair.samples} runs"
    return f"  {pair.name}: {seconds(before)} -> {seconds(after)}, {times} ({why})"


def _total(comparison: Comparison) -> str:
    words = {
        "worse": "got worse",
        "changed": "with a different outcome",
        "better": "got better",
        "slower": "slower",
        "faster": "faster",
        "resized": "with a different number of seeds",
        "same": "the same, or within their usual variation",
    }
    counts = [f"{len(comparison.of(change))} {word}" for change, word in words.items() if comparison.of(change)]
    number = len(comparison.pairs)
    return f"{count(number, 'unit')} in both: {', '.join(counts)}" if number else "no unit is in both"


# -- for programs -----------------------------------------------------------------------------------------------------


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object, with every unit; durations in seconds."""
    return {
        "version": 1,
        "before": comparison.before.run.name,
        "after": comparison.after.run.name,
        "notes": list(comparison.notes),
        "got_worse": comparison.got_worse,
        "makespan_s": [comparison.before.makespan.wall_s, comparison.after.makespan.wall_s],
        "cpu_s": [comparison.before.makespan.cpu_s, comparison.after.makespan.cpu_s],
        "units": [_pair_json(pair) for pair in comparison.pairs],
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
