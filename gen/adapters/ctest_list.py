"""What CTest lists of a build tree: tests with those of their properties that decide beside what they may run. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from longpole.rts_tests.contracts.errors import UseError


@dataclass(frozen=True, slots=True)
class CTestTest:
    """A test. Several of one project may have the same name, in different directories."""

    name: str
    place: str = ""
    """Where it was added, `file:line`."""
    labels: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    processors: int = 1
    serial: bool = False
    disabled: bool = False
    fixtures: tuple[str, ...] = ()
    """Those that it sets up, cleans up or requires."""
    depends: tuple[str, ...] = ()
    """The names of tests that run before it, if they run."""
    cost: float | None = None
    timeout: float | None = None


def parse_list(text: str) -> tuple[CTestTest, ...]:
    """The tests in the output of `ctest --show-only=json-v1`, in their order. Raises `UseError` for others."""
    try:
        listed = json.loads(text)
        graph = listed["backtraceGraph"]
        return tuple(_test(each, graph) for each in listed["tests"])
    except (ValueError, KeyError, TypeError, IndexError):
        raise UseError.at(
            "", "`ctest --show-only=json-v1` printed no list of tests", "use CMake 3.21 or later"
        ) from None


def _test(row: Mapping[str, Any], graph: Mapping[str, Any]) -> CTestTest:
    properties = {each["name"]: each["value"] for each in row.get("properties", ())}
    fixtures = (_texts(properties.get(f"FIXTURES_{kind}")) for kind in ("SETUP", "CLEANUP", "REQUIRED"))
    return CTestTest(
        str(row["name"]),
        _place(row.get("backtrace"), graph),
        _texts(properties.get("LABELS")),
        _texts(properties.get("RESOURCE_LOCK")),
        max(1, int(properties.get("PROCESSORS", 1))),
        bool(properties.get("RUN_SERIAL", False)),
        bool(properties.get("DISABLED", False)),
        tuple(sorted({name for names in fixtures for name in names})),
        _texts(properties.get("DEPENDS")),
        _number(properties.get("COST")),
        _number(properties.get("TIMEOUT")),
    )


def _place(node: int | None, graph: Mapping[str, Any]) -> str:
    if node is None:
        return ""
    frame = graph["nodes"][node]
    return f"{graph['files'][frame['file']]}:{frame.get('line', 1)}"


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401  a value of JSON
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)


def _number(value: Any) -> float | None:  # noqa: ANN401
    return float(value) if value else None


def parse_costs(text: str) -> dict[str, float]:
    """Seconds by test, as CTest measured them: its `CTestCostData.txt` has `NAME RUNS SECONDS`, and ends with `---`."""
    costs = {}
    for line in text.splitlines():
        if line == "---":
            break
        name, _, rest = line.rstrip().rpartition(" ")
        name, _, runs = name.rpartition(" ")
        try:
            if int(runs) > 0:
                costs[name] = max(0.0, float(rest))
        except ValueError:
            continue
    return costs


def bundles(tests: Iterable[CTestTest]) -> list[tuple[CTestTest, ...]]:
    """The tests that must run in one unit, in the order of their first ones.

    These are tests of one fixture, whose set-up runs once for all that are selected together; tests that depend on each
    other; and tests of the same name, which CTest cannot tell apart.
    """
    listed = list(tests)
    names = {test.name for test in listed}
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for test in listed:
        own = ("test", test.name)
        for fixture in test.fixtures:
            parent[root(("fixture", fixture))] = root(own)
        for name in test.depends:
            if name in names:
                parent[root(("test", name))] = root(own)
    found: dict[tuple[str, str], list[CTestTest]] = {}
    for test in listed:
        found.setdefault(root(("test", test.name)), []).append(test)
    return [tuple(each) for each in found.values()]
