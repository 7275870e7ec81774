"""Groups of tests from history: what to join and to split in a suite, and what is expected of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from longpole.gen.adapters.grouping import UNKNOWN_S
from longpole.gen.adapters.registry import kept_together
from longpole.gen.suite.model import Suite
from longpole.gen.tune.groups import WrittenGroup, groups_in, known_tests, spread
from longpole.gen.tune.parts import binaries_in, recut
from longpole.gen.tune.regroup import Regrouped, bundled, regroup
from longpole.gen.tune.regroup_text import Change, changes_of, with_groups
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.contracts.quantities import count, seconds

MAX_NAMED = 3


@dataclass(frozen=True, slots=True)
class Regrouping:
    """The suite file with other groups of tests, and which; `notes` say what was not changed and why."""

    data: bytes
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)
    """Why groups are not shorter than they are, by their names."""

    @property
    def lines(self) -> list[str]:
        """What changes, for people: a line for each new group."""
        return [line for change in self.changes for line in _lines(change)]


def _lines(change: Change) -> list[str]:
    old = [group.module.name for group in change.old]
    names = ", ".join(old[:MAX_NAMED]) + (f" and {len(old) - MAX_NAMED} more" if len(old) > MAX_NAMED else "")
    new = change.new[0]
    if len(change.new) == 1:
        return [f"  joined: {names} -> {new.name}: {count(len(new.tests), 'test')}, {seconds(new.seconds)}"]
    parts = [f"    {each.name}: {count(len(each.tests), 'test')}, {seconds(each.seconds)}" for each in change.new]
    return [f"  split: {names} -> {count(len(parts), 'module')}", *parts]


def propose_groups(
    data: bytes, path: str, suite: Suite, plan: Plan, state: Path, *, jobs: int, cuttable: Collection[str]
) -> Regrouping:
    """Other groups for the suite file `data`, or the same ones; `cuttable` are modules that get other chunks.

    No group is to take longer than a job's share, or than the longest unit of all others.
    """
    groups = [group for group in groups_in(data, path, suite) if _has_run(group, plan)]
    binaries = binaries_in(data, path, suite, plan, state)
    if not groups and not binaries:
        return Regrouping(data)
    known = {group.module.name: _known(group, state, plan) for group in groups}
    took = {test: takes for each in known.values() for test, takes in each.items()}
    by_kind = _by_kind(groups)
    bundles = {kind: _together(found, suite) for kind, found in by_kind.items()}
    bounds = [
        sum(took[test] for test in bundle)
        for group in groups
        for bundle in bundled(group.tests, bundles[group.kind] or ())
    ]
    bounds += [takes for binary in binaries for takes in binary.seconds.values()]
    other = {*known, *cuttable, *(group.module.name for binary in binaries for group in binary.modules)}
    limit_s = _limit_s(plan, jobs, other, bounds)
    found: list[tuple[Sequence[WrittenGroup], Regrouped]] = []
    for kind, written in by_kind.items():
        tests = [group.tests for group in written]
        found += [(written, each) for each in regroup(tests, took, limit_s=limit_s, together=bundles[kind])]
    why = {group.module.name: _why(group.tests, bundles[group.kind]) for group in groups}
    why |= {group.module.name: _why(group.tests, ()) for binary in binaries for group in binary.modules}
    names = [module.name for module in suite.modules]
    changes = [*changes_of(found, took, names), *recut(binaries, names, limit_s)]
    if not changes:
        return Regrouping(data, why=why)
    try:
        for change in changes:
            why |= {new.name: _why(new.tests, bundles.get(change.old[0].kind, ())) for new in change.new}
        return Regrouping(with_groups(data, path, changes), tuple(changes), why=why)
    except UseError as error:
        what = error.problems[0].what
        return Regrouping(data, notes=(f"{count(len(groups), 'group')} of tests cannot be regrouped: {what}",), why=why)


def _why(tests: tuple[str, ...], together: Sequence[tuple[str, ...]] | None) -> str:
    if len(tests) == 1:
        return "has one test"
    if together is None:
        return "is not built, so it is not known which of its tests may be apart; type `make build`"
    return "has tests that depend on each other" if len(bundled(tests, together)) == 1 else "need not be shorter"


def _by_kind(groups: Sequence[WrittenGroup]) -> dict[str, list[WrittenGroup]]:
    by_kind: dict[str, list[WrittenGroup]] = {}
    for group in groups:
        by_kind.setdefault(group.kind, []).append(group)
    return by_kind


def _limit_s(plan: Plan, jobs: int, regrouped: Collection[str], bounds: Sequence[float]) -> float:
    """What a group may take: a job's share, or the longest of all that cannot be made shorter, such as `bounds`."""
    units = [unit.estimate_s for unit in plan.units]
    fixed = [unit.estimate_s for unit in plan.units if unit.module not in regrouped]
    return max([sum(units) / jobs, *fixed, *bounds])


def _has_run(group: WrittenGroup, plan: Plan) -> bool:
    return any(unit.estimate_from == "history" for unit in plan.units if unit.module == group.module.name)


def _known(group: WrittenGroup, state: Path, plan: Plan) -> dict[str, float]:
    """Seconds of each test of a group, in the variant in which it takes longest."""
    units = [unit for unit in plan.units if unit.module == group.module.name and unit.estimate_from == "history"]
    every = [spread(known_tests(state, unit.variant, group), group.tests, unit.estimate_s).seconds for unit in units]
    took = {test: [each[test] for each in every if test in each] for test in group.tests}
    return {test: max(seconds, default=UNKNOWN_S) for test, seconds in took.items()}


def _together(groups: Sequence[WrittenGroup], suite: Suite) -> list[tuple[str, ...]] | None:
    """The tests of groups of one kind that must not be apart in one of their variants; None if it is not known."""
    found: list[tuple[str, ...]] = []
    for variant in suite.variants:
        for group in groups[:1]:
            if variant.name in group.module.variants:
                run = group.module.run or variant.run
                bundles = kept_together(run.argv, Path(variant.target_dir))
                if bundles is None:
                    return None
                found += bundles
    return _merged(found)


def _merged(bundles: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Bundles that have tests in common, as one."""
    merged: list[set[str]] = []
    for bundle in (set(each) for each in bundles if len(each) > 1):
        linked = [each for each in merged if not each.isdisjoint(bundle)]
        merged = [each for each in merged if each not in linked]
        merged.append(bundle.union(*linked))
    return [tuple(sorted(each)) for each in merged]
