"""From the text of a scenario to a scenario; all errors of a file are reported at once."""

import re
from typing import Protocol

from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Node, Sequence
from longpole.rts_tests.contracts.yamltree import Dialect
from longpole.rts_tests.scenario import names, shapes
from longpole.rts_tests.scenario.conditions import conditions_of
from longpole.rts_tests.scenario.golden_names import check_name
from longpole.rts_tests.scenario.matrix import matrix_of
from longpole.rts_tests.scenario.model import Check, Repository, Scenario, Step
from longpole.rts_tests.scenario.patterns import check_patterns
from longpole.rts_tests.scenario.read_input import input_of, repeat_of
from longpole.rts_tests.scenario.read_isolation import isolation_of
from longpole.rts_tests.scenario.read_programs import Programs
from longpole.rts_tests.scenario.read_repository import repository_of
from longpole.rts_tests.scenario.reading import Reader, Record, distinct
from longpole.rts_tests.scenario.shapes import Kind

SCENARIO = Dialect(
    "a scenario",
    "begin it with `name:`",
    "six levels",
    "share values by aliases",
    "docs/scenarios.md",
    typed=False,
)


class HasRepositories(Protocol):
    """Where the repositories of fixtures come from: `Fixtures`."""

    def repository(self, fixture: str, name: str) -> Repository:
        """The repository `name` as the fixture describes it. Raises `UseError`."""


_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LOCK = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def parse(data: bytes, path: str, fixtures: HasRepositories, *, strict: bool) -> Scenario:
    """The scenario in `data`; `path` is only its name in messages. With `strict`, extensions are errors.

    Raises `UseError` with all errors of the file, and of the fixtures that it uses, in its order.
    """
    problems = Problems(path)
    root = yamltree.parse(data, problems, SCENARIO)
    record = Reader(problems, strict=strict).record(root, shapes.SCENARIO)
    matrix, excluded = matrix_of(record, record.maps.get("env", {}), problems)
    requires, skip_if = conditions_of(record, problems)
    programs = Programs(problems)
    scenario = Scenario(
        path,
        record.texts.get("name", ""),
        record.texts.get("description"),
        _repositories(record, fixtures, problems),
        record.maps.get("env", {}),
        tuple(_step(step, programs) for step in record.records.get("steps", ())),
        record.numbers.get("timeout"),
        distinct(record.lists.get("tags", ()), _TAG, "tag", problems),
        matrix,
        excluded,
        requires=requires,
        skip_if=skip_if,
        isolation=isolation_of(record, problems),
        locks=distinct(record.lists.get("locks", ()), _LOCK, "lock", problems),
    )
    golden: dict[str, Node] = {}
    for step in record.records.get("steps", ()):
        for expect in step.records.get("expect", ()):
            check_name(expect, golden, problems)
            check_patterns(expect, problems)
    steps = record.places.get("steps")
    if isinstance(steps, Sequence) and not steps.items:
        problems.add(steps, "there are no steps", "add one, with `name` and `run`")
    if problems:
        problems.stop()
    return scenario


def _repositories(record: Record, fixtures: HasRepositories, problems: Problems) -> tuple[Repository, ...]:
    found: dict[str, Repository] = {}
    first: dict[str, str] = {}
    given: set[str] = set()
    for described in record.records.get("repos", ()):
        name = described.texts.get("name", "")
        if "name" in described.texts:
            place, variable = described.places["name"], names.variable(name)
            if wrong := names.wrong_repository(name):
                problems.add(place, f"a repository's name {wrong}", "write the name of a folder")
                continue
            if first.setdefault(variable, name) != name:
                what = f"the repositories {shown(first[variable])} and {shown(name)} are both `${variable}`"
                problems.add(place, what, "rename one of the two")
            elif name in given:
                problems.add(place, f"the repository {shown(name)} is given twice", "rename one of the two")
            given.add(name)
        repository = _repository(described, name, fixtures, problems)
        if repository is not None:
            found.setdefault(name, repository)
    return tuple(found.values())


def _repository(record: Record, name: str, fixtures: HasRepositories, problems: Problems) -> Repository | None:
    if "use_fixture" not in record.places:
        return repository_of(record, name, problems)
    fixture = record.texts.get("use_fixture")
    if fixture is None or not name:
        return None  # reported already
    try:
        return fixtures.repository(fixture, name)
    except UseError as error:
        for problem in error.problems:
            problems.add(record.places["use_fixture"], f"the fixture {shown(fixture)} cannot be used: {problem}")
        return None


def _step(record: Record, programs: Programs) -> Step:
    program = programs.of_step(record)
    own_input = input_of(record, programs.problems)
    expect = next(iter(record.records.get("expect", ())), Record(record.node))
    exit_code = expect.numbers.get("exit_code")
    return Step(
        record.texts.get("name", ""),
        record.texts.get("run", ""),
        record.node.line,
        record.texts.get("cwd"),
        None if exit_code is None else int(exit_code),
        tuple(check for name in shapes.ORDER_OF_CHECKS if name in expect.places for check in _checks(expect, name)),
        record.numbers.get("timeout"),
        background=program.background,
        ready=program.ready,
        stop=program.stop,
        wait=program.wait,
        input=own_input,
        repeat=repeat_of(record),
        exit_line=0 if exit_code is None else expect.places["exit_code"].line,
    )


def _checks(expect: Record, name: str) -> list[Check]:
    """The checks under one key, in the order of the file."""
    key = shapes.EXPECT.keys[name]
    if key.kind is Kind.TEXT:
        return [Check(name, (expect.texts[name],), expect.places[name].line)] if name in expect.texts else []
    if key.kind is Kind.TEXTS:
        return [Check(name, (item.text,), item.line) for item in expect.lists.get(name, ())]
    assert key.of is not None
    texts = key.of.keys
    return [
        Check(name, tuple(item.texts.get(text, "") for text in texts), item.node.line)
        for item in expect.records.get(name, ())
    ]
