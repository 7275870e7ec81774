"""Imports follow the arrows of the design: one table of rooms, and no circles."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import REPOSITORY

EXPENSIVE = ("jinja2", "yaml", "pydantic", "sh", "filelock", "rich", "wasmtime")

_UNIT = {"unit", "warm", "results", "forks", "machine", "contracts"}
_SUPERVISE = {*_UNIT, "supervise", "limits", "make", "state"}
_RUN = {*_SUPERVISE, "view", "report", "run"}
ROOMS: dict[str, set[str]] = {
    # floor 1
    "contracts": {"contracts"},
    "machine": {"machine", "contracts"},
    # floor 2
    "limits": {"limits", "machine", "contracts"},
    "state": {"state", "forks", "machine", "contracts"},
    "make": {"make", "machine", "contracts"},
    "warm": {"warm", "machine", "contracts"},
    "results": {"results", "contracts"},
    "forks": {"forks", "machine", "contracts"},
    "scenario": {"scenario", "machine", "contracts"},
    "statistics": {"statistics", "contracts"},
    # floor 3
    "unit": _UNIT,
    "report": {"report", "state", "forks", "contracts"},
    # floors 4 to 7
    "supervise": _SUPERVISE,
    "view": {"view", *_SUPERVISE},
    "run": _RUN,
    "experiments": {"experiments", "statistics", *_RUN},
    # beside the runner, and above everything
    "gen": {"gen", "scenario", "results", "contracts", "longpole"},
    "perf": {"perf", "contracts"},
    "longpole": {"longpole", "gen", "perf", "experiments", "scenario", *_RUN},
}
"""Room to the rooms that it may import. A room is a folder of `rts_tests/`, or a whole package beside it."""


def _modules() -> dict[str, Path]:
    found = {}
    for folder in ("", "gen", "rts_tests", "perf"):
        for path in sorted((REPOSITORY / (folder or "longpole")).rglob("*.py")):
            inside = path.relative_to(REPOSITORY / ((folder and ".") or "longpole")).with_suffix("")
            found[".".join(("longpole", *inside.parts)).removesuffix(".__init__")] = path
    return found


MODULES = _modules()


def _room(name: str) -> str | None:
    """The room of a module; None for the package of all rooms, in which there is nothing to import."""
    parts = name.split(".")
    if parts[1:2] == ["rts_tests"]:
        return parts[2] if len(parts) > 2 else None
    return parts[1] if parts[1:2] in (["gen"], ["perf"]) else "longpole"


def _imports(name: str, *, also_inside_functions: bool = True) -> set[str]:
    """The modules of ours that a module names, resolved to files: `from longpole.gen import x` is `longpole.gen.x`."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree)) if also_inside_functions else list(tree.body)
    named: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            named.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively; write the whole name"
            assert node.module is not None
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            named.update(inside & MODULES.keys() or {node.module})
    return {each for each in named if each.split(".")[0] == "longpole"}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_room_imports_what_the_table_says(name: str) -> None:
    room = _room(name)
    if room is not None:
        others = {each: _room(each) for each in _imports(name)}
        assert {each for each, other in others.items() if other not in ROOMS[room]} == set()


def test_every_room_is_in_the_table_and_says_what_it_is_for() -> None:
    rooms = {room for room in map(_room, MODULES) if room is not None}
    assert rooms <= ROOMS.keys()
    for name in (name for name, path in MODULES.items() if path.name == "__init__.py"):
        text = ast.get_docstring(ast.parse(MODULES[name].read_text())) or ""
        assert "import" in text.lower(), f"{name} does not say what it may import"


def test_no_module_imports_itself_by_a_circle() -> None:
    edges = {name: _imports(name, also_inside_functions=False) & MODULES.keys() for name in MODULES}
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> None:
        assert name not in way, f"a circle: {' -> '.join([*way[way.index(name) :], name])}"
        if name not in done:
            for each in sorted(edges[name]):
                visit(each, [*way, name])
            done.add(name)

    for name in MODULES:
        visit(name, [])


@pytest.mark.parametrize("name", ["rts_tests.supervise.supervisor", "rts_tests.run.run", "command_line"])
def test_starting_a_run_pays_for_no_expensive_import(name: str) -> None:
    script = f"import sys, longpole.{name}; print(*[each for each in {EXPENSIVE!r} if each in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
