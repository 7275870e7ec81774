"""Maven: a module with forks for each of Maven's modules that has tests.

Longpole's client lets Maven compile, and Surefire prepare the JVM of each module; it leaves a script for each, which
lists and runs the test classes by Longpole's client for the JUnit Platform.
"""

import json
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters.grouping import weight_of
from longpole.gen.adapters.maven_reports import cases_in, seconds_in, surefire_name
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError

TARGET_DIR = "target-main"
"""The target directory of the variant, for which the tests are prepared already when they are listed."""
CLASS_S = 0.2
"""What a test class is taken to take if nobody knows."""
FORK_S = 2.0
"""Seconds of tests that are worth a JVM of their own."""
_SCRIPTS = "{target_dir}/longpole"
_FAILSAFE = "maven-failsafe-plugin"
_REMEDY = {
    "Surefire": "use maven-surefire-plugin 3, or add junit-platform-launcher to its test dependencies",
    "TestNG": "add org.junit.support:testng-engine to its test dependencies, or a module that runs `mvn test`",
    "JUnit 4": "use JUnit 4.12 or later",
    "JUnit 3": "use JUnit 4.12 or later",
    "JUnit Platform": "use JUnit 5.9 or later",
}


@dataclass(frozen=True, slots=True)
class MavenModule:
    """A module with tests: its name, its folder, its test classes, and where Surefire reports."""

    name: str
    folder: str
    classes: tuple[str, ...]
    reports: str
    seconds: float
    """What its tests took in the last run of Surefire; 0 if there was none."""


@dataclass(frozen=True, slots=True)
class MavenTests:
    """What `mvn test` runs; names of tests only if they are to be verified."""

    project: str
    modules: tuple[MavenModule, ...]
    names: tuple[str, ...]
    unmapped: tuple[Problem, ...]


class Maven:
    """The adapter."""

    name = "maven"
    title = "Maven"
    looks_for = "pom.xml"

    def detect(self, root: Path) -> str | None:
        """The project's pom.xml."""
        return "pom.xml" if (root / "pom.xml").is_file() else None

    def read(self, root: Path, settings: Settings) -> MavenTests:
        """Compile, and ask JUnit for the classes of each module; run the tests if they are to be verified."""
        output_of(root, sys.executable, f"{clients_folder()}/maven", TARGET_DIR, remedy="make `mvn test-compile` work")
        try:
            index = json.loads((root / TARGET_DIR / "modules.json").read_text(encoding="utf-8"))["modules"]
        except (OSError, ValueError, KeyError):
            raise UseError.at(f"{TARGET_DIR}/modules.json", "was not written", "try again") from None
        unmapped = [_problem(each) for each in index if each["problem"]]
        found = []
        for each in index:
            if not each["problem"]:
                script = str((root / TARGET_DIR / "longpole" / each["name"]).resolve())
                classes = tuple(output_of(root, script, "list").split())
                seconds = seconds_in(Path(each["reports"]))
                found.append(MavenModule(each["name"], each["folder"], classes, each["reports"], seconds))
        modules = tuple(each for each in found if each.classes)
        if unmapped and not modules:
            raise UseError(*unmapped)
        unmapped += integration_tests(root)
        names = (
            _ran(root, modules)
            if settings.verifies
            else [f"{each.name} {one}" for each in found for one in each.classes]
        )
        return MavenTests(root.resolve().name, modules, tuple(names), tuple(unmapped))

    def to_suite(self, tests: MavenTests, settings: Settings) -> Draft:
        """One variant, with the profiles and properties that hold by default."""
        comment = "Maven compiles into target/, its only place; {target_dir}/longpole has a script for each module.\n"
        comment += "Another variant may have `build_args: [-Pprofile]` or `[-o]`, of Maven."
        classes = sum(len(each.classes) for each in tests.modules)
        return Draft(
            name_for(tests.project),
            (Entry("main", {}, comment),),
            tuple(_module(each, settings) for each in tests.modules),
            defaults={"build": ["{longpole_python}", "{clients}/maven", "{target_dir}", "{args}"]},
            unmapped=tests.unmapped,
            forms=((f"{_SCRIPTS}/*", "run", "{classes_file}"),),
            contents=f"{classes:,} test class{'' if classes == 1 else 'es'}",
        )

    def names(self, tests: MavenTests) -> Collection[str]:
        """`MODULE CLASS#METHOD` as Surefire reports them, with the number of the arguments."""
        return tests.names

    def name_of(self, case: Case, module: str) -> str | None:
        """As in Surefire's reports."""
        return f"{module} {surefire_name(case.class_name, case.name)}" if case.name else None


def _module(module: MavenModule, settings: Settings) -> Entry:
    reported = sum(
        seconds
        for name, seconds in settings.durations.items()
        if "#" in name and name.partition("#")[0].partition("$")[0] in module.classes
    )
    seconds = reported or module.seconds or CLASS_S * len(module.classes)
    forks: dict[str, Any] = {
        "list": [f"{_SCRIPTS}/{module.name}", "list"],
        "run": [f"{_SCRIPTS}/{module.name}", "run", "{classes_file}"],
        "max_forks": max(1, min(settings.jobs, len(module.classes), round(seconds / FORK_S), 64)),
    }
    return Entry(module.name, {"weight": weight_of(seconds), "forks": forks})


def _problem(module: dict[str, Any]) -> Problem:
    what = module["problem"]
    remedy = next((text for key, text in _REMEDY.items() if key in what), "add a module that runs `mvn test`")
    return Problem(str(Path(module["folder"], "pom.xml")), None, None, f"{module['name']} {what}", remedy)


def integration_tests(root: Path) -> Iterator[Problem]:
    """Failsafe's tests, which need what Maven packages and starts before them."""
    for path in sorted(root.rglob("pom.xml")):
        inside = path.relative_to(root)
        if {"target", "src", "node_modules"} & set(inside.parts) or any(
            each.startswith((".", "target-")) for each in inside.parts
        ):
            continue
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if _FAILSAFE in text:
            what = "has integration tests of Failsafe, which are not in the suite"
            remedy = "add a module with `run: [mvn, -B, verify, -DskipTests]` and `exclusive: true`"
            yield Problem(str(inside), None, None, what, remedy)


def _ran(root: Path, modules: Collection[MavenModule]) -> list[str]:
    """The names of the tests that `mvn test` runs now."""
    with tempfile.NamedTemporaryFile() as now:
        wrapper = root / "mvnw"
        program = str(wrapper.resolve()) if wrapper.exists() else "mvn"
        options = ("-Drat.skip=true", "-Dlicense.skip=true", "-Dmaven.test.failure.ignore=true")
        output_of(root, program, "-q", "-B", "test", *options)
        since = Path(now.name).stat().st_mtime_ns
        found = []
        for each in modules:
            names = cases_in(Path(each.reports), since)
            found += [f"{each.name} {name}" for name in names]
        return found


ADAPTER = Maven()
