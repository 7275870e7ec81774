"""The cases of units in the words of reports: which failed, where in the source, and what runs them again."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, Status

MAX_TERMS = 10
"""The most terms of a selection in a command; more are left to `retest`."""
MAX_SINGLE = 3
"""Up to so many failed cases are selected one by one, more of them by their classes."""

_PLACE = re.compile(r"(?:file://)?(?P<file>[^\n]+?):(?P<line>\d{1,9})(?::\d{1,9})?")
_FORK = re.compile(r"\[fork-\d+\]$")
_KEPT = re.compile(r"[^\w./:+=,@%-]")
"""Characters that a glob, a shell or make would read as something else."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source file, as the test framework names it: a path of any kind, or only the name of the file."""

    file: str
    line: int


def place_in(location: str | None) -> Place | None:
    """The place in a case's location, such as `FooTest.java:17` or `file:///src/a.mjs:3:1`; None if it has none."""
    match = _PLACE.fullmatch(location) if location else None
    return Place(match["file"], int(match["line"])) if match else None


def failed_cases(record: Record | None) -> list[Case]:
    """The cases of a unit that fail it, those that were not run last."""
    failed = [case for case in record.cases if case.status not in GREEN] if record else []
    return sorted(failed, key=lambda case: case.status == Status.NOT_RUN)


def counts_of(records: Iterable[Record]) -> dict[str, int]:
    """Status to number of cases, in the order of statuses, only those that occur."""
    counter: Counter[Status] = Counter()
    for record in records:
        if record.cases:
            counter.update([case.status for case in record.cases])
    return {status: counter[status] for status in Status if counter[status]}


def is_explained(record: Record, failed: Iterable[Case]) -> bool:
    """Whether failed cases are all that is wrong with the unit, so that nothing is left to say of itself."""
    return record.status == Status.FAILED and any(failed)


def without_fork(unit: str) -> str:
    """The id of a unit; that of a fork without its number, because a class may be in another fork each time."""
    return _FORK.sub("", unit)


def selection_of(failed: Iterable[Case]) -> str | None:
    """The terms that select these cases, as SELECT= takes them, in need of single quotes only; None if too many.

    What would mean something else in them is `?`, which stands for any character.
    """
    cases = list(failed)
    single = len(cases) <= MAX_SINGLE
    terms = list(dict.fromkeys(_term(case, single=single) for case in cases if case.class_name))
    return " ".join(terms) if 0 < len(terms) <= MAX_TERMS else None


def _term(case: Case, *, single: bool) -> str:
    class_name = _KEPT.sub("?", case.class_name)
    if not single or not case.name:
        return class_name
    without_parameters = re.split(r"[\[(]", case.name, maxsplit=1)[0] or case.name
    return f"{class_name}#{_KEPT.sub('?', without_parameters)}"


def again(record: Record, call: str) -> str:
    """The command that runs a unit again; of a fork the classes or cases that failed, whatever fork they are in then.

    `call` is how make is called for such a run.
    """
    if record.fork is None:
        return record.reproducer
    terms = selection_of(failed_cases(record))
    return _selecting(terms, record, call) if terms else record.reproducer


def again_for(case: Case, record: Record, call: str) -> str:
    """The command that runs one case again, if its unit can select it; else that of the unit."""
    terms = selection_of([case]) if record.fork is not None else None
    return _selecting(terms, record, call) if terms else record.reproducer


def _selecting(terms: str, record: Record, call: str) -> str:
    """The command that runs what `terms` select in the forks of a module, with the seeds that the fork had."""
    seeds = f" SEED={record.seeds}" if record.seeds and record.seed_source != "fixed" else ""
    return f"{call} test-{record.variant}-{record.module}{seeds} SELECT='{terms}'"


def class_prefixes(units: Iterable[str]) -> Mapping[str, str]:
    """What comes before the names of classes, by unit id without fork, where several units of a module may run them.

    Without that, tools that know tests by class and name would mix up the cases of two variants, or of two chunks.
    """
    ids = list(dict.fromkeys(map(without_fork, units)))
    variants: dict[str, set[str]] = {}
    for unit in ids:
        variant, _, module = unit.partition("/")
        variants.setdefault(module.partition("[")[0], set()).add(variant)
    prefixes = {}
    for unit in ids:
        variant, _, module = unit.partition("/")
        name, bracket, _ = module.partition("[")
        prefixes[unit] = (f"{variant}." if len(variants[name]) > 1 else "") + (f"{module}." if bracket else "")
    return prefixes
