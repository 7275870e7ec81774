"""Surefire's reports: the names and durations of tests."""

import re
from collections.abc import Iterator
from pathlib import Path

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.results.junit_xml import parse_junit

_NUMBERS = re.compile(r"(?:\[\d+\])+$")
_ARGUMENTS = re.compile(r"[({].*$", re.DOTALL)


def surefire_name(class_name: str, name: str) -> str:
    """`CLASS#METHOD[NUMBER]`, the same for a case of Longpole's client and for one of Surefire's reports.

    The client writes `Empty.adds(int)[2]` of a class, Surefire `adds{int}[2]` of a class `FooTest$Empty`.
    """
    numbers = _NUMBERS.search(name)
    method = _ARGUMENTS.sub("", name[: numbers.start()] if numbers else name)
    *nested, method = method.split(".")
    return f"{'$'.join([class_name, *nested])}#{method}{numbers[0] if numbers else ''}"


def cases_in(folder: Path, since_ns: int) -> list[str]:
    """The names of the tests in a folder's reports that are at least as new, as `surefire_name` gives them."""
    return [surefire_name(case.class_name, case.name) for case in _cases(folder, since_ns) if case.name]


def seconds_in(folder: Path) -> float:
    """What the tests in a folder's reports took together."""
    return sum(case.seconds for case in _cases(folder, 0))


def _cases(folder: Path, since_ns: int) -> Iterator[Case]:
    for path in sorted(folder.glob("TEST-*.xml")):
        try:
            if path.stat().st_mtime_ns >= since_ns:
                with open(path, "rb") as file:
                    yield from parse_junit(file.read).cases
        except OSError:
            continue
