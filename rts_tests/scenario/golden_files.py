"""Golden files: the folder `FILE.yml.golden` beside a scenario, with a text for each step that names one."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import read_regular, write_atomic
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.scenario import golden
from longpole.rts_tests.scenario.discover import SUFFIXES
from longpole.rts_tests.scenario.golden_names import file_names
from longpole.rts_tests.scenario.model import Scenario

FOLDER_SUFFIX = ".golden"
THIS_RUN = "this run"
_OFF = ("", "0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison with a golden file says: why it fails, or None; the lines of the difference."""

    failure: str | None
    details: tuple[str, ...] = ()
    was_written: bool = False


class Goldens:
    """The golden files of the scenario at `path`. With `update`, what differs is written."""

    def __init__(self, path: str, *, update: bool = False) -> None:
        self._folder = path + FOLDER_SUFFIX
        self._update = update

    def check(self, name: str, actual: str, *, others_hold: bool, write: bool = True) -> Verdict:
        """Compare `actual` with the file `name`; write it if that is wanted, now with `write`, and `others_hold`."""
        path = os.path.join(self._folder, name)
        failure, expected = f"differs from {path}", ""
        try:
            expected = read_regular(path).decode()
            if golden.matches(expected, actual):
                return Verdict(None)
        except FileNotFoundError:
            failure = f"there is no {path}; `longpole scenario --update` writes it"
        except UnicodeDecodeError:
            failure = f"{path} is not UTF-8"
        except OSError as error:
            failure = f"{path} cannot be read: {error.strerror}"
        details = tuple(golden.difference(expected, actual, path, THIS_RUN))
        if not self._update or not write:
            return Verdict(failure, details)
        if others_hold:
            return self._write(path, golden.merged(expected, actual), details)
        reason = "not written, as another check of the step fails"
        return Verdict(f"{failure.partition(';')[0]}; {reason}", details)

    def _write(self, path: str, text: str, details: tuple[str, ...]) -> Verdict:
        try:
            os.makedirs(self._folder, exist_ok=True)
            write_atomic(path, text.encode())
        except OSError as error:
            return Verdict(f"{path} cannot be written: {error.strerror}", details)
        return Verdict(None, details, was_written=True)


def orphan_problems(path: str, scenario: Scenario) -> tuple[Problem, ...]:
    """One problem for each golden file of the scenario at `path` that none of its steps names.

    Variables of the suite are not known here: they stand for anything.
    """
    folder = path + FOLDER_SUFFIX
    try:
        files = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return ()
    wanted = file_names(scenario)
    return tuple(
        Problem(os.path.join(folder, name), None, None, "no step of the scenario names this golden file", "remove it")
        for name in files
        if not wanted.fullmatch(name)
    )


def orphans_of_no_scenario(folders: Iterable[str]) -> tuple[Problem, ...]:
    """One problem for each folder of golden files, directly in one of `folders`, whose scenario is gone."""
    found = []
    for folder in folders:
        try:
            names = set(os.listdir(folder))
        except OSError:
            continue  # reported by those who read the scenarios in it
        for name in sorted(names):
            scenario = name.removesuffix(FOLDER_SUFFIX)
            if name.endswith(tuple(suffix + FOLDER_SUFFIX for suffix in SUFFIXES)) and scenario not in names:
                what = f"there is no scenario {shown(scenario)} for these golden files"
                found.append(Problem(os.path.join(folder, name), None, None, what, "remove them"))
    return tuple(found)


def refuse_update_on_ci(environ: Mapping[str, str]) -> None:
    """Raise `UseError` if this is a CI system, by its variable CI."""
    if environ.get("CI", "").lower() not in _OFF:
        remedy = "run it where you can look at the difference, and commit the files"
        raise UseError.at("--update", "golden files are not rewritten on CI", remedy)
