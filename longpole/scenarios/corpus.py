"""Where scenarios are: what `suite.yaml` and the options say, without reading the whole suite.

So scenarios can be checked, listed and begun while other parts of the suite are wrong.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass

from longpole.gen.suite.dialect import SUITE
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Scalar, mapping_of
from longpole.rts_tests.scenario.check import Reader
from longpole.rts_tests.scenario.discover import Found, discover, select
from longpole.rts_tests.scenario.matrix import cells as cells_of
from longpole.rts_tests.scenario.model import Scenario

SUITE_FILE = "suite.yaml"
FOLDER = "scenarios"
COMMANDS = ("check", "new", "schema")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of scenarios. `fixtures` is None if they are looked for beside each scenario.

    `suite_file` is the suite that says more of scenarios, None if none does. With `overrides` its own are elsewhere, or
    have other fixtures.
    """

    folder: str
    fixtures: str | None
    strict: bool
    suite_file: str | None
    overrides: bool = False

    def discovered(self, *, optional: bool = False) -> tuple[Found, ...]:
        """All scenarios of the folder; none if it is `optional` and there is no such folder. Raises `UseError`."""
        if not os.path.lexists(self.folder):
            if optional:
                return ()
            if self.suite_file is None and self.folder == FOLDER:
                remedy = "`longpole scenario new NAME` writes one, and --folder names another folder"
                raise UseError.at("", f"there is no folder `{FOLDER}` here", remedy)
        return discover(self.folder, self.fixtures)

    def selected(self, selectors: Collection[str]) -> tuple[Found, ...]:
        """The scenarios that are meant. Raises `UseError`, also if there are none."""
        known = self.discovered(optional=bool(selectors))
        files = [self._file_of(word, known) or word for word in selectors]
        found = select(known, files, COMMANDS)
        if not found:
            what = f"there are no scenarios in {self.folder}"
            raise UseError.at("", what, "`longpole scenario new NAME` writes one", ExitStatus.NOTHING_SELECTED)
        return found

    def cells(self, selectors: Collection[str]) -> dict[str, set[str]]:
        """By the paths of files of which only cells are meant, as in `group:stem--a--b`: the names of these."""
        known = self.discovered(optional=bool(selectors))
        cells: dict[str, set[str]] = {}
        files = {word: self._file_of(word, known) for word in selectors}
        whole = {each.path for word, file in files.items() if file is None for each in select(known, [word])}
        for word, file in files.items():
            if file is not None:
                (found,) = select(known, [file])
                if found.path not in whole:
                    cells.setdefault(found.path, set()).add(word.removeprefix(f"{file}--"))
        return cells

    def _file_of(self, word: str, known: tuple[Found, ...]) -> str | None:
        """The selector of a file without that of a cell in it; None if the word is no such selector."""
        if os.path.lexists(word):
            return None
        for match in re.finditer("(?=--)", word):
            file, cell = word[: match.start()], word[match.start() + 2 :]
            try:
                found = select(known, [file])
            except UseError:
                continue
            scenario = self.reader().read(found[0].path) if len(found) == 1 else None
            if isinstance(scenario, Scenario) and cell in {each.cell for each in cells_of(scenario)} - {""}:
                return file
        return None

    def reader(self, *, strict: bool = False) -> Reader:
        """A reader of the files."""
        return Reader(self.folder, self.fixtures, strict=strict or self.strict)


def corpus_of(suite_file: str | None, *, folder: str | None = None, fixtures: str | None = None) -> Corpus:
    """The scenarios of a suite; `folder` and `fixtures` replace what it says.

    If no suite is named, it is `suite.yaml` if that exists and has scenarios. Raises `UseError`.
    """
    name = suite_file if suite_file is not None else SUITE_FILE
    said = _said_in(name) if suite_file is not None or os.path.lexists(name) else None
    if said is None and suite_file is not None:
        raise UseError.at(name, "this suite has no scenarios", "add `scenarios:`, or leave out --suite")
    own = said if said is not None and folder is None else {}
    if fixtures is not None and not os.path.isdir(fixtures):
        raise UseError.at("--fixtures", f"{shown(fixtures)} is not a folder", "name the folder that holds `repos`")
    path = folder if folder is not None else own.get("path", FOLDER)
    named = fixtures if fixtures is not None else own.get("fixtures")
    strict = (said or {}).get("strict") == "true"
    overrides = folder is not None or fixtures is not None
    return Corpus(os.path.normpath(path), named, strict, None if said is None else name, overrides)


def _said_in(suite_file: str) -> dict[str, str] | None:
    """What a suite says under `scenarios`, as texts; None if it has no such key. Raises `UseError` if it is no YAML."""
    problems = Problems(suite_file)
    root = yamltree.parse(yamltree.read(suite_file, SUITE), problems, SUITE)
    if problems:
        problems.stop()
    if "scenarios" not in root.entries:
        return None
    own = mapping_of(root.entries["scenarios"]).entries
    return {key: entry.value.text for key, entry in own.items() if isinstance(entry.value, Scalar) and entry.value.text}
