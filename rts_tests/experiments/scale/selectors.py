"""SELECTOR of `longpole bench scale`: which units are measured.

A selector becomes a condition of FILTER, so that make runs the same units, however many they are.
"""

import os
import re
from collections.abc import Iterator, Sequence

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.filter import LABEL, parse_filter
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.plan import Plan

HOW = "name a unit, a make target, a variant, a module, a scenario, `label:NAME`, or write a glob over ids"
_GLOB = re.compile(r"[*?[]")


def filter_of(plan: Plan, selectors: Sequence[str], also: str) -> str:
    """Return the FILTER that selects what one of `selectors` names, less what those with `!` name, and matches `also`.

    `also` is the FILTER in force. Raises `UseError` with a problem for each selector that names no unit.
    """
    problems: list[Problem] = []
    wanted: list[str] = []
    unwanted: list[str] = []
    for selector in dict.fromkeys(selectors):
        conditions = _conditions(plan, selector.removeprefix("!"))
        if conditions is None:
            problems.append(_unknown(plan, selector))
        elif selector.startswith("!"):
            unwanted += [f"!{condition}" for condition in conditions]
        else:
            wanted += conditions
    if problems:
        raise UseError(*problems, exit_code=ExitStatus.NOTHING_SELECTED)
    return " ".join(filter(None, (also, ",".join(dict.fromkeys(wanted)), *dict.fromkeys(unwanted))))


def _conditions(plan: Plan, word: str) -> list[str] | None:
    """The conditions of which one holds for a unit that `word` names; None if there is no such unit."""
    if re.search(r"[\s,]", word):  # FILTER would take it for several conditions
        return None
    for conditions in _meanings(plan, word):
        named = [condition for condition in conditions if _names_a_unit(plan, condition)]
        if named:
            return named
    return None


def _names_a_unit(plan: Plan, condition: str) -> bool:
    try:
        found = parse_filter(condition)
    except UseError:
        return False
    return found is not None and any(found.matches(unit.id, plan.labels_of(unit)) for unit in plan.units)


def _meanings(plan: Plan, word: str) -> Iterator[list[str]]:
    """What a word may mean, as conditions, the likeliest first."""
    if scenarios := _of_files(plan, word):
        yield scenarios
    by_target = {unit.target: unit.id for unit in plan.units}
    if word in by_target:
        yield [by_target[word]]
    for variant in plan.variants:
        if word.startswith(f"test-{variant}-"):
            rest = word.removeprefix(f"test-{variant}-")
            yield [*_module(f"{variant}/{rest}"), f"{variant}/{rest}/*"]
    if word.removeprefix("test-") in plan.variants:
        yield [f"{word.removeprefix('test-')}/*"]
    if word.startswith(LABEL) or _GLOB.search(word):
        yield [word]
    elif "/" in word:
        yield [*_module(word), f"{word}/*"]
        yield [*_module(f"*/{word}"), f"*/{word}/*"]
    else:
        yield [*_module(f"*/{word}"), f"*/{word}/*"]
        yield _module(f"*/{word.replace(':', '/')}")


def _of_files(plan: Plan, word: str) -> list[str]:
    """The conditions of the scenarios in a file, or in the files below a folder."""
    path = os.path.normpath(os.path.relpath(word)) if word else ""
    files = ((each.name, each.scenario) for each in plan.modules.values() if each.scenario is not None)
    return [f"*/{name}" for name, file in files if path == file or file.startswith(f"{path}/")]


def _module(name: str) -> list[str]:
    """The unit called `name`, or the chunks and forks of the module called `name`."""
    return [name, f"{name}[[]*"]


def _unknown(plan: Plan, selector: str) -> Problem:
    names = [*plan.variants, *plan.modules, *(unit.id for unit in plan.units), *(unit.target for unit in plan.units)]
    near = nearest(selector.removeprefix("!"), names)
    hint = f"did you mean {near}? " if near else ""
    return Problem("", None, None, f"{selector!r} names no unit", f"{hint}{HOW}; `longpole list` shows all units")
