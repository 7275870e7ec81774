"""Compare the cases of two runs: which broke, was mended, got slower or faster, appeared or disappeared.

A case is known by variant, module and chunk, class and name, and not by fork, because classes move between forks. Of a
class that crashed or was not run nothing is known but that; the cases that it did not tell have not disappeared. What
only one run was asked to run did not appear or disappear either.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from longpole.rts_tests.contracts.case_history import CaseHistory, CaseRow
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.report.cases import without_fork
from longpole.rts_tests.report.noise import ENOUGH, change_of, may_differ, spread
from longpole.rts_tests.report.summary import Summary

HistoryOf = Callable[[str, str], CaseHistory]
"""The history of the cases of a module, by the names of variant and module."""

_ROUNDED_S = 2e-6
"""Durations in history and records are rounded to microseconds."""
_Classes = Mapping[str, Mapping[str, Case]]
"""Cases by class and name."""


@dataclass(frozen=True, slots=True)
class CasePair:
    """A case, or a class as a whole, that changed. `before` or `after` is None if only one run had it.

    `unit` is the id of its unit, without the fork. `change` is `worse`, `better`, `changed` (a different outcome that
    fails both runs or neither), `slower`, `faster`, `appeared` or `disappeared`; durations are compared only if both
    passed. `cases` is the number of cases of a class that appeared or disappeared.
    """

    unit: str
    before: Case | None
    after: Case | None
    change: str
    spread_s: float | None = None
    samples: int = 0
    cases: int = 1

    @property
    def case(self) -> Case:
        """The case in the later run, else in the earlier one."""
        case = self.after or self.before
        assert case is not None
        return case

    @property
    def id(self) -> str:
        """`Class#name`, or the class."""
        return self.case.id

    @property
    def seconds(self) -> tuple[float, float]:
        """The two durations; 0 where there is none."""
        return (self.before.seconds if self.before else 0.0, self.after.seconds if self.after else 0.0)

    @property
    def ratio(self) -> float | None:
        """The second duration divided by the first; None if not both passed."""
        both = self.before and self.after and self.before.status == self.after.status == Status.PASSED
        before_s, after_s = self.seconds
        return after_s / before_s if both and before_s else None


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """The cases that changed, in plan order of the later run, and how many both runs have."""

    changed: tuple[CasePair, ...] = ()
    in_both: int = 0

    def of(self, change: str) -> list[CasePair]:
        """The cases with that change."""
        return [pair for pair in self.changed if pair.change == change]

    @property
    def got_worse(self) -> bool:
        """Whether a case fails the later run that did not fail the earlier one, or is new and fails."""
        return any(pair.change in ("worse", "appeared") and pair.case.status not in GREEN for pair in self.changed)

    @property
    def counts(self) -> dict[str, int]:
        """Change to number of cases, with `same` for those in both that did not change."""
        counts = Counter(pair.change for pair in self.changed)
        same = self.in_both - sum(pair.before is not None and pair.after is not None for pair in self.changed)
        return {**counts, **({"same": same} if same > 0 else {})}


@dataclass(slots=True)
class _Side:
    """What a run told of the units of a module, all forks together. `parts` are the ids of these units."""

    classes: dict[str, dict[str, Case]] = field(default_factory=dict)
    whole: dict[str, Case] = field(default_factory=dict)
    """The classes of forks, as cases without a name."""
    parts: set[str] = field(default_factory=set)


def compare_cases(before: Summary, after: Summary, history_of: HistoryOf) -> CaseChanges:
    """Compare the cases of the units that both runs have."""
    if not any(outcome.record and outcome.record.cases for outcome in after.outcomes):
        return CaseChanges()
    old, new = _sides(before), _sides(after)
    asked = [summary for summary in (before, after) if summary.info.select or "retest" in summary.info.goals]
    changed: list[CasePair] = []
    in_both = 0
    for unit, side in new.items():
        other = old.get(unit)
        if other is None or not other.classes or not side.classes:
            continue
        comparer = _Comparer(unit, history_of)
        changed += comparer.changes(other, side, listed=not asked and other.parts == side.parts)
        in_both += comparer.in_both
    return CaseChanges(tuple(changed), in_both)


def _sides(summary: Summary) -> dict[str, _Side]:
    sides: dict[str, _Side] = {}
    for outcome in summary.outcomes:
        side = sides.setdefault(without_fork(outcome.id), _Side())
        side.parts.add(outcome.id)
        for each in outcome.record.classes if outcome.record else ():
            side.whole[each.name] = Case(each.name, "", each.status, each.seconds)
        for case in outcome.record.cases if outcome.record else ():
            cases = side.classes.get(case.class_name)
            if cases is None:
                cases = side.classes[case.class_name] = {}
            if case.status not in GREEN or case.name not in cases:  # of several with one name a failed one counts
                cases[case.name] = case
    return sides


class _Comparer:
    """Compares the cases of one unit, or of the forks of a module. `in_both` counts the cases that both runs have."""

    def __init__(self, unit: str, history_of: HistoryOf) -> None:
        self.in_both = 0
        self._unit = unit
        variant, _, module = unit.partition("/")
        self._names = variant, module.partition("[")[0]
        self._history_of = history_of
        self._history: CaseHistory | None = None

    def changes(self, before: _Side, after: _Side, *, listed: bool) -> list[CasePair]:
        """What changed; with `listed`, also what appeared and disappeared."""
        changed: list[CasePair] = []
        for name, old in before.classes.items():
            new = after.classes.get(name)
            if new is not None:
                changed += self._of_class(name, old, new, listed=listed)
            elif listed:
                changed.append(self._alone(name, old, "disappeared"))
        if listed:
            appeared = ((name, new) for name, new in after.classes.items() if name not in before.classes)
            changed += [self._alone(name, new, "appeared") for name, new in appeared]
        return [*changed, *self._slow_classes(before.whole, after.whole, changed)]

    def _alone(self, name: str, cases: Mapping[str, Case], change: str) -> CasePair:
        case = next(iter(cases.values())) if len(cases) == 1 else _together(name, cases)
        return self._only(case, change, len(cases))

    def _only(self, case: Case, change: str, cases: int = 1) -> CasePair:
        before, after = (None, case) if change == "appeared" else (case, None)
        return CasePair(self._unit, before, after, change, cases=cases)

    def _of_class(
        self, name: str, old: Mapping[str, Case], new: Mapping[str, Case], *, listed: bool
    ) -> Iterator[CasePair]:
        pairs = []
        if ("" in old) != ("" in new):
            whole = old.get("") or new[""]
            if whole.status not in GREEN:
                listed = False  # its cases were not told
                pairs.append((whole, _together(name, new)) if "" in old else (_together(name, old), whole))
        for key, before in old.items():
            after = new.get(key)
            if after is not None:
                pairs.append((before, after))
        self.in_both += len(pairs)
        for before, after in pairs:
            if before.status != after.status:
                failed = before.status not in GREEN, after.status not in GREEN
                change = "changed" if failed[0] == failed[1] else "worse" if failed[1] else "better"
                yield CasePair(self._unit, before, after, change)
            elif before.status == Status.PASSED and may_differ(before.seconds, after.seconds):
                pair = self._timed(before, after, self._known.cases)
                if pair is not None:
                    yield pair
        if listed:
            yield from (self._only(case, "disappeared") for key, case in old.items() if key and key not in new)
            yield from (self._only(case, "appeared") for key, case in new.items() if key and key not in old)

    def _slow_classes(
        self, before: Mapping[str, Case], after: Mapping[str, Case], listed: Sequence[CasePair]
    ) -> Iterator[CasePair]:
        """Classes that got slower or faster, if none of their cases says so."""
        told = {(pair.case.class_name, pair.change) for pair in listed}
        for name, old in before.items():
            new = after.get(name)
            passed = new is not None and old.status == new.status == Status.PASSED
            if new is not None and passed and may_differ(old.seconds, new.seconds):
                pair = self._timed(old, new, self._known.classes)
                if pair is not None and (name, pair.change) not in told:
                    self.in_both += 1
                    yield pair

    def _timed(self, before: Case, after: Case, history: Mapping[str, CaseRow]) -> CasePair | None:
        """The pair if the difference of the durations is larger than noise."""
        try:
            known = history[after.id].seconds
        except KeyError:
            known = ()
        width, samples = None, len(known)
        if len(known) >= ENOUGH:
            width, samples = spread(known, _indexes(known, before.seconds, after.seconds))
        change = change_of(before.seconds, after.seconds, width)
        return None if change == "same" else CasePair(self._unit, before, after, change, width, samples)

    @property
    def _known(self) -> CaseHistory:
        """The history, which is read only if it is needed."""
        if self._history is None:
            self._history = self._history_of(*self._names)
        return self._history


def _together(name: str, cases: Mapping[str, Case]) -> Case:
    """A class as one case: failed if one of its cases is."""
    statuses = [case.status for case in cases.values()]
    red = [status for status in statuses if status not in GREEN]
    green = Status.PASSED if Status.PASSED in statuses else Status.SKIPPED
    return Case(name, "", red[0] if red else green, sum(case.seconds for case in cases.values()))


def _indexes(durations: Sequence[float], before_s: float, after_s: float) -> set[int]:
    """The indexes of two durations in a history, as far as it has them: the last that fit, in their order."""
    found = set()
    end = len(durations)
    for value in (after_s, before_s):
        for index in range(end - 1, -1, -1):
            if -_ROUNDED_S < durations[index] - value < _ROUNDED_S:
                found.add(index)
                end = index
                break
    return found


# -- for people -------------------------------------------------------------------------------------------------------

_TITLES = {
    "worse": "cases that got worse",
    "changed": "cases with a different outcome",
    "better": "cases that got better",
    "slower": "slower cases",
    "faster": "faster cases",
    "appeared": "new cases",
    "disappeared": "cases that are gone",
}
WORDS = {
    "worse": "got worse",
    "changed": "with a different outcome",
    "better": "got better",
    "slower": "slower",
    "faster": "faster",
    "same": "the same, or within their usual variation",
}


def sections(changes: CaseChanges) -> Iterator[tuple[str, list[str]]]:
    """Title and lines of each kind of change, durations by their difference, the others in plan order."""
    for change, title in _TITLES.items():
        pairs = changes.of(change)
        if change in ("slower", "faster"):
            pairs.sort(key=lambda pair: (-abs(pair.seconds[1] - pair.seconds[0]), pair.unit, pair.id))
        yield title, [f"  {harmless_note(pair.unit)}: {harmless_note(pair.id)}{_how(pair)}" for pair in pairs]


def _how(pair: CasePair) -> str:
    if pair.before is None or pair.after is None:
        failed = f": {pair.case.status}" if pair.case.status not in GREEN and pair.after else ""
        return f", {count(pair.cases, 'case')}{failed}" if pair.cases > 1 else failed
    if pair.change not in ("slower", "faster"):
        message = next(iter((pair.after.message or "").splitlines()), "")
        why = f": {harmless_note(message)}" if message and pair.after.status != Status.PASSED else ""
        return f": {pair.before.status} -> {pair.after.status}{why}"
    return f": {duration_text(*pair.seconds, pair.spread_s, pair.samples)}"


def duration_text(before_s: float, after_s: float, spread_s: float | None, samples: int) -> str:
    """`1.00 s -> 2.00 s, 2.0 x (it varied by 0.10 s in 9 runs)`."""
    times = f"{after_s / before_s:.1f} x" if before_s else "from nothing"
    if spread_s is None:
        why = "one run each; its history is too short to tell how much it varies"
    else:
        why = f"it varied by {seconds(spread_s)} in {samples} runs"
    return f"{seconds(before_s)} -> {seconds(after_s)}, {times} ({why})"


def total(changes: CaseChanges) -> list[str]:
    """A line that counts the cases of both runs; none if there are none."""
    counts = changes.counts
    each = ", ".join(f"{counts[change]:,} {word}" for change, word in WORDS.items() if change in counts)
    return [f"{count(changes.in_both, 'case')} in both: {each}"] if changes.in_both else []


# -- for programs -----------------------------------------------------------------------------------------------------


def as_json(changes: CaseChanges) -> list[dict[str, Any]]:
    """An object for each case that changed."""
    return [
        {
            "unit": pair.unit,
            "class": pair.case.class_name,
            "name": pair.case.name,
            "change": pair.change,
            "cases": pair.cases,
            "status": [case and case.status for case in (pair.before, pair.after)],
            "seconds": [case and case.seconds for case in (pair.before, pair.after)],
            "ratio": pair.ratio and round(pair.ratio, 4),
            "spread_s": pair.spread_s,
            "samples": pair.samples,
        }
        for pair in changes.changed
    ]
