"""The classes of a fork whose results come from TAP or JUnit XML: these tell of cases, and not of the classes given.

A framework may write another name than the one by which it is given a class: of a file `tests/test_a.py` pytest writes
`tests.test_a` or `tests.test_a.TestX`, of a class `com.example.FooTest` there may be `com.example.FooTest$Inner`. So a
case belongs to the class of which its own class is a part.
"""

import posixpath
from collections.abc import Iterator, Sequence

from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.told import End, Reader, Told

_SEPARATORS = (".", "$", "#", "/", "::", " > ")
_NOT_RUN = "its results tell of no test of this class"


class OfClasses:
    """Reads by another reader, and says what that means for the classes of the fork; see `told.Reader`."""

    def __init__(self, reader: Reader, given: Sequence[str] | None, *, names_classes: bool) -> None:
        """`given` are the classes of the fork, None if it takes them from a queue.

        With `names_classes`, results that name none of the classes are a problem.
        """
        self._reader = reader
        self._given = given
        self._names_classes = names_classes

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the output; return what goes to the log for it."""
        return self._reader.feed(data)

    def finish(self, end: End) -> Told:
        """Return what was told, with a result for each class if the cases can be attributed."""
        told = self._reader.finish(end)
        own = (self._given or ()) if end.claimed is None else end.claimed
        given = tuple(dict.fromkeys((*own, *end.unclaimed)))
        if not given:
            return told
        groups = group(told.cases, given)
        if told.cases and not any(groups.values()):
            problem = told.problem
            if self._names_classes and problem is None:
                problem = f"its results name none of its classes, such as {given[0][:200]}; they name {_first(told)}"
            return Told(told.cases, (), problem, told.output)
        missing = [Case(name, "", Status.NOT_RUN, 0.0, _NOT_RUN) for name in given if not groups[name]]
        classes = tuple(_result(name, groups[name]) for name in given)
        return Told((*told.cases, *missing), classes, told.problem, told.output)


def group(cases: Sequence[Case], given: Sequence[str]) -> dict[str, list[Case]]:
    """Return the cases of each class; those that belong to none of them are left out."""
    groups: dict[str, list[Case]] = {name: [] for name in given}
    by_name = {form: name for name in given for form in _forms(name)}
    known: dict[str, str | None] = {}
    for case in cases:
        own = case.class_name
        if own not in known:
            known[own] = next((by_name[whole] for whole in _wholes(own) if whole in by_name), None)
        name = known[own]
        if name is not None:
            groups[name].append(case)
    return groups


def _forms(name: str) -> Iterator[str]:
    """The spellings of a class: its own, and for a file that of a module."""
    yield name
    if "/" in name or posixpath.splitext(name)[1] in (".py", ".js", ".mjs", ".cjs", ".ts"):
        path = posixpath.normpath(name)
        yield path
        yield posixpath.splitext(path)[0].replace("/", ".")


def _wholes(name: str) -> Iterator[str]:
    """A class, and all that it is a part of, the smallest first."""
    while name:
        yield name
        name = name[: max(0, *(name.rfind(separator) for separator in _SEPARATORS))]


def _result(name: str, cases: Sequence[Case]) -> ClassResult:
    statuses = {case.status for case in cases}
    if not cases:
        status = Status.NOT_RUN
    elif statuses <= GREEN:
        status = Status.SKIPPED if statuses == {Status.SKIPPED} else Status.PASSED
    else:
        status = Status.FAILED if Status.FAILED in statuses else Status.ERROR
    return ClassResult(name, status, sum(case.seconds for case in cases))


def _first(told: Told) -> str:
    case = told.cases[0]
    return f"`{(case.class_name or case.name)[:200]}`"
