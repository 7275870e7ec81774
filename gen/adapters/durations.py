"""Durations of tests: from JUnit reports of another runner, and from what it left in build trees."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import open_regular
from longpole.rts_tests.results.junit_xml import parse_junit

_TREES = ("", "*/", "*/*/")
"""Where a project may have build trees."""


def in_build_trees(root: Path, file: str, parse: Callable[[str], Mapping[str, float]]) -> dict[str, float]:
    """Seconds by test, as `parse` reads them in this file of each build tree; the longest of several."""
    found: dict[str, float] = {}
    for path in (path for tree in _TREES for path in sorted(root.glob(f"{tree}{file}"))):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for name, seconds in parse(text).items():
            found[name] = max(seconds, found.get(name, 0.0))
    return found


def read_durations(paths: Sequence[str]) -> dict[str, float]:
    """Seconds by the name of a test, and by `class#name` where there is a class; the longest of several.

    Raises `UseError` for a file that is no report.
    """
    found: dict[str, float] = {}
    for path in paths:
        try:
            with open_regular(path) as file:
                parsed = parse_junit(file.read)
        except OSError as error:
            what = error.strerror or "cannot be read"
            raise UseError.at(path, what, "name a JUnit report") from None
        if parsed.problem is not None or not parsed.cases:
            raise UseError.at(path, parsed.problem or "has no tests", "name a JUnit report")
        for case in parsed.cases:
            for name in {case.id, case.name}:
                found[name] = max(found.get(name, 0.0), case.seconds)
    return found
