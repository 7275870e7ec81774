"""`--from junit`: the durations that another run of the tests left in JUnit reports, for the adapter that fits.

Surefire, Gradle, Jest, gotestsum, cargo-nextest, CTest, pytest and many others write such reports.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from longpole.gen.adapters.below import files_below
from longpole.gen.adapters.durations import read_durations
from longpole.gen.adapters.registry import Found, found_in
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.quantities import count

NAME = "junit"
MAX_SHOWN = 5
_REPORT = re.compile(
    r"(?:.*/)?(?:TEST-.*|.*junit.*|x?unit.*|nosetests|ctest|(?:test[-_]?)?(?:report|result)s?.*)\.xml"
    r"|(?:.*/)?(?:(?:surefire|failsafe|test)-(?:reports|results)/(?:.*/)?).*\.xml",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports in a project, relative to its folder, and the seconds of their tests."""

    paths: tuple[str, ...]
    durations: Mapping[str, float]

    def __str__(self) -> str:
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"{self.paths[0]}{more}"


def reports_in(root: Path) -> Reports:
    """The reports that a runner left where such reports are usually left. Raises `UseError` if there are none."""
    paths, durations = [], dict[str, float]()
    for path in files_below(root, built=True):
        if _REPORT.fullmatch(path):
            try:
                found = read_durations([str(root / path)])
            except UseError:
                continue  # other XML
            paths.append(path)
            for name, seconds in found.items():
                durations[name] = max(seconds, durations.get(name, 0.0))
    if not paths:
        what = "no JUnit report was found here"
        raise UseError.at("", what, "run the tests so that their runner writes one, or name it by --durations")
    return Reports(tuple(paths), durations)


def adapter_for(root: Path, reports: Reports) -> Found:
    """The adapter that runs the tests of the project, to which the durations are given. Raises `UseError`."""
    found = found_in(root)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{each.adapter.name} ({each.place})" for each in found)
        remedy = f"choose one: --from {found[0].adapter.name} --durations {reports.paths[0]}"
        raise UseError.at("", f"several kinds of tests were found: {names}", remedy)
    tests = {name: seconds for name, seconds in reports.durations.items() if "#" in name} or reports.durations
    what = f"durations of {count(len(tests), 'test')}, but none of a runner that is known: {_longest(tests)}"
    remedy = (
        "write suite.yaml by hand: docs/suite.md begins with an example; a module is a command that runs some of these "
        "tests, its `weight` the seconds that they take, and `results: {junit: FILE}` makes them cases"
    )
    raise UseError.at(str(reports), what, remedy)


def _longest(tests: Mapping[str, float]) -> str:
    """The classes that take longest, with their seconds."""
    classes: dict[str, float] = {}
    for name, seconds in tests.items():
        group = name.partition("#")[0]
        classes[group] = classes.get(group, 0.0) + seconds
    longest = sorted(classes.items(), key=lambda each: (-each[1], each[0]))
    more = f", and {len(longest) - MAX_SHOWN} more" if len(longest) > MAX_SHOWN else ""
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in longest[:MAX_SHOWN]) + more
