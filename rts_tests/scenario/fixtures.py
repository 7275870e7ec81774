"""Fixtures: repositories that several scenarios begin with, each described in a file of its own.

The fixture NAME is the file `repos/NAME.yml` in the folder of fixtures. `{{NAME}}` in its text is replaced by the
repository's name before it is read.
"""

import os
from dataclasses import replace
from typing import TypeVar

from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.yamltree import Dialect
from longpole.rts_tests.scenario import shapes
from longpole.rts_tests.scenario.model import Repository
from longpole.rts_tests.scenario.read_repository import repository_of
from longpole.rts_tests.scenario.reading import Reader

FIXTURE = Dialect(
    "a fixture",
    "begin it with `branches:`",
    "five levels",
    "share values by aliases",
    "docs/scenarios.md",
    typed=False,
)
MAX_SUGGESTIONS = 100
_HOLE = b"{{NAME}}"
_T = TypeVar("_T")


class Fixtures:
    """The fixtures of one folder, each read once, and again for each name that it mentions."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._suggestions = MAX_SUGGESTIONS
        self._data: dict[str, bytes | UseError] = {}
        self._repositories: dict[tuple[str, str], Repository | UseError] = {}

    def path(self, fixture: str) -> str:
        """The file of a fixture, if there is one."""
        return os.path.join(self.folder, "repos", f"{fixture}.yml")

    def data(self, fixture: str) -> bytes:
        """The bytes of a fixture's file. Raises `UseError`."""
        if fixture not in self._data:
            try:
                self._data[fixture] = self._read(fixture)
            except UseError as error:
                self._data[fixture] = error
        return _or_raise(self._data[fixture])

    def repository(self, fixture: str, name: str) -> Repository:
        """The repository `name` as the fixture describes it. Raises `UseError` with all errors of the fixture."""
        data = self.data(fixture)
        key = (fixture, name if _HOLE in data else "")
        if key not in self._repositories:
            try:
                self._repositories[key] = _parse(data.replace(_HOLE, name.encode()), self.path(fixture), name)
            except UseError as error:
                self._repositories[key] = error
        found = _or_raise(self._repositories[key])
        return found if found.name == name else replace(found, name=name)

    def _read(self, fixture: str) -> bytes:
        parts = fixture.split("/")
        if "\0" in fixture or not all(parts) or ".." in parts:
            raise UseError.at("", f"{shown(fixture)} cannot be the name of a fixture", "name a file without its `.yml`")
        path = self.path(fixture)
        if not os.path.lexists(path):
            self._suggestions -= 1  # comparing is slow
            near = nearest(fixture, _names(os.path.dirname(path))) if self._suggestions >= 0 else None
            remedy = f"did you mean `{near}`?" if near else "write it, or name another"
            if not os.path.isdir(os.path.join(self.folder, "repos")):
                remedy = "write it, or name its folder by `fixtures` in the suite, or --fixtures"
            raise UseError.at(path, "there is no such fixture", remedy)
        return yamltree.read(path, FIXTURE)


def _names(folder: str) -> list[str]:
    try:
        return sorted(name.removesuffix(".yml") for name in os.listdir(folder) if name.endswith(".yml"))
    except OSError:
        return []  # said by the error of the fixture itself


def _parse(data: bytes, path: str, name: str) -> Repository:
    problems = Problems(path)
    root = yamltree.parse(data, problems, FIXTURE)
    record = Reader(problems, strict=True).record(root, shapes.FIXTURE)
    repository = repository_of(record, name, problems)
    if problems:
        problems.stop()
    return repository


def _or_raise(found: _T | UseError) -> _T:
    if isinstance(found, UseError):
        raise found
    return found
