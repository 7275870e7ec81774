"""`make retest` in projects that `longpole init` adopted: the runner is asked for exactly the tests that failed."""

from collections.abc import Mapping

import pytest

from tests.gen.adapters.projects import empty, with_go, with_rust, write
from tests.project import Project, tool

__all__ = ["empty"]

NAME = "b.c [x] (1+2)*$(touch hurt){n}"
CMAKE = f"""
cmake_minimum_required(VERSION 3.19)
project(demo NONE)
include(CTest)
foreach(name IN ITEMS a "{NAME}" "b" "b.c")
  add_test(NAME "${{name}}" COMMAND sh -c "test ! -e ${{CMAKE_SOURCE_DIR}}/bad")
endforeach()
add_test(NAME good COMMAND true)
"""
RUST = """
mod inner {
    #[test] fn bad() { assert!(!std::path::Path::new("bad").exists()); }
    #[test] fn bad_not() {}
}
#[test] fn bad() {}
"""
GO = """package x
import ("os"; "testing")
func bad(t *testing.T) { if _, err := os.Stat("bad"); err == nil { t.Fatal("bad") } }
func TestB(t *testing.T) { t.Run("a/b (c)", bad); t.Run("good", func(t *testing.T) {}) }
func TestBad(t *testing.T) {}
"""


def again(project: Project, files: Mapping[str, str]) -> dict[str, str]:
    """Adopt a project, fail because of the file `bad`, and mend it: the cases that ran again, with their statuses."""
    write(project.root, {**files, "bad": ""})
    done = project.longpole("init")
    assert done.status == 0, done.text
    assert project.longpole("render").status == 0
    assert project.make("-k", "-j2", "test").status == 2
    (project.root / "bad").unlink()
    done = project.make("retest")
    assert done.status == 0, done.text
    assert not any(path.name == "hurt" for path in project.root.rglob("hurt"))
    return {row[1]: row[2] for record in project.records().values() for row in record["cases"]}


@pytest.mark.slow
def test_ctest(empty: Project) -> None:
    tool("ctest")
    cases = again(empty, {"CMakeLists.txt": CMAKE})
    assert cases == dict.fromkeys(["a", NAME, "b", "b.c"], "passed")


@pytest.mark.slow
def test_cargo(empty: Project) -> None:
    with_rust(empty)
    manifest = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n'
    assert again(empty, {"Cargo.toml": manifest, "src/lib.rs": RUST}) == {"bad": "passed"}
    (record,) = empty.records().values()
    assert record["selected"] == ["inner::bad"]


@pytest.mark.slow
@pytest.mark.golang
def test_go(empty: Project) -> None:
    with_go(empty)
    cases = again(empty, {"go.mod": "module example.com/x\n\ngo 1.19\n", "x_test.go": GO})
    assert set(cases) == {"TestB", "a/b_(c)", "good"}
    (record,) = empty.records().values()
    assert record["selected"] == ["TestB"]
