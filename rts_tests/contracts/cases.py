"""Cases: the tests that a unit ran, as its record keeps them.

A case belongs to a class, which is also a file or a module of other frameworks. Only a case that did not pass keeps
texts, and no more of them than reports show: all output is in the unit's log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from longpole.rts_tests.contracts.status import Status

MAX_NAME = 4096
MAX_MESSAGE = 2 * 1024
MAX_DETAILS = 16 * 1024
MAX_OUTPUT = 16 * 1024
"""Characters of each text that are kept."""

MAX_SECONDS = 1e9

CASE_STATUSES = frozenset(
    {
        Status.PASSED,
        Status.FAILED,
        Status.TIMEOUT,
        Status.CRASHED,
        Status.ERROR,
        Status.SKIPPED,
        Status.NOT_RUN,
    }
)
_TEXTS = 4
"""The number of texts at the end of a row."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test that a unit ran. `seconds` is its wall time.

    `name` is empty for a class as a whole, if it told of no case, or failed outside of its cases.
    """

    class_name: str
    name: str
    status: Status
    seconds: float = 0.0
    message: str | None = None
    details: str | None = None
    """Mostly a stack trace."""
    location: str | None = None
    output: str | None = None

    @property
    def id(self) -> str:
        """`Class#name`; only one of the two if the other is empty."""
        return f"{self.class_name}#{self.name}" if self.class_name and self.name else self.class_name or self.name


@dataclass(frozen=True, slots=True)
class ClassResult:
    """The outcome of a class in a fork. `seconds` is its wall time, with what it did outside of its cases."""

    name: str
    status: Status
    seconds: float = 0.0


def shortened(text: str, most: int) -> str:
    """The text; a longer one than `most` characters by its head and its tail, and a note of what is missing."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters omitted here]\n{text[-half:]}"


def case_rows(cases: Iterable[Case]) -> list[list[Any]]:
    """The cases as rows of a record in a file; texts at the end of a row are left out if there are none."""
    return [_row(case) for case in cases]


def _row(case: Case) -> list[Any]:
    row: list[Any] = [case.class_name, case.name, case.status, round(case.seconds, 6)]
    if case.message is not None or case.details is not None or case.location is not None or case.output is not None:
        row += [case.message, case.details, case.location, case.output]
    return row


def cases_in(rows: object) -> tuple[Case, ...]:
    """The cases in rows of a record. Raises `ValueError`, `TypeError` or `KeyError` for what is no such row."""
    if not isinstance(rows, list):
        raise TypeError("not a list of cases")
    return tuple(map(_case, rows))


_BY_TEXT = {str(status): status for status in CASE_STATUSES}


def _case(row: Sequence[Any]) -> Case:
    class_name, name, status, seconds, *texts = row
    if type(class_name) is not str or type(name) is not str or not 0 <= seconds < MAX_SECONDS:
        raise ValueError("not a case")
    if texts and (len(texts) != _TEXTS or not all(text is None or type(text) is str for text in texts)):
        raise ValueError("not a case")
    return Case(class_name, name, _BY_TEXT[status], seconds, *texts)


def class_rows(classes: Iterable[ClassResult]) -> list[list[Any]]:
    """The outcomes of classes as rows of a record in a file."""
    return [[each.name, each.status, round(each.seconds, 6)] for each in classes]


def classes_in(rows: object) -> tuple[ClassResult, ...]:
    """The outcomes of classes in rows of a record. Raises `ValueError`, `TypeError` or `KeyError` for other rows."""
    if not isinstance(rows, list):
        raise TypeError("not a list of classes")
    return tuple(_class(row) for row in rows)


def _class(row: Sequence[Any]) -> ClassResult:
    name, status, seconds = row
    if type(name) is not str or not 0 <= seconds < MAX_SECONDS:
        raise ValueError("not a class")
    return ClassResult(name, _BY_TEXT[status], seconds)
