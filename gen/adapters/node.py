"""Node: what the test script of package.json calls.

`node --test` becomes forks of Longpole's client, which share the test files. Runners that write JUnit XML or TAP are
one unit with cases, and any other program that the script calls is one unit, whose exit status is its result. What the
script calls before the first runner of tests is the variant's build.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters import node_own_run
from longpole.gen.adapters.grouping import weight_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.node_package import (
    FILE,
    Package,
    bin_folders,
    is_of_all_workspaces,
    is_runner,
    manifest,
    package_in,
    prints_tap,
    program_in,
    workspaces_in,
)
from longpole.gen.adapters.node_part import OF_FILES, Part, part_of
from longpole.gen.adapters.node_script import COVERAGE, Command
from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.quantities import count

_OLDEST = 20
FILE_S, PROGRAM_S = 0.2, 5.0
"""What a test file and a program are taken to take if nobody knows."""


@dataclass(frozen=True, slots=True)
class NodeTests:
    """What `npm test` runs: `before` is built, the parts are modules; `names` are those of tests or of their files."""

    project: str
    before: tuple[str, ...]
    parts: tuple[Part, ...]
    names: tuple[str, ...]
    files: Mapping[str, int]
    """The number of test files by module."""
    unmapped: tuple[Problem, ...] = ()


class Node:
    """The adapter."""

    name = "node"
    title = "Node"
    looks_for = "package.json with a test script"

    def detect(self, root: Path) -> str | None:
        """The package.json that has a test script, workspaces that have, or tests of Node's own runner."""
        try:
            return FILE if _packages(root) else None
        except UseError:
            return FILE

    def read(self, root: Path, settings: Settings) -> NodeTests:
        """The scripts, and the files that are listed; the tests only if they are to be verified, by running them."""
        before: list[str] = []
        parts: list[Part] = []
        unmapped: list[Problem] = []
        for package in _packages(root):
            for each in _parts(root, package, before, unmapped):
                name = name_for(each.name, [part.name for part in parts])
                parts.append(each.named(name))
        names: list[str] = []
        files: dict[str, int] = {}
        if any(part.kind == "node" for part in parts):
            _refuse_old(root)
        for part in parts:
            if settings.verifies:
                names += node_own_run.names(root, part)
            elif part.kind in OF_FILES:
                listed = output_of(root / part.folder, "sh", "-c", node_own_run.list_script(part)).splitlines()
                files[part.name] = len(listed)
                names += [f"{part.name} {file}" for file in listed]
            else:
                names.append(part.name)
        return NodeTests(_project(root), tuple(before), tuple(parts), tuple(names), files, tuple(unmapped))

    def to_suite(self, tests: NodeTests, settings: Settings) -> Draft:
        """One variant; what comes before the tests is its build."""
        keys: dict[str, Any] = {}
        comment = ""
        if tests.before:
            keys = {"build": {"shell": " && ".join(tests.before)}}
            comment = "What `npm test` does before the tests; it writes where the project wants it."
        known = sum(seconds for name, seconds in settings.durations.items() if "#" in name)
        most = sum(tests.files.values())
        modules = []
        for part in tests.parts:
            files = tests.files.get(part.name, 0)
            seconds = known * files / most if known and files else FILE_S * files or PROGRAM_S
            modules.append(part.entry(weight_of(seconds), max(1, min(settings.jobs, files, 64))))
        others = [part.name for part in tests.parts if part.kind not in OF_FILES]
        said = [*([count(most, "test file")] if most else []), *others]
        return Draft(
            name_for(tests.project),
            (Entry("node", keys, comment),),
            tuple(modules),
            unmapped=tests.unmapped,
            contents=", ".join(said),
        )

    def names(self, tests: NodeTests) -> Collection[str]:
        """`MODULE FILE#TEST` of forks, `MODULE CLASS#TEST` of others."""
        return tests.names

    def name_of(self, case: Case, module: str) -> str | None:
        """The module, and what the case is called everywhere."""
        return f"{module} {case.id}" if case.name else None


def _project(root: Path) -> str:
    name = manifest(root).get("name")
    return name.rpartition("/")[2] if isinstance(name, str) and name else root.resolve().name


def _packages(root: Path) -> list[Package]:
    """The packages with tests: the project's own, and its workspaces if its test script runs them, or it has none."""
    own = package_in(root)
    workspaces = workspaces_in(root)
    if not workspaces:
        return [] if own is None else [own]
    inner = [each for each in (package_in(root, folder) for folder in workspaces) if each is not None]
    if own is None:
        return inner
    if own.commands is None or not any(is_of_all_workspaces(command) for command in own.commands):
        return [own]
    rest = tuple(command for command in own.commands if not is_of_all_workspaces(command))
    return [*([Package(own.folder, own.name, own.script, rest)] if rest else []), *inner]


def _parts(root: Path, package: Package, before: list[str], unmapped: list[Problem]) -> Iterator[Part]:
    """What a package's script calls, as parts; what comes before the first runner goes to `before`."""
    place = FILE if package.folder == "." else f"{package.folder}/{FILE}"
    bins = bin_folders(root, package.folder)
    own = package.name if package.folder != "." else ""
    if package.commands is None or not any(map(is_runner, package.commands)):
        if package.commands is None:
            what = f"scripts.test is more than commands joined by `&&`: {package.script!r} is one unit without cases"
            remedy = "write one module for each of its commands: docs/suite.md, results"
            unmapped.append(Problem(place, None, None, what, remedy))
        yield Part(own or "test", "status", package.folder, tuple(bins), text=package.script)
        return
    found = False
    for command in package.commands:
        if is_runner(command):
            found = True
            _refuse_missing(root, package, command, place)
            unmapped += _left_out(command, place)
            yield part_of(command, package.folder, own, bins, is_tap=prints_tap(root, package, command))
        elif found:
            label = re.sub(r"\W+", "-", command.program).strip("-") or "check"
            yield Part(f"{own}-{label}".strip("-"), "status", package.folder, tuple(bins), text=command.whole)
        else:
            before.append(_in_folder(package.folder, Part("", "status", package.folder, tuple(bins)), command.whole))


def _in_folder(folder: str, part: Part, text: str) -> str:
    escaped = text.replace("{", "{{").replace("}", "}}")
    if folder == ".":
        return f"({part.path_line}{escaped})" if part.path_line else escaped
    return f"(cd {folder} && {part.path_line}{escaped})"


def _left_out(command: Command, place: str) -> Iterator[Problem]:
    """What the script asks for besides the tests."""
    asked = [each for each in command.starters if each in COVERAGE]
    asked += [word.text for word in command.words if "coverage" in word.text and word.text.startswith("--")]
    for each in asked:
        yield Problem(
            place, None, None, f"{each} measures coverage; the suite runs the tests without it", "use `npm test` for it"
        )


def _refuse_missing(root: Path, package: Package, command: Command, place: str) -> None:
    if command.program != "node" and not program_in(root, package.folder, command.program):
        what = f"the test script calls {command.program}, which is not installed"
        raise UseError.at(place, what, "type `npm install`, and try again")


def _refuse_old(root: Path) -> None:
    text = output_of(root, "node", "--version").strip()
    version = re.match(r"v?(\d+)", text)
    if version is None or int(version[1]) < _OLDEST:
        raise UseError.at("", f"node {text} is too old for forks", f"use Node {_OLDEST} or later")


ADAPTER = Node()
