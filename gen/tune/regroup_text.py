"""Other groups of tests in a suite's text: their lines are written anew, everything else stays byte for byte."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longpole.gen.adapters.grouping import weight_of
from longpole.gen.adapters.model import Entry
from longpole.gen.adapters.suite import entry_lines, name_for, title_for
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.tune.groups import WrittenGroup, lines_of
from longpole.gen.tune.regroup import Regrouped
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.placeholders import escape


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group of tests that takes the place of others: its module, its tests, and its expected seconds in a variant."""

    entry: Entry
    tests: tuple[str, ...]
    seconds: float

    @property
    def name(self) -> str:
        """The name of its module."""
        return self.entry.name


@dataclass(frozen=True, slots=True)
class Change:
    """Groups, and those that take their place."""

    old: tuple[WrittenGroup, ...]
    new: tuple[NewGroup, ...]


def changes_of(
    found: Sequence[tuple[Sequence[WrittenGroup], Regrouped]], seconds: Mapping[str, float], taken: Sequence[str]
) -> list[Change]:
    """The changes with names for the new groups; `taken` are the names of all modules of the suite."""
    gone = {groups[place].module.name for groups, each in found for place in each.old}
    names = [name for name in taken if name not in gone]
    changes = []
    for groups, each in found:
        new = []
        old = [groups[place] for place in each.old]
        for tests in each.new:
            names.append(name_for(title_for(tests), names))
            took = sum(seconds[test] for test in tests)
            new.append(NewGroup(entry_of(names[-1], tests, took, old), tests, took))
        changes.append(Change(tuple(old), tuple(new)))
    return changes


def with_groups(data: bytes, path: str, changes: Sequence[Change]) -> bytes:
    """The suite file with the new groups, each where the first of those that it replaces was.

    Raises `UseError` if the result is no suite, or not the one that is meant.
    """
    text = data.decode()
    lines = lines_of(text)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    is_open = not lines[-1].endswith(("\r", "\n"))
    lines[-1] += ending if is_open else ""
    for begin, end, entries in sorted(_places(changes), reverse=True):
        lines[begin:end] = [f"{line}{ending}" for line in entries]
    joined = "".join(lines)
    changed = (joined.removesuffix(ending) if is_open else joined).encode()
    suite = suite_from_bytes(changed, path)
    wanted = {new.name: tuple(new.entry.keys.get("args", ())) for change in changes for new in change.new}
    if {module.name: module.args for module in suite.modules if module.name in wanted} != wanted:
        raise UseError.at(path, "cannot be regrouped", "group the tests by hand")
    return changed


def _places(changes: Sequence[Change]) -> list[tuple[int, int, list[str]]]:
    """Lines to replace, from and to, and the lines that take their place."""
    places = []
    for change in changes:
        first, *others = sorted(change.old, key=lambda group: group.begin)
        entries = [line for new in change.new for line in entry_lines(new.entry, first.indent)]
        places.append((first.begin, first.end, entries))
        places += [(other.begin, other.end, []) for other in others]
    return places


def entry_of(name: str, tests: Sequence[str], seconds: float, old: Sequence[WrittenGroup]) -> Entry:
    """The module of a new group, with the keys that the old ones have in common, in their order."""
    keys: dict[str, Any] = dict(old[0].keys)
    keys["args"] = [escape(test) for test in tests]
    keys["weight"] = weight_of(seconds)
    of = [group for group in old if not set(group.tests).isdisjoint(tests)]
    if any("timeout" in group.keys for group in of):
        keys["timeout"] = math.ceil(sum(group.module.timeout_s for group in of))
    else:
        keys.pop("timeout", None)
    return Entry(name, _in_order(keys, old))


def _in_order(keys: Mapping[str, Any], old: Sequence[WrittenGroup]) -> dict[str, Any]:
    """The keys in the order of the module that has most of them."""
    order = max((list(group.keys) for group in old), key=len)
    return {key: keys[key] for key in (*order, *keys) if key in keys}
