"""`longpole tune` in projects that `longpole init` adopted, by their real runners."""

import json
from pathlib import Path

import pytest

from longpole.gen.adapters.ctest import CTest
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.quantities import count
from tests.gen.adapters.projects import empty, with_go, with_rust, write
from tests.project import Project, tool

__all__ = ["empty"]


def test_what_a_unit_has_to_run_together_is_read_from_the_build_tree(tmp_path: Path) -> None:
    properties = {"a": ("DEPENDS", ["b"]), "c": ("FIXTURES_SETUP", ["f"]), "d": ("FIXTURES_REQUIRED", ["f"])}
    rows = [
        {"name": name, "properties": [dict(zip(("name", "value"), properties[name], strict=True))]}
        if name in properties
        else {"name": name}
        for name in "abcde"
    ]
    listed = {"tests": rows, "backtraceGraph": {"nodes": [], "files": []}}
    run = ["{target_dir}/longpole/ctest", "{args}"]
    assert CTest().together(run, tmp_path) is None
    assert CTest().together(["other"], tmp_path) == []
    (tmp_path / "longpole").mkdir()
    (tmp_path / "longpole/tests.json").write_text(json.dumps(listed))
    found = CTest().together(run, tmp_path)
    assert found is not None
    assert sorted(map(sorted, found)) == [["a", "b"], ["c", "d"], ["e"]]


TUNED = """
cmake_minimum_required(VERSION 3.19)
project(demo NONE)
include(CTest)
foreach(n RANGE 1 6)
  add_test(NAME long_${n} COMMAND sleep 0.5)
  add_test(NAME short_${n} COMMAND true)
endforeach()
set_tests_properties(long_2 PROPERTIES DEPENDS long_1)
"""


@pytest.mark.slow
def test_groups_are_made_anew_from_history(empty: Project) -> None:
    write(empty.root, {"CMakeLists.txt": TUNED})
    names = [f"{kind}_{number}" for number in range(1, 7) for kind in ("long", "short")]
    costs = "".join(f"{name} 1 {0.01 if name.startswith('long') else 1.5}\n" for name in names)
    write(empty.root, {"build/Testing/Temporary/CTestCostData.txt": f"{costs}---\n"})  # what was measured is wrong
    for program in ("cmake", "ctest"):
        tool(program)
    done = empty.longpole("init")
    assert done.status == 0, done.text
    before = (empty.root / "suite.yaml").read_text()
    assert empty.longpole("render").status == 0
    assert empty.make("-j2", "test").status == 0
    assert empty.longpole("tune", "-j2", "--write").status == 0
    text = (empty.root / "suite.yaml").read_text()
    assert text.partition("modules:")[0] == before.partition("modules:")[0]
    assert text != before
    modules = suite_from_bytes(text.encode(), "suite.yaml").modules
    assert sorted(test for module in modules for test in module.args) == sorted(names)
    assert any({"long_1", "long_2"} <= set(module.args) for module in modules)
    assert max(sum(test.startswith("long") for test in module.args) for module in modules) <= 3
    assert empty.make("-j2", "test").status == 0
    assert empty.longpole("init", "--verify").out == "debug: 12 tests, each run once\n"
    assert "no change of chunks or groups would help" in empty.longpole("tune", "-j2").out


def split(project: Project, tests: int, variant: str) -> None:
    """The only binary of a project is a long pole, and is split; each test runs once. What is changed by hand stays."""
    done = project.longpole("init")
    assert done.status == 0, done.text
    path = project.root / "suite.yaml"
    before = path.read_text()
    path.write_text(before.replace("results:", "labels: [mine], results:"))
    assert project.longpole("render").status == 0
    assert project.make("-j2", "test").status == 0
    done = project.longpole("tune", "-j2", "--write")
    assert "  split: " in done.out
    modules = suite_from_bytes(path.read_bytes(), "suite.yaml").modules
    assert len(modules) > 1
    assert {module.labels for module in modules} == {("mine",)}
    assert path.read_text().partition("modules:")[0] == before.partition("modules:")[0]
    done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert project.longpole("init", "--verify").out == f"{variant}: {count(tests, 'test')}, each run once\n"
    assert "no change of chunks or groups would help" in project.longpole("tune", "-j2").out
    path.write_text(path.read_text().replace("All tests that are in no other part.", "mine"))
    assert "no change of chunks or groups would help" in project.longpole("tune", "-j64").out


@pytest.mark.slow
def test_a_binary_of_cargo_that_is_a_long_pole_is_split(empty: Project) -> None:
    with_rust(empty)
    slow = "std::thread::sleep(std::time::Duration::from_millis(400));"
    tests = "".join(f"    #[test] fn t{number}() {{ {slow} }}\n" for number in range(7))
    manifest = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n'
    write(empty.root, {"Cargo.toml": manifest, "src/lib.rs": f"mod inner {{\n{tests}}}\n"})
    split(empty, 7, "dev")


@pytest.mark.slow
@pytest.mark.golang
def test_a_package_of_go_that_is_a_long_pole_is_split(empty: Project) -> None:
    with_go(empty)
    body = 't.Run("sub", func(t *testing.T) { time.Sleep(400 * time.Millisecond) })'
    tests = "".join(f"func Test{number}(t *testing.T) {{ {body} }}\n" for number in range(7))
    text = f'package x\n\nimport (\n\t"testing"\n\t"time"\n)\n\n{tests}'
    write(empty.root, {"go.mod": "module example.com/x\n\ngo 1.19\n", "x_test.go": text})
    split(empty, 7, "go")
