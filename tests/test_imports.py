"""Imports follow the arrows of the design: gen ─▶ rts_tests ◀─ perf, and no circles."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import REPOSITORY

OURS = ("longpole.gen", "longpole.rts_tests", "longpole.perf")
GEN_MAY = {"errors", "files", "history", "plan", "seeds", "placeholders", "commit", "select"}
PERF_MAY = {"records", "errors", "files"}
EXPENSIVE = ("jinja2", "yaml", "pydantic", "sh", "filelock", "rich", "wasmtime")


def _modules() -> dict[str, Path]:
    found = {}
    for folder in ("", "gen", "rts_tests", "perf"):
        for path in sorted((REPOSITORY / (folder or "longpole")).rglob("*.py")):
            inside = path.relative_to(REPOSITORY / ((folder and ".") or "longpole")).with_suffix("")
            found[".".join(("longpole", *inside.parts)).removesuffix(".__init__")] = path
    return found


MODULES = _modules()


def _imports(name: str, *, also_inside_functions: bool = True) -> set[str]:
    """The modules of ours that a module names, resolved to files: `from gen import suite` is `gen.suite`."""
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
    return {each for each in named if each.startswith("longpole")}


def _part(name: str) -> list[str]:
    return [module for module in MODULES if module.split(".")[1:2] == [name]]


@pytest.mark.parametrize("name", _part("rts_tests"))
def test_the_runner_imports_only_itself(name: str) -> None:
    assert {each for each in _imports(name) if each.split(".")[1:2] != ["rts_tests"]} == set()


@pytest.mark.parametrize("name", _part("gen"))
def test_the_generator_imports_only_contracts_of_the_runner(name: str) -> None:
    others = {each for each in _imports(name) if each.split(".")[1:2] != ["gen"]}
    assert others <= {f"longpole.rts_tests.{each}" for each in GEN_MAY} | {"longpole"}


def test_perf_reads_records_and_nothing_else_of_the_runner() -> None:
    for name in _part("perf"):
        others = {each for each in _imports(name) if each.split(".")[1:2] != ["perf"]}
        assert others <= {f"longpole.rts_tests.{each}" for each in PERF_MAY}, name


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


@pytest.mark.parametrize(
    "name", ["longpole.rts_tests.supervise.supervisor", "longpole.rts_tests.run.run", "longpole.cli"]
)
def test_starting_a_run_pays_for_no_expensive_import(name: str) -> None:
    script = f"import sys, {name}; print(*[each for each in {EXPENSIVE!r} if each in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
