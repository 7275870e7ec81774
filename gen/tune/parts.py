"""Parts of long test binaries, as adapters split them: a module each, the last one with what is in no other part.

Which tests there are, the history of cases knows; a new test is in the last part anyway.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from longpole.adapter_names import NAMES
from longpole.gen.adapters.grouping import IN_NO_OTHER, LEAST_S, ROUNDS, Group, cut
from longpole.gen.adapters.model import Entry
from longpole.gen.adapters.registry import adapter_named
from longpole.gen.adapters.suite import entry_lines
from longpole.gen.suite.model import Module, Suite
from longpole.gen.tune.groups import WrittenGroup, known_in, lines_of, modules_in, spread
from longpole.gen.tune.regroup import WORTH
from longpole.gen.tune.regroup_text import Change, NewGroup
from longpole.rts_tests.contracts.case_history import read_case_history
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.selected import name_to_select

_OF_PART = ("weight", "run", "select", "args", "results")
_FLAGS = ("--skip", "-test.run", "-test.skip")
"""The options in `args` of parts; others are the user's."""
_EXAMPLE = [Group(("a",), 1.0)]
_SCRIPT = "{target_dir}/longpole/{module}"


@runtime_checkable
class Splits(Protocol):
    """What an adapter has that splits test binaries."""

    def part_of(self, module: str) -> str:
        """The name of the binary of which the module may be a part."""

    def parts(self, name: str, parts: Sequence[Group]) -> list[Entry]:
        """The modules that run these tests of a binary: one, or parts; none if it cannot be split."""


@dataclass(frozen=True, slots=True)
class Binary:
    """A test binary: its modules with their tests, and seconds by test."""

    name: str
    adapter: Splits
    modules: tuple[WrittenGroup, ...]
    seconds: Mapping[str, float]


def binaries_in(data: bytes, path: str, suite: Suite, plan: Plan, state: Path) -> list[Binary]:
    """The binaries whose modules are all as an adapter writes them, and have a history."""
    nodes, written = modules_in(data, path)
    lines = [line.rstrip("\r\n") for line in lines_of(data.decode("utf-8-sig"))]
    keys_of = {name: keys for name, keys in written.items() if isinstance(keys, dict) and name in nodes}
    modules = {module.name: module for module in suite.modules}
    found = []
    for adapter, base, names in _families(keys_of):
        if not _are_parts(base, [(name, keys_of[name]) for name in names], adapter, suite):
            continue
        took = {name: _seconds(modules[name], plan, state) for name in names}
        groups = []
        for name in names:
            key = nodes[name].key
            place = _place(lines, key.line - 1, " " * (key.column - 1), Entry(name, keys_of[name]))
            if place is not None and took[name]:
                groups.append(WrittenGroup(modules[name], tuple(took[name]), keys_of[name], *place))
        seconds = {test: takes for each in took.values() for test, takes in each.items()}
        if len(groups) == len(names) and len(seconds) == sum(map(len, took.values())):
            found.append(Binary(base, adapter, tuple(groups), seconds))
    return found


def _families(keys_of: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Splits, str, list[str]]]:
    """The modules that may be those of one binary, by the name that it would have."""
    for adapter in [each for each in map(adapter_named, NAMES) if isinstance(each, Splits)]:
        results = adapter.parts("x", _EXAMPLE)[0].keys["results"]
        families: dict[str, list[str]] = {}
        for name, keys in keys_of.items():
            if keys.get("results") == results:
                families.setdefault(adapter.part_of(name), []).append(name)
        yield from ((adapter, base, names) for base, names in families.items())


def _are_parts(base: str, found: Sequence[tuple[str, Mapping[str, Any]]], adapter: Splits, suite: Suite) -> bool:
    """Whether the modules are those that the adapter makes of a binary, by their names and commands."""
    if any(word.startswith("-") and word not in _FLAGS for _, keys in found for word in keys.get("args", ())):
        return False
    if [name for name, _ in found] == [base]:
        runs = {variant.run.argv[:1] for variant in suite.variants}
        return runs == {(_SCRIPT,)} and found[0][1].keys().isdisjoint(("run", "select", "args"))
    try:
        expected = adapter.parts(base, [Group((f"t{number}",), 1.0) for number in range(len(found))])
    except UseError:  # the adapter has to ask a program that is missing
        return False
    if len(expected) != len(found) or len(found) < 2:
        return False
    pairs = zip(expected, found, strict=True)
    return (
        all(
            entry.name == name and all(entry.keys[key] == keys.get(key) for key in ("run", "select"))
            for entry, (name, keys) in pairs
        )
        and len({repr(_shared(keys)) for _, keys in found}) == 1
    )


def _shared(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if key not in _OF_PART}


def _place(lines: Sequence[str], at: int, indent: str, entry: Entry) -> tuple[int, int, str] | None:
    """The first line of a module, the one behind its last, and its indent; None if it was changed by hand."""
    comment = IN_NO_OTHER if at and lines[at - 1] == f"{indent}# {IN_NO_OTHER}" else ""
    expected = entry_lines(replace(entry, comment=comment), indent)
    begin = at - bool(comment)
    is_alone = begin == 0 or not lines[begin - 1].lstrip().startswith("#")
    is_ours = is_alone and list(lines[begin : begin + len(expected)]) == expected
    return (begin, begin + len(expected), indent) if is_ours else None


def _seconds(module: Module, plan: Plan, state: Path) -> dict[str, float]:
    """Seconds of each test that has run, in the variant in which it takes longest; none without a history."""
    source = module.results.source if module.results is not None else ""
    longest: dict[str, float] = {}
    for unit in plan.units:
        if unit.module == module.name and unit.estimate_from == "history":
            rows = read_case_history(state, unit.variant, module.name).cases
            cases = [Case(*_parts_of(name), Status.PASSED, 0.0) for name in rows]
            tests = tuple(dict.fromkeys(name for case in cases if (name := name_to_select(case, source))))
            known = spread(known_in(rows, source, tests), tests, unit.estimate_s) if tests else None
            for test in tests:
                took = known.seconds.get(test, 0.0) if known is not None else 0.0
                longest[test] = max(took, longest.get(test, 0.0))
    return longest


def _parts_of(case: str) -> tuple[str, str]:
    """The class and the name in the id of a case."""
    class_name, separator, name = case.partition("#")
    return (class_name, name) if separator else ("", case)


def recut(binaries: Sequence[Binary], taken: Collection[str], limit_s: float) -> Iterator[Change]:
    """Other parts of binaries of which one is longer than `limit_s`, or several are too short.

    `taken` are the names of all modules of the suite.
    """
    for binary in binaries:
        took = [sum(binary.seconds[test] for test in group.tests) for group in binary.modules]
        is_long = max(took) > max(limit_s, LEAST_S) * WORTH
        is_short = len(took) > 1 and min(took) * 2 < min(LEAST_S, limit_s)
        if not is_long and not is_short:
            continue
        tests = [test for group in binary.modules for test in group.tests]
        groups = cut(tests, binary.seconds, aim_s=max(LEAST_S, limit_s / ROUNDS), least_s=LEAST_S)
        if [group.tests for group in groups] == [group.tests for group in binary.modules]:
            continue
        shared = _shared(binary.modules[0].keys)
        entries = [replace(entry, keys={**entry.keys, **shared}) for entry in binary.adapter.parts(binary.name, groups)]
        others = set(taken) - {group.module.name for group in binary.modules}
        if len(entries) == len(groups) and others.isdisjoint(entry.name for entry in entries):
            new = (NewGroup(entry, group.tests, group.seconds) for entry, group in zip(entries, groups, strict=True))
            yield Change(binary.modules, tuple(new))
