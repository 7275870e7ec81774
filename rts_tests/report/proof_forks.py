"""The part of the proof of shards that is about forks: each class that was listed ran in exactly one of them.

Every shard lists the classes by itself and distributes them over all forks, also those of other shards. So the shards
must have found the same classes and come to the same distribution, or a class ran twice or not at all.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.plan import Plan, forks_by_module
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.forks.assignment import Assignment, read_assignment

MAX_LISTED = 10
"""Classes that are named in one reason; more are counted."""


def fork_reasons(plan: Plan, shards: Sequence[tuple[str, Path, Sequence[Record]]]) -> tuple[list[str], list[str]]:
    """Reasons about the classes of forks: those that are missing, and what is wrong.

    A shard is its name in messages, its folder and its records.
    """
    lost: list[str] = []
    wrong: list[str] = []
    for variant, module in forks_by_module(plan.units):
        own = [
            (name, folder, [record for record in records if (record.variant, record.module) == (variant, module)])
            for name, folder, records in shards
        ]
        ran = [(name, folder, records) for name, folder, records in own if any(record.classes for record in records)]
        assignments = [(name, read_assignment(folder, variant, module)) for name, folder, _ in ran]
        unit = f"{variant}/{module}"
        lost += [f"{name} does not say which classes the forks of {unit} had" for name, each in assignments if not each]
        known = [(name, each) for name, each in assignments if each is not None]
        if not known:
            continue
        if differing := _differing(unit, known):
            wrong.append(differing)
            continue
        if len(known) == len(assignments) and _is_whole(plan, variant, module, own):
            missing, several = _counted(unit, known[0][1], [record for _, _, records in ran for record in records])
            lost += missing
            wrong += several
    return lost, wrong


def classes_proven(plan: Plan, records: Sequence[Record]) -> int:
    """The number of classes that the forks of a plan ran."""
    modules = forks_by_module(plan.units)
    return sum(len(record.classes) for record in records if (record.variant, record.module) in modules)


def assigned(plan: Plan, folders: Sequence[Path]) -> list[Assignment]:
    """The assignment of each module with forks, from the first of these runs that has it."""
    modules = forks_by_module(plan.units)
    found = ((read_assignment(folder, *module) for folder in folders) for module in modules)
    return [each for each in (next(filter(None, runs), None) for runs in found) if each is not None]


def _is_whole(plan: Plan, variant: str, module: str, own: Sequence[tuple[str, Path, Sequence[Record]]]) -> bool:
    """Whether every fork of a module left its record; else the proof says that forks are missing."""
    planned = {unit.id for unit in plan.units if (unit.variant, unit.module) == (variant, module)}
    return planned <= {record.id for _, _, records in own for record in records}


def _differing(unit: str, assignments: Sequence[tuple[str, Assignment]]) -> str | None:
    (first, one), *others = assignments
    for name, other in others:
        if other.forks != one.forks:
            either = {each for fork in one.forks for each in fork} ^ {each for fork in other.forks for each in fork}
            how = f"only one of them found {_names(sorted(either))}" if either else "the classes are the same"
            return f"{first} and {name} distributed the classes of {unit} differently; {how}"
    return None


def _counted(unit: str, assignment: Assignment, records: Sequence[Record]) -> tuple[list[str], list[str]]:
    times = Counter(each.name for record in records for each in record.classes)
    given = {name for fork in assignment.forks for name in fork}
    several = [name for name, number in sorted(times.items()) if number > 1]
    wrong = [f"run in more than one fork of {unit}: {_names(several)}"] if several else []
    if strange := sorted(times.keys() - given):
        wrong.append(f"run in a fork of {unit} and given to none: {_names(strange)}")
    missing = sorted(given - times.keys())
    return ([f"given to a fork of {unit} and not told of: {_names(missing)}"] if missing else []), wrong


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return harmless(", ".join(names[:MAX_LISTED]), colour=False) + more
