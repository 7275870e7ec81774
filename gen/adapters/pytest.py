"""pytest: one module, whose forks share the test files.

pytest itself says which tests there are, by Longpole's client, in the project's Python and with the project's options.
"""

import json
import os
import tomllib
from collections.abc import Collection
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters.grouping import seconds_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.project_python import project_python

_PATTERNS = ("test_*.py", "*_test.py")
_OLDEST_WARM = (3, 10)
_CLIENT = "{clients}/pytest"


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its id, its file, and its name below the file, as cases of forks have them."""

    id: str
    file: str
    name: str

    @property
    def in_junit(self) -> str:
        """`class#name` as pytest writes it to JUnit XML: `tests.test_a.TestGroup#test_b`."""
        *classes, name = self.name.split("::")
        return f"{'.'.join([self.file.removesuffix('.py').replace('/', '.'), *classes])}#{name}"


@dataclass(frozen=True, slots=True)
class Collected:
    """What pytest collected in a project, and what its configuration says."""

    project: str
    tests: tuple[Test, ...]
    numprocesses: bool
    """Whether the configuration starts workers of pytest-xdist."""
    coverage: bool
    python: tuple[int, ...]
    seeds: tuple[str, ...] = ()
    """The options that give a seed to plugins which put tests into a random order."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the tests, in their order."""
        return tuple(dict.fromkeys(test.file for test in self.tests))


class Pytest:
    """The adapter."""

    name = "pytest"
    title = "pytest"
    looks_for = "a configuration of pytest, or test_*.py in tests/, test/ or here"

    def detect(self, root: Path) -> str | None:
        """A configuration of pytest; else a test file in `tests`, in `test` or in the project's folder."""
        for name in ("pytest.ini", ".pytest.ini", "conftest.py", "tests/conftest.py"):
            if (root / name).is_file():
                return name
        if _is_in_pyproject(root / "pyproject.toml"):
            return "pyproject.toml"
        for name, section in (("setup.cfg", "tool:pytest"), ("tox.ini", "pytest")):
            if _has_section(root / name, section):
                return name
        for folder in ("tests", "test", "."):
            files = sorted(path for pattern in _PATTERNS for path in (root / folder).glob(pattern))
            if files:
                return str(files[0].relative_to(root))
        return None

    def read(self, root: Path, settings: Settings) -> Collected:
        """The tests that pytest collects."""
        python = project_python(os.environ, None)
        remedy = (
            "make `python -m pytest --collect-only` work; .venv, or the active environment, is the project's Python"
        )
        text = output_of(root, python, f"{clients_folder()}/pytest", "collect", remedy=remedy)
        try:
            found: dict[str, Any] = json.loads(text)
            tests = tuple(Test(*row) for row in found["tests"])
            version = tuple(int(part) for part in found["python"].split(".")[:2])
            workers, coverage = bool(found["numprocesses"]), bool(found["coverage"])
            seeds = tuple(map(str, found["seeds"]))
        except (ValueError, TypeError, KeyError):
            raise UseError.at("", "pytest did not list its tests as expected", remedy) from None
        return Collected(root.resolve().name, tests, workers, coverage, version, seeds)

    def to_suite(self, tests: Collected, settings: Settings) -> Draft:
        """One module with forks."""
        extra = ["-n0"] if tests.numprocesses else []
        seeds = [f"{option}={{first_seed}}" for option in tests.seeds]
        seconds = sum(seconds_of(test.in_junit, settings.durations) for test in tests.tests)
        forks: dict[str, Any] = {
            "list": ["{python}", _CLIENT, "list", *extra],
            "run": ["{python}", _CLIENT, "run", "{classes_file}", *extra, *seeds],
            "max_forks": max(1, min(settings.jobs, len(tests.files), 64)),
        }
        if tests.python >= _OLDEST_WARM and not tests.coverage:
            forks["warm"] = "pytest"
        comment = "The test files, shared by processes of pytest: the longest first, as history knows them."
        if extra:
            comment += "\n`-n0`: Longpole's forks take the place of pytest-xdist's workers."
        keys: dict[str, Any] = {"weight": round(max(seconds, 0.1), 1)}
        if tests.seeds:
            keys |= {"seeds": 1, "seed_policy": "commit"}
            comment += "\nThe order of tests is random, and the same whenever a commit is tested; `SEED=7` is another."
        module = Entry("tests", {**keys, "forks": forks}, comment)
        return Draft(name_for(tests.project), (Entry("python", {}),), (module,))

    def names(self, tests: Collected) -> Collection[str]:
        """`file::name`, as pytest prints it below the project's folder."""
        return [f"{test.file}::{test.name}" for test in tests.tests]

    def name_of(self, case: Case, module: str) -> str | None:
        """The class of a fork's case is the file."""
        return f"{case.class_name}::{case.name}" if case.name else None


def _is_in_pyproject(path: Path) -> bool:
    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False
    return isinstance(tool, dict) and "pytest" in tool


def _has_section(path: Path, section: str) -> bool:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ConfigError):
        return False
    return parser.has_section(section)


ADAPTER = Pytest()
