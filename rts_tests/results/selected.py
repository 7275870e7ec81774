"""Cases that a unit runs alone: the names by which its command selects them, and whether it ran them all."""

from collections.abc import Iterable, Sequence

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.told import ENDED_BY_FORCE, End, Reader, Told

_NOT_RUN = "it was to run alone, and was not run"
_MAX_NAMED = 3


def name_to_select(case: Case, source: str) -> str | None:
    """The name by which a runner selects a case that was read from `source`; None for a class as a whole.

    A subtest of Go or TAP is selected by the outermost test around it, and a case of the protocol by its class.
    """
    if source == "protocol":
        return case.class_name or case.name
    if not case.name:
        return None
    if source == "libtest":
        from longpole.rts_tests.results.libtest import joined_name

        return joined_name(case)
    if source == "go":
        return case.class_name.partition("/")[0] or case.name
    if source == "tap":
        return case.class_name.partition(" > ")[0] or case.name
    return case.id


def names_to_select(cases: Iterable[Case], source: str) -> tuple[str, ...] | None:
    """The names of the cases, each once; None if one of them cannot be selected."""
    names = [name_to_select(case, source) for case in cases]
    return None if None in names else tuple(dict.fromkeys(name for name in names if name))


class SelectedReader:
    """Reads by another reader, and says which of the cases that were to run have no result; see `told.Reader`.

    A runner that is given names which no test has any more runs fewer tests, or none, and may well succeed.
    """

    def __init__(self, reader: Reader, cases: Sequence[Case], source: str) -> None:
        self._reader = reader
        self._cases = cases
        self._source = source

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the output; return what goes to the log for it."""
        return self._reader.feed(data)

    def finish(self, end: End) -> Told:
        """Return what was told, with every case that was not run."""
        told = self._reader.finish(end)
        known = {name_to_select(case, self._source) for case in told.cases}
        missing = [case for case in self._cases if name_to_select(case, self._source) not in known]
        if not missing:
            return told
        not_run = [Case(case.class_name, case.name, Status.NOT_RUN, 0.0, _NOT_RUN) for case in missing]
        problem = told.problem
        if problem is None and end.status not in ENDED_BY_FORCE:
            names = ", ".join(case.id[:200] for case in missing[:_MAX_NAMED])
            problem = f"{count(len(missing), 'case')} to run again did not run: {names}; the next retest runs the unit"
        return Told((*told.cases, *not_run), told.classes, problem, told.output)
