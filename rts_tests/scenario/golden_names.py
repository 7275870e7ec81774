"""The names of golden files, which may hold variables. Pure functions."""

import re

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Node
from longpole.rts_tests.scenario.matrix import cells
from longpole.rts_tests.scenario.model import Scenario
from longpole.rts_tests.scenario.reading import Record
from longpole.rts_tests.scenario.variables import Variables

KEY = "golden"
_SUFFIX = ".txt"
_NAME = re.compile(r"(?:[A-Za-z0-9_]|\$[A-Z0-9_])(?:[A-Za-z0-9_.+-]|\$(?=[A-Z0-9_]))*")
_MAX_NAME = 100
_VARIABLE = re.compile(r"\$[A-Z0-9_]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.+]+")


def check_name(record: Record, taken: dict[str, Node], problems: Problems) -> None:
    """Check `golden` in expectations: a name that no other step has. `taken` has the names until now."""
    name, place = record.texts.get(KEY), record.places.get(KEY)
    if name is None or place is None:
        return
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        remedy = "write letters, digits, `_`, `.`, `+` and `-`, which may be variables as `$NAME`"
        problems.add(place, f"{shown(name)} cannot be the name of a golden file", remedy)
    elif (first := taken.setdefault(name.casefold(), place)) is not place:
        problems.add(
            place, f"the golden file {shown(name)} is another step's, in line {first.line}", "choose another name"
        )


def golden_names(scenario: Scenario) -> tuple[str, ...]:
    """The names of all golden files of a scenario, with variables, without suffix."""
    return tuple(check.texts[0] for step in scenario.steps for check in step.checks if check.key == KEY)


def file_name(name: str, variables: Variables) -> str:
    """The name of a golden file: variables replaced, and `-` for what is not safe. Raises `UseError`."""
    expanded = variables.expand(name)
    if (unknown := _VARIABLE.search(name)) and unknown[0] in expanded:
        raise UseError.at(
            "", f"there is no variable {shown(unknown[0])} for the name of the golden file", "name another"
        )
    return _safe(expanded) + _SUFFIX


def file_names(scenario: Scenario) -> re.Pattern[str]:
    """What matches the names of the golden files of all cells. Variables of the suite stand for anything."""
    patterns = set()
    for cell in cells(scenario):
        known = Variables(cell.env)
        for name in golden_names(cell):
            parts = _VARIABLE.split(known.expand(name))
            patterns.add(".*".join(re.escape(part) for part in map(_partly_safe, parts)) + re.escape(_SUFFIX))
    return re.compile("|".join(sorted(patterns)) or r"(?!)")


def _partly_safe(text: str) -> str:
    return _UNSAFE.sub("-", text)


def _safe(text: str) -> str:
    return _partly_safe(text).strip("-.") or "empty"
