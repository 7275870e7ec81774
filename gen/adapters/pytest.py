"""pytest: one module, whose forks share the test files.

pytest itself says which tests there are, by Longpole's client, in the project's Python and with the project's options.
"""

import json
import os
import shlex
import tomllib
from collections.abc import Collection
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from longpole.gen.adapters.below import files_below
from longpole.gen.adapters.grouping import ROUNDS, seconds_of, weight_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.placeholders import escape
from longpole.rts_tests.contracts.project_python import project_python

_SECTIONS = {"setup.cfg": "tool:pytest", "tox.ini": "pytest"}
_INIS = ("pytest.ini", ".pytest.ini")
_PYTHON = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "noxfile.py")
"""What shows that this is a project of Python."""
_ENVIRONMENTS = ("VIRTUAL_ENV", "CONDA_PREFIX")
_KEEPERS = ("tox.ini", "noxfile.py", "hatch.toml")
_PATTERNS = ("test_*.py", "*_test.py")
_OLDEST_WARM = (3, 10)
_LEAST_SPLIT_S = 2.0
_CLIENT = "{clients}/pytest"


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its id, its file, and its name below the file, as cases of forks have them."""

    id: str
    file: str
    name: str

    @property
    def part(self) -> str:
        """The class or function of the file that the test is, or is in."""
        return self.name.partition("[")[0].partition("::")[0]

    @property
    def in_junit(self) -> str:
        """`class#name` as pytest writes it to JUnit XML: `tests.test_a.TestGroup#test_b`."""
        before, bracket, parameters = self.name.partition("[")
        *classes, name = before.split("::")
        file = self.file.removesuffix(".py").replace("/", ".")
        return f"{'.'.join([file, *classes])}#{name}{bracket}{parameters}"


@dataclass(frozen=True, slots=True)
class Collected:
    """What pytest collected in a project, and what its configuration says."""

    project: str
    tests: tuple[Test, ...]
    numprocesses: bool
    """Whether the configuration starts workers of pytest-xdist."""
    coverage: bool
    """Whether the configuration measures coverage by pytest-cov."""
    python: tuple[int, ...]
    seeds: tuple[str, ...] = ()
    """The options that give a seed to plugins which put tests into a random order."""
    apart: tuple[str, ...] = ()
    """Configurations of pytest in folders of the project: they hold where pytest is started there."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the tests, in their order."""
        return tuple(dict.fromkeys(test.file for test in self.tests))


class Pytest:
    """The adapter."""

    name = "pytest"
    title = "pytest"
    looks_for = "a configuration of pytest, or test_*.py in tests/, test/ or here, or anywhere in a project of Python"

    def detect(self, root: Path) -> str | None:
        """A configuration of pytest; else a test file in `tests`, in `test` or in the project's folder.

        In a project of Python test files may be anywhere, as in the folders of its packages.
        """
        for name in ("pytest.ini", ".pytest.ini", "conftest.py", "tests/conftest.py", "pyproject.toml", *_SECTIONS):
            if _has_settings(root / name) or (name.endswith("conftest.py") and (root / name).is_file()):
                return name
        for folder in ("tests", "test", "."):
            files = sorted(path for pattern in _PATTERNS for path in (root / folder).glob(pattern))
            if files:
                return str(files[0].relative_to(root))
        if not any((root / name).is_file() for name in _PYTHON):
            return None
        return next((name for name in files_below(root) if _is_test_file(name)), None)

    def read(self, root: Path, settings: Settings) -> Collected:
        """The tests that pytest collects."""
        python = project_python(os.environ, None)
        remedy = _remedy(root)
        text = output_of(root, python, f"{clients_folder()}/pytest", "collect", remedy=remedy)
        try:
            found: dict[str, Any] = json.loads(text)
            tests = tuple(Test(*row) for row in found["tests"])
            version = tuple(int(part) for part in found["python"].split(".")[:2])
            workers, coverage = bool(found["numprocesses"]), bool(found["coverage"])
            seeds = tuple(map(str, found["seeds"]))
        except (ValueError, TypeError, KeyError):
            raise UseError.at("", "pytest did not list its tests as expected", remedy) from None
        apart = tuple(name for name in files_below(root) if "/" in name and _has_settings(root / name))
        return Collected(root.resolve().name, tests, workers, coverage, version, seeds, apart)

    def to_suite(self, tests: Collected, settings: Settings) -> Draft:
        """One module with forks."""
        extra = [*(["-n0"] if tests.numprocesses else []), *(["--no-cov"] if tests.coverage else [])]
        seeds = [f"{option}={{first_seed}}" for option in tests.seeds]
        seconds = sum(seconds_of(test.in_junit, settings.durations) for test in tests.tests)
        split = _split(tests, settings)
        forks: dict[str, Any] = {
            "list": ["{python}", _CLIENT, "list", *(f"--split={escape(file)}" for file in split), *extra],
            "run": ["{python}", _CLIENT, "run", "{classes_file}", *extra, *seeds],
            "max_forks": max(1, min(settings.jobs, len(tests.files) + sum(len(split[file]) - 1 for file in split), 64)),
        }
        if tests.python >= _OLDEST_WARM:
            forks["warm"] = "pytest"
        comment = "The test files, shared by processes of pytest: the longest first, as history knows them."
        if split:
            comment += (
                "\n`--split`: the classes and functions of a long file are shared; if they need each other, remove it."
            )
        if tests.coverage:
            comment += "\n`--no-cov`: each process would measure what its own part of the tests covers, and no more."
        if tests.numprocesses:
            comment += "\n`-n0`: Longpole's forks take the place of pytest-xdist's workers."
        keys: dict[str, Any] = {"weight": weight_of(seconds)}
        if tests.seeds:
            keys |= {"seeds": 1, "seed_policy": "commit"}
            comment += "\nThe order of tests is random, and the same whenever a commit is tested; `SEED=7` is another."
        module = Entry("tests", {**keys, "forks": forks}, comment)
        unmapped = tuple(
            Problem(path, None, None, "holds where pytest is started in its folder, and not here", _apart(path))
            for path in tests.apart
        )
        return Draft(name_for(tests.project), (Entry("python", {}),), (module,), unmapped=unmapped)

    def names(self, tests: Collected) -> Collection[str]:
        """`file::name`, as pytest prints it below the project's folder."""
        return [f"{test.file}::{test.name}" for test in tests.tests]

    def name_of(self, case: Case, module: str) -> str | None:
        """The class of a fork's case is the file, or a part of it."""
        return f"{case.class_name.partition('::')[0]}::{case.name}" if case.name else None


def _split(tests: Collected, settings: Settings) -> dict[str, list[str]]:
    """The files that would take longer than half of a fork's share, and their parts, which forks share.

    Where durations are not known, and a few files are all there is, each of them may be that long.
    As with pytest-xdist, fixtures of such a file are set up by each process that has some of its tests.
    """
    seconds, parts = dict[str, float](), dict[str, dict[str, None]]()
    for test in tests.tests:
        seconds[test.file] = seconds.get(test.file, 0.0) + seconds_of(test.in_junit, settings.durations)
        parts.setdefault(test.file, {})[test.part] = None
    least = _LEAST_SPLIT_S
    if settings.durations or len(seconds) >= ROUNDS * settings.jobs:
        least = max(least, sum(seconds.values()) / settings.jobs / 2)
    return {
        file: list(names)
        for file, names in parts.items()
        if settings.jobs > 1 and len(names) > 1 and seconds[file] > least and all(name.isidentifier() for name in names)
    }


def _is_test_file(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name == "conftest.py" or any(fnmatch(name, pattern) for pattern in _PATTERNS)


def _has_settings(path: Path) -> bool:
    """Whether the file configures pytest."""
    if path.name in _INIS:
        return path.is_file()
    if path.name == "pyproject.toml":
        return _is_in_pyproject(path)
    return path.name in _SECTIONS and _has_section(path, _SECTIONS[path.name])


def _apart(path: str) -> str:
    folder = shlex.quote(os.path.dirname(path))
    return f"if its tests need it, give them a suite of their own: longpole -C {folder} init"


def _remedy(root: Path) -> str:
    """What to do where pytest cannot list the tests."""
    if not (root / ".venv").exists() and not any(os.environ.get(name) for name in _ENVIRONMENTS):
        made = next((f"; {name} keeps its environments to itself" for name in _KEEPERS if (root / name).is_file()), "")
        return (
            "give the project an environment with what its tests need, such as `python -m venv .venv && "
            f".venv/bin/pip install pytest -e .`, or activate one{made}"
        )
    return "make `python -m pytest --collect-only` work; .venv, or the active environment, is the project's Python"


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
