"""Many scenarios read at once: every error in all of them, or one line about each."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.scenario.discover import FIXTURES, Found, folders_of
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.golden_files import orphan_problems, orphans_of_no_scenario
from longpole.rts_tests.scenario.matrix import cells, module_name
from longpole.rts_tests.scenario.model import Scenario
from longpole.rts_tests.scenario.parse import SCENARIO, parse
from longpole.rts_tests.scenario.show import line


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading scenarios found: those that are right, how many were read, all errors as one or None.

    `gone` is the number of folders of golden files without a scenario.
    """

    scenarios: tuple[Scenario, ...]
    count: int
    error: UseError | None
    gone: int = 0

    @property
    def summary(self) -> str:
        """One line."""
        steps = sum(len(each.steps) for each in self.scenarios)
        if self.error is None:
            return f"{_count(self.count, 'scenario')}, {_count(steps, 'step')}: no errors"
        wrong = self.count - len(self.scenarios)
        parts = [f"{wrong:,} with errors"] if wrong else []
        parts += [f"{_count(self.gone, 'golden folder')} of none"] if self.gone else []
        return f"{_count(self.count, 'scenario')}: {', '.join(parts)}"


class Reader:
    """Reads scenarios of the corpus in `folder`, and others; each folder of fixtures once.

    `fixtures` is the folder of fixtures. If it is None, that is `fixtures` beside a scenario, in the folder above, or
    in `folder`, whichever comes first.
    """

    def __init__(self, folder: str, fixtures: str | None, *, strict: bool) -> None:
        self._folder = folder
        self._fixtures = fixtures
        self._strict = strict
        self._known: dict[str, Fixtures] = {}

    def read(self, path: str) -> Scenario | UseError:
        """The scenario in the file at `path`, or all its errors."""
        try:
            return parse(yamltree.read(path, SCENARIO), path, self._of(path), strict=self._strict)
        except UseError as error:
            return error

    def fixtures_of(self, path: str) -> str:
        """The folder of fixtures of the scenario in the file at `path`."""
        if self._fixtures is not None:
            return self._fixtures
        beside = os.path.dirname(path)
        above = os.path.normpath(os.path.join(beside, os.pardir))
        folders = [os.path.join(each, FIXTURES) for each in (beside, above, self._folder)]
        return next((each for each in folders if os.path.isdir(each)), folders[-1])

    def _of(self, path: str) -> Fixtures:
        folder = self.fixtures_of(path)
        return self._known.setdefault(folder, Fixtures(folder))


def checked(found: Iterable[Found], reader: Reader, *, whole: str | None = None) -> Checked:
    """Read all scenarios in `found`, and look for golden files that no step names.

    If `found` are all scenarios of a folder, `whole`, golden files without a scenario are errors, too.
    """
    right: list[Scenario] = []
    problems: list[Problem] = []
    files = [each.path for each in found]
    for path in files:
        read = reader.read(path)
        wrong = read.problems if isinstance(read, UseError) else orphan_problems(path, read)
        problems += wrong
        if isinstance(read, Scenario) and not wrong:
            right.append(read)
    gone = orphans_of_no_scenario(folders_of(whole)) if whole is not None else ()
    problems += gone
    return Checked(tuple(right), len(files), UseError(*problems) if problems else None, len(gone))


def listing(found: Iterable[Found], reader: Reader, only: Mapping[str, Collection[str]] | None = None) -> list[str]:
    """A line for each scenario, and for each cell of a matrix: its selector, steps, name and tags; or its errors.

    `only` are the names of the cells that are meant, by the path of the file, where not all of them are.
    """
    rows = []
    for each in found:
        selector, read = each.name.replace("/", ":", 1), reader.read(each.path)
        if isinstance(read, UseError):
            rows.append((selector, f"{_count(len(read.problems), 'error')}: {read.problems[0]}"))
            continue
        meant = (only or {}).get(each.path)
        rows += [
            (module_name(selector, cell.cell), _about(cell))
            for cell in cells(read)
            if meant is None or cell.cell in meant
        ]
    rows = [(line(name), line(about)) for name, about in rows]
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name:{width}}  {about}" for name, about in rows]


def _about(scenario: Scenario) -> str:
    tags = f"  tags: {', '.join(scenario.tags)}" if scenario.tags else ""
    return f"{_count(len(scenario.steps), 'step')}: {scenario.name}{tags}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
