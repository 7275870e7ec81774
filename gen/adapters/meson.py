"""Meson: small tests grouped, each group a module that Longpole's client `batch` runs, by the tests' exact names.

Longpole's client `meson` configures and builds the project, and lists its tests as Meson's own runner knows them; what
a test is, its command, environment, folder, timeout and protocol, stays in that list, and follows the project. What
decides beside which tests it may run is the suite's.
"""

import json
import math
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters.durations import in_build_trees
from longpole.gen.adapters.grouping import LEAST_S, UNKNOWN_S, groups, weight_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for, title_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.quantities import count

TARGET_DIR = "target-meson"
"""The target directory of the variant, in which the tests are built already when they are listed."""
OLDEST = (1, 0)
TIMEOUT_S = 600
"""Longpole's own limit for a unit."""
ENDLESS_S = 6 * 3600
"""What a unit may take if it has a test without a timeout."""
_MAX_PRIORITY = 10
_BATCH = ("{longpole_python}", "-ES", "{clients}/batch/run.py", "{target_dir}/longpole/tests.jsonl")
_FILE = "meson.build"
_TEST = re.compile(r"(?m)^[^#'\n]*\btest\s*\(")
_LEFT_OUT = frozenset({"subprojects", "node_modules"})


@dataclass(frozen=True, slots=True)
class MesonTest:
    """A test; `name` is the one that tells it apart, `names` are those that Meson prints for it."""

    name: str
    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    timeout: float | None = 30
    """Seconds; None for no limit."""
    is_parallel: bool = True
    priority: int = 0


@dataclass(frozen=True, slots=True)
class MesonTests:
    """The tests that `meson test` runs, in its order; `durations` are those that it measured before, in any build tree.

    `setups` are the test setups that are not in force, `benchmarks` the number of benchmarks.
    """

    project: str
    tests: tuple[MesonTest, ...]
    durations: Mapping[str, float]
    setups: tuple[str, ...] = ()
    benchmarks: int = 0


class Meson:
    """The adapter."""

    name = "meson"
    title = "Meson"
    looks_for = "meson.build that calls test()"

    def detect(self, root: Path) -> str | None:
        """The project's `meson.build`, where that or one in a folder below defines a test."""
        if not (root / _FILE).is_file():
            return None
        return _FILE if any(map(_defines_tests, _build_files(root))) else None

    def read(self, root: Path, settings: Settings) -> MesonTests:
        """Configure and build, and list the tests."""
        _refuse_old(output_of(root, "meson", "--version"))
        output_of(root, sys.executable, f"{clients_folder()}/meson", TARGET_DIR, remedy="mend the build")
        folder = root / TARGET_DIR / "longpole"
        head, *rows = _rows(folder / "tests.jsonl")
        benchmarks = len(_rows(folder / "benchmarks.jsonl")) - 1
        in_force = head["setup"]
        tests = tuple(_test(row, head) for row in rows if in_force not in row["excluded_by"])
        setups = tuple(name for name in head["setups"] if name != in_force)
        durations = in_build_trees(root, "meson-logs/testlog.json", parse_log)
        return MesonTests(str(head["project"]), tests, durations, setups, benchmarks)

    def to_suite(self, tests: MesonTests, settings: Settings) -> Draft:
        """A variant with the project's own options, and a module a group of tests."""
        modules: list[Entry] = []
        for entry in _modules(tests, settings):
            modules.append(Entry(name_for(entry.name, [each.name for each in modules]), entry.keys, entry.comment))
        build = ["{longpole_python}", "{clients}/meson", "{target_dir}", "{args}"]
        return Draft(
            name_for(tests.project),
            (Entry("meson", {}, _variants(tests)),),
            tuple(modules),
            defaults={
                "build": build,
                "run": [*_BATCH, "{args}"],
                "select": [*_BATCH, "{cases}"],
            },
            unmapped=tuple(_unmapped(test) for test in tests.tests if not _fits(test.name)),
        )

    def names(self, tests: MesonTests) -> Collection[str]:
        """As `meson test` takes them: with their projects where several have the same name."""
        return [test.name for test in tests.tests]

    def name_of(self, case: Case, module: str) -> str | None:
        """The name of the test; it is a class, whose cases are what it tells itself."""
        return case.class_name or None


def _build_files(root: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(root):
        below[:] = sorted(each for each in below if not each.startswith((".", "target-")) and each not in _LEFT_OUT)
        if _FILE in names:
            yield Path(folder, _FILE)


def _defines_tests(path: Path) -> bool:
    try:
        return _TEST.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def _refuse_old(version: str) -> None:
    found = re.match(r"(\d+)\.(\d+)", version)
    if found is None or tuple(map(int, found.groups())) < OLDEST:
        raise UseError.at("", f"Meson {version.strip()[:100]} is too old", "install Meson 1.0 or later")


def _rows(path: Path) -> list[Any]:
    """The lines of a list that the client has written. Raises `UseError` if there are none."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):
        raise UseError.at(str(path), "was not written", "remove its build tree, and try again") from None


def _test(row: Mapping[str, Any], head: Mapping[str, Any]) -> MesonTest:
    project, name = row["project"], row["names"][0]
    pairs = [suite.partition(":")[::2] for suite in row["suites"]]
    suites = "+".join(suite for _, suite in pairs if suite)
    printed = (
        row["id"],
        f"{suites} - {project}:{name}" if suites else f"{project}:{name}",
        f"{project}:{suites} / {name}" if suites else f"{project} / {name}",
        f"{project}#{name}",
        name,
    )
    labels = [suite if of == head["project"] else f"{of}-{suite}".rstrip("-") for of, suite in pairs]
    multiplier = head["setups"].get(head["setup"], {}).get("multiplier", 1)
    timeout = None if row["timeout"] is None or multiplier <= 0 else row["timeout"] * multiplier
    return MesonTest(
        row["id"],
        tuple(dict.fromkeys(printed)),
        tuple(sorted({name_for(label) for label in labels if label})),
        timeout,
        row["is_parallel"],
        row["priority"],
    )


def parse_log(text: str) -> dict[str, float]:
    """Seconds by the name that Meson printed, in `testlog.json`; lines that are no test are passed over."""
    found = {}
    for line in text.splitlines():
        try:
            row = json.loads(line)
            name, seconds = row["name"], float(row["duration"])
        except (ValueError, LookupError, TypeError):
            continue
        if isinstance(name, str) and 0 <= seconds < math.inf:
            found[name] = seconds
    return found


def _fits(name: str) -> bool:
    return name.isprintable() and name != ""


def _unmapped(test: MesonTest) -> Problem:
    return Problem(_FILE, None, None, f"the test {test.name!r} has a name that no suite can hold", "rename it")


def _seconds(test: MesonTest, durations: Mapping[str, float]) -> float | None:
    """What the test took; None if nobody knows."""
    return next((durations[name] for name in test.names if name in durations), None)


def _modules(tests: MesonTests, settings: Settings) -> Iterator[Entry]:
    """An entry for each unit; several may have the same name."""
    durations = {**tests.durations, **settings.durations}
    by_kind: dict[tuple[tuple[str, ...], bool], list[MesonTest]] = {}
    for test in tests.tests:
        if _fits(test.name):
            by_kind.setdefault((test.labels, test.is_parallel), []).append(test)
    for (labels, is_parallel), found in by_kind.items():
        of_name = {test.name: test for test in found}
        known = {test.name: _seconds(test, durations) for test in found}
        # What has a priority is to start early, so it counts as longer where nobody knows how long it is.
        seconds = {
            name: UNKNOWN_S * (1 + min(max(of_name[name].priority, 0), _MAX_PRIORITY)) if took is None else took
            for name, took in known.items()
        }
        # A group of tests of unknown duration may be anything, so there are as many as level it out.
        least_s = LEAST_S if None not in known.values() else 0.0
        for group in groups(list(of_name), seconds, jobs=settings.jobs, least_s=least_s):
            yield _entry([of_name[name] for name in group.tests], labels, is_parallel, group.seconds)


def _entry(tests: Sequence[MesonTest], labels: tuple[str, ...], is_parallel: bool, seconds: float) -> Entry:
    keys: dict[str, Any] = {"weight": weight_of(seconds)}
    if labels:
        keys["labels"] = list(labels)
    if not is_parallel:
        keys["exclusive"] = True
    endless = [test.name for test in tests if test.timeout is None]
    # the client ends tests that take too long itself, and needs a moment for each
    timeout = ENDLESS_S if endless else math.ceil(sum((test.timeout or 0) + 2 for test in tests))
    if timeout > TIMEOUT_S:
        keys["timeout"] = timeout
    names = [test.name for test in tests]
    keys["args"] = [name.replace("{", "{{").replace("}", "}}") for name in names]
    keys["results"] = {"protocol": "stdout"}
    return Entry(title_for(names), keys, f"Without a timeout in Meson: {', '.join(endless)}." if endless else "")


def _variants(tests: MesonTests) -> str:
    lines = ["Another one: `release: {build_args: [--buildtype=release]}`."]
    if tests.setups:
        lines.append(f"Test setups: {', '.join(tests.setups)}; a variant has one by `env: {{TEST_SETUP: NAME}}`.")
    if tests.benchmarks:
        lines.append(
            f"As with `meson test`, {count(tests.benchmarks, 'benchmark')} in longpole/benchmarks.jsonl are not run."
        )
    return "\n".join(lines)


ADAPTER = Meson()
