"""Modules of a suite that are groups of tests, as `longpole init` writes them: which, and what each test took.

A module is one if its `args` are the names of its cases. That can be seen: its `select` is its `run` with `{cases}` in
the place of `{args}`. What was written by hand stays: a module with a comment, with another layout or with a name of
its own is no such group.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from longpole.gen.adapters.grouping import OVERHEAD_S
from longpole.gen.adapters.model import Entry
from longpole.gen.adapters.suite import MAX_NAME, entry_lines, name_for, title_for
from longpole.gen.suite.dialect import SUITE
from longpole.gen.suite.model import Command, Module, Suite, Variant
from longpole.rts_tests.contracts import placeholders, yamltree
from longpole.rts_tests.contracts.case_history import CaseRow, read_case_history
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.contracts.tree import Entry as Place
from longpole.rts_tests.contracts.tree import mapping_of
from longpole.rts_tests.results.selected import name_to_select

OF_GROUP = frozenset({"weight", "args", "timeout"})
"""The keys of a module that depend on its tests; groups with the same other keys may exchange tests."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ARGS, _CASES = "{args}", "{cases}"


@dataclass(frozen=True, slots=True)
class WrittenGroup:
    """A module, its tests, its keys as they are written, and its lines in the file, counted from 0."""

    module: Module
    tests: tuple[str, ...]
    keys: Mapping[str, Any]
    begin: int
    end: int
    indent: str

    @property
    def kind(self) -> str:
        """Equal for groups whose tests may share a unit."""
        return repr({key: value for key, value in sorted(self.keys.items()) if key not in OF_GROUP})


def modules_in(data: bytes, path: str) -> tuple[Mapping[str, Place], Mapping[str, Any]]:
    """The section `modules` of a valid suite file, as places and as values; empty if it has only scenarios."""
    root = yamltree.parse(data, Problems(path), SUITE)
    written = yaml.load(data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe
    return mapping_of(root.entries.get("modules")).entries, written.get("modules") or {}


def groups_in(data: bytes, path: str, suite: Suite) -> list[WrittenGroup]:
    """The groups in a suite file, which must be valid, in their order. Tests that several have make none of these."""
    nodes, written = modules_in(data, path)
    lines = [line.rstrip("\r\n") for line in lines_of(data.decode("utf-8-sig"))]
    variants = {variant.name: variant for variant in suite.variants}
    found = []
    for module in suite.modules:
        if module.name not in nodes or not _is_told_names(module, variants):
            continue
        key = nodes[module.name].key
        tests = tuple(placeholders.expand(word, {}) for word in module.args)
        begin, indent = key.line - 1, " " * (key.column - 1)
        keys = written[module.name]
        as_init_writes_it = entry_lines(Entry(module.name, keys), indent)
        end = begin + len(as_init_writes_it)
        is_alone = begin == 0 or not lines[begin - 1].lstrip().startswith("#")
        if is_alone and lines[begin:end] == as_init_writes_it and _is_named_by(module.name, tests):
            found.append(WrittenGroup(module, tests, keys, begin, end, indent))
    twice = Counter(test for group in found for test in set(group.tests))
    return [group for group in found if len(set(group.tests)) == len(group.tests) and _once(group, twice)]


def lines_of(text: str) -> list[str]:
    """The lines of a file with their ends."""
    return _LINE.findall(text)


def _once(group: WrittenGroup, times: Mapping[str, int]) -> bool:
    return all(times[test] == 1 for test in group.tests)


def _is_named_by(name: str, tests: tuple[str, ...]) -> bool:
    title = name_for(title_for(tests))
    return name == title or re.fullmatch(rf"{re.escape(title[: MAX_NAME - 6])}-[0-9]+", name) is not None


def _is_told_names(module: Module, variants: Mapping[str, Variant]) -> bool:
    """Whether its `args` are the names of its cases, and nothing else."""
    if module.results is None or module.forks is not None or module.seeds or not module.args:
        return False
    if any(placeholders.names(word) for word in module.args):
        return False
    for variant in (variants[name] for name in module.variants):
        run, select = module.run or variant.run, module.select
        if select is None and module.run is None:
            select = variant.select
        if variant.args or select is None or not _differ_in_names(run, select):
            return False
    return True


def _differ_in_names(run: Command, select: Command) -> bool:
    words = tuple(_CASES if word == _ARGS else word for word in run.argv)
    return not run.shell and not select.shell and _ARGS in run.argv and words == select.argv


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of tests in a variant: the median of their durations in seconds, and the names of the red ones."""

    seconds: Mapping[str, float]
    red: frozenset[str]


def known_tests(state: Path, variant: str, group: WrittenGroup, key: str | None = None) -> Known:
    """What the history of cases knows of a group on the platform `key`, by default this one."""
    rows = read_case_history(state, variant, group.module.name, key).cases
    return known_in(rows, group.module.results.source if group.module.results else "", group.tests)


def spread(known: Known, tests: Sequence[str], unit_s: float) -> Known:
    """What is known, with the time of the unit that its cases do not tell of: some runners tell none of them."""
    rest_s = unit_s - sum(known.seconds.values()) - OVERHEAD_S
    if rest_s <= 0:
        return known
    more = rest_s / len(tests)
    return Known({test: known.seconds.get(test, 0.0) + more for test in tests}, known.red)


def known_in(rows: Mapping[str, CaseRow], source: str, wanted: Collection[str]) -> Known:
    """The tests `wanted`, from the cases by their ids. A test with cases of its own takes as long as these together."""
    whole: dict[str, float] = {}
    parts: dict[str, float] = {}
    red = set()
    for name, row in rows.items():
        test = named_test(name, source, wanted)
        if test is None:
            continue
        if row.status not in (None, Status.PASSED, Status.SKIPPED):
            red.add(test)
        if row.seconds and name == test:
            whole[test] = median(row.seconds)
        elif row.seconds:
            parts[test] = parts.get(test, 0.0) + median(row.seconds)
    return Known({**parts, **whole}, frozenset(red))


def named_test(case: str, source: str, wanted: Collection[str]) -> str | None:
    """The test among `wanted` that a case, by its id, is or belongs to; None if there is none."""
    if case in wanted:
        return case
    class_name, _, name = case.partition("#")
    test = name_to_select(Case(class_name, name, Status.PASSED, 0.0), source)
    return test if test in wanted else None
