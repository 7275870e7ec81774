"""CTest: small tests grouped, each group a module that CTest itself runs, by the exact names of its tests.

So all that a test's properties say keeps CTest's meaning: regular expressions of its output, the environment, its
folder and timeout, what skips or must fail. What decides beside which tests it may run is the suite's: locks, slots,
`exclusive`. Longpole's client configures and builds the project, and leaves the script that runs tests.
"""

import math
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from longpole.gen.adapters.cmake_presets import DEBUG, PRESETS, Variant, read_variants
from longpole.gen.adapters.ctest_list import CTestTest, bundles, parse_costs, parse_list
from longpole.gen.adapters.durations import in_build_trees
from longpole.gen.adapters.grouping import LEAST_S, MAX_PATTERN, UNKNOWN_S, groups, pattern_bytes, weight_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for, title_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.placeholders import escape

OLDEST = (3, 21)
"""The CTest that can write JUnit XML."""
TIMEOUT_S = 1500
"""CTest's own, for tests that do not say."""
_RUN = "{target_dir}/longpole/ctest"
_JOBS = "CTEST_PARALLEL_LEVEL"
_COSTS = "Testing/Temporary/CTestCostData.txt"
_INCLUDED = ("*.cmake", "cmake/**/*.cmake", "CMake/**/*.cmake", "*/CMakeLists.txt")
_ENABLES = re.compile(r"(?im)^[^#\n]*\b(enable_testing\s*\(|include\s*\(\s*CTest\b)")


@dataclass(frozen=True, slots=True)
class CTestTests:
    """The tests of a project, by variant; `durations` are those that CTest measured before, in any build tree."""

    project: str
    variants: tuple[Variant, ...]
    tests: Mapping[str, tuple[CTestTest, ...]]
    durations: Mapping[str, float]
    unmapped: tuple[Problem, ...] = ()


class CTest:
    """The adapter."""

    name = "ctest"
    title = "CTest"
    looks_for = "CMakeLists.txt that calls enable_testing() or include(CTest)"

    def detect(self, root: Path) -> str | None:
        """The project's `CMakeLists.txt`, where it enables tests, or a file that it may include does."""
        name = "CMakeLists.txt"
        if not (root / name).is_file():
            return None
        files = chain([root / name], *(sorted(root.glob(pattern)) for pattern in _INCLUDED))
        return name if any(map(_enables_tests, files)) else None

    def read(self, root: Path, settings: Settings) -> CTestTests:
        """Configure and build each variant, and list its tests. A preset that cannot be built here is unmapped."""
        _refuse_old(output_of(root, "ctest", "--version"))
        variants, problems = read_variants(root)
        tests: dict[str, tuple[CTestTest, ...]] = {}
        errors: list[UseError] = []
        for variant in variants:
            tree = f"target-{variant.name}"
            client = (sys.executable, f"{clients_folder()}/ctest", tree, "make", *variant.arguments)
            try:
                output_of(root, *client, remedy="mend the build")
            except UseError as error:
                errors.append(error)
                what = f"the preset {variant.name} cannot be built here: {error.problems[0].what}"
                problems.append(Problem(PRESETS, None, None, what, "add it to `variants` when it can"))
            else:
                listed = (root / tree / "longpole/tests.json").read_text(encoding="utf-8", errors="replace")
                tests[variant.name] = parse_list(listed)
        if not tests:
            raise errors[0]
        built = tuple(variant for variant in variants if variant.name in tests)
        return CTestTests(root.resolve().name, built, tests, in_build_trees(root, _COSTS, parse_costs), tuple(problems))

    def to_suite(self, tests: CTestTests, settings: Settings) -> Draft:
        """A module a group of tests; a variant a preset, or one that is built for debugging."""
        modules: list[Entry] = []
        unmapped = [_unmapped(test) for test in _merged(tests) if not test.name.isprintable()]
        for entry in _modules(tests, settings):
            modules.append(replace(entry, name=name_for(entry.name, [each.name for each in modules])))
        return Draft(
            name_for(tests.project),
            tuple(_variant(variant) for variant in tests.variants),
            tuple(modules),
            defaults={
                "build": ["{longpole_python}", "{clients}/ctest", "{target_dir}", "{make}", "{args}"],
                "run": [_RUN, "{args}"],
                "select": [_RUN, "{cases}"],
                "env": {_JOBS: "1"},
            },
            limits={"timeout": TIMEOUT_S},
            unmapped=(*tests.unmapped, *unmapped),
        )

    def names(self, tests: CTestTests) -> Collection[str]:
        """As `ctest -N` prints them; a name as often as there are tests of that name."""
        return [test.name for test in _merged(tests)]

    def together(self, run: Sequence[str], target_dir: Path) -> list[tuple[str, ...]] | None:
        """The tests of a build tree that one unit has to run, if `run` is this adapter's; None if it is not built."""
        if run[0] != _RUN:
            return []
        try:
            listed = (target_dir / "longpole/tests.json").read_text(encoding="utf-8", errors="replace")
            return [tuple({test.name for test in bundle}) for bundle in bundles(parse_list(listed))]
        except (OSError, UseError):
            return None

    def name_of(self, case: Case, module: str) -> str | None:
        """The name of the test."""
        return case.name or None


def _enables_tests(path: Path) -> bool:
    try:
        return _ENABLES.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def _refuse_old(version: str) -> None:
    found = re.search(r"(\d+)\.(\d+)", version)
    if found is None or tuple(map(int, found.groups())) < OLDEST:
        raise UseError.at("", f"{version.splitlines()[0]} is too old", "install CMake 3.21 or later")


def _merged(tests: CTestTests) -> list[CTestTest]:
    """The tests of all variants: those of the first, then what others have more."""
    merged: list[CTestTest] = []
    for listed in tests.tests.values():
        known = {test.name for test in merged}
        merged += [test for test in listed if test.name not in known]
    return merged


def _unmapped(test: CTestTest) -> Problem:
    what = f"the test {test.name!r} has a name that no suite can hold"
    return Problem(test.place, None, None, what, "give it a name of printable characters")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tests must have in common to share a unit."""

    variants: tuple[str, ...]
    labels: tuple[str, ...]
    locks: tuple[str, ...]
    processors: int
    serial: bool


def _modules(tests: CTestTests, settings: Settings) -> Iterable[Entry]:
    """An entry for each unit; several may have the same name."""
    where = {name: {test.name for test in listed} for name, listed in tests.tests.items()}
    by_kind: dict[_Kind, list[tuple[CTestTest, ...]]] = {}
    for bundle in bundles(test for test in _merged(tests) if test.name.isprintable()):
        variants = tuple(name for name, names in where.items() if any(test.name in names for test in bundle))
        kind = _Kind(
            variants if len(variants) < len(where) else (),
            _sorted(test.labels for test in bundle),
            _sorted(test.locks for test in bundle),
            max(test.processors for test in bundle),
            any(test.serial for test in bundle),
        )
        by_kind.setdefault(kind, []).append(bundle)
    durations = {**tests.durations, **settings.durations}
    share = sum(_seconds(test, durations) for bundle in chain(*by_kind.values()) for test in bundle) / settings.jobs
    for kind, found in by_kind.items():
        first = {bundle[0].name: bundle for bundle in found}
        seconds = {name: sum(_seconds(test, durations) for test in bundle) for name, bundle in first.items()}
        is_known = all(test.name in durations or test.disabled for bundle in found for test in bundle)
        # A group of tests of unknown duration may be anything, so there are as many as level it out.
        for group in groups(list(first), seconds, jobs=settings.jobs, least_s=LEAST_S if is_known else 0.0):
            for part in _parts([first[name] for name in group.tests]):
                entry = _entry(tests.project, kind, part, sum(seconds[bundle[0].name] for bundle in part))
                is_long = any(len(bundle) > 2 and seconds[bundle[0].name] > share for bundle in part)
                yield _parallel(entry, settings.jobs) if is_long and not kind.serial else entry


def _sorted(texts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(set(chain.from_iterable(texts))))


def _seconds(test: CTestTest, durations: Mapping[str, float]) -> float:
    if test.disabled:
        return 0.0
    return durations.get(test.name, UNKNOWN_S if test.cost is None else max(0.0, test.cost))


def _parts(found: Sequence[tuple[CTestTest, ...]]) -> Iterable[list[tuple[CTestTest, ...]]]:
    """Bundles of one group, in as many parts as regular expressions need."""
    part: list[tuple[CTestTest, ...]] = []
    size = 0
    for bundle in found:
        more = sum(pattern_bytes(test.name) for test in bundle)
        if part and size + more > MAX_PATTERN:
            yield part
            part, size = [], 0
        part.append(bundle)
        size += more
    yield part


def _entry(project: str, kind: _Kind, part: Sequence[tuple[CTestTest, ...]], seconds: float) -> Entry:
    tests = list(chain.from_iterable(part))
    names = list(dict.fromkeys(test.name for test in tests))
    keys: dict[str, Any] = {"weight": weight_of(seconds)}
    if kind.labels:
        keys["labels"] = list(dict.fromkeys(name_for(label) for label in kind.labels))
    if kind.locks:  # a lock of CTest is one of a project, a lock of Longpole one of a machine
        keys["locks"] = list(dict.fromkeys(name_for(f"{project}-{lock}") for lock in kind.locks))
    if kind.processors > 1:
        keys["slots"] = kind.processors
    if kind.serial:
        keys["exclusive"] = True
    timeout = sum(test.timeout or 0 for test in tests) + (TIMEOUT_S if any(not test.timeout for test in tests) else 0)
    if timeout > TIMEOUT_S:
        keys["timeout"] = math.ceil(timeout)
    if kind.variants:
        keys["only"] = list(kind.variants)
    keys["args"] = [escape(name) for name in names]
    if all(test.disabled for test in tests):  # CTest skips them, and then says that there were none
        keys["env"] = {"CTEST_NO_TESTS_ACTION": "ignore"}
    keys["results"] = {"junit": "ctest.xml"}
    together = tuple(tuple(dict.fromkeys(test.name for test in bundle)) for bundle in part if len(bundle) > 1)
    return Entry(title_for(names), keys, _comment(part, tests), tuple(names), together)


def _parallel(entry: Entry, jobs: int) -> Entry:
    """The entry of tests that cannot be apart, and are more than a job's share: CTest runs several of them at once."""
    keys = {**entry.keys, "slots": max(jobs, entry.keys.get("slots", 1)), "env": {_JOBS: str(jobs)}}
    more = f"They would be the longest unit, so CTest runs up to {jobs} of them at once."
    return replace(entry, keys=keys, comment=f"{entry.comment}\n{more}".strip())


def _comment(part: Sequence[tuple[CTestTest, ...]], tests: Iterable[CTestTest]) -> str:
    lines = []
    disabled = [test.name for test in tests if test.disabled]
    if disabled:
        lines.append(f"Disabled in CMake, thus skipped: {', '.join(disabled)}.")
    if any(test.fixtures for bundle in part if len(bundle) > 1 for test in bundle):
        lines.append("The tests of a fixture share a unit: so its set-up runs once.")
    return "\n".join(lines)


def _variant(variant: Variant) -> Entry:
    keys = {"build_args": list(variant.arguments)}
    if variant != DEBUG:
        return Entry(variant.name, keys)
    return Entry(variant.name, keys, "Another one: `release: {build_args: [-DCMAKE_BUILD_TYPE=Release]}`.")


ADAPTER = CTest()
