"""`longpole init` in Go modules, by a real go; and names, batches and parts, without it."""

import re

import pytest

from longpole.gen.adapters.go import Go, GoTests, Package
from longpole.gen.adapters.model import Settings
from longpole.gen.adapters.suite import to_text
from tests.gen.adapters.projects import empty, go_client, with_go, write
from tests.project import Project

__all__ = ["empty"]

INNER = """package inner

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) { fmt.Println("set up"); os.Exit(m.Run()) }

func TestA(t *testing.T) {
	if _, err := os.Stat("testdata/x"); err != nil { t.Fatal(err) }
	for _, name := range []string{"a b", "$(touch hurt)", "http://x/y"} {
		t.Run(name, func(t *testing.T) { t.Parallel() })
	}
}
func TestAB(t *testing.T) { t.Skip("not here") }
func FuzzNumbers(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) {}) }
func Example() { fmt.Println("hi")
	// Output: hi
}
func BenchmarkNone(b *testing.B) { b.Fatal("never") }
"""
FILES = {
    "go.mod": "module example.com/x/v2\n\ngo 1.19\n",
    "x.go": "package x\n",
    "x_test.go": 'package x\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n',
    "a/inner/inner_test.go": INNER,
    "a/inner/testdata/x": "",
    "b/inner/outer_test.go": 'package inner_test\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n',
    "tagged/a.go": "package tagged\n",
    "tagged/a_test.go": '//go:build slow\n\npackage tagged\n\nimport "testing"\n\nfunc TestSlow(t *testing.T) {}\n',
    "bench/b_test.go": 'package bench\n\nimport "testing"\n\nfunc BenchmarkX(b *testing.B) {}\n',
    "other/go.mod": "module example.com/other\n\ngo 1.19\n",
    "other/o_test.go": 'package other\n\nimport "testing"\n\nfunc TestO(t *testing.T) {}\n',
}


@pytest.mark.slow
@pytest.mark.golang
def test_the_suite_runs_the_same_tests_as_go_each_once(empty: Project) -> None:
    with_go(empty)
    write(empty.root, FILES)
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "wrote suite.yaml: 4 modules, 6 tests\n" in done.out
    assert "other/go.mod: is another module, not in the workspace" in done.text
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert "10 cases: 9 passed, 1 skipped" in made.out
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "go: 6 tests, each run once\n")
    assert not any(path.name == "hurt" for path in empty.root.rglob("hurt"))

    write(empty.root, {"b/inner/outer_test.go": FILES["b/inner/outer_test.go"].replace("{}", '{ t.Error("why") }')})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "case:  TestA (outer_test.go:5)\n" in made.out
    assert "why" in made.out

    write(empty.root, {"b/inner/outer_test.go": FILES["b/inner/outer_test.go"].replace("{}", "{ undefined() }")})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "undefined: undefined" in made.text


@pytest.mark.slow
@pytest.mark.golang
def test_a_workspace_has_the_tests_of_its_modules_and_a_failing_build_writes_nothing(empty: Project) -> None:
    with_go(empty)
    write(empty.root, {**FILES, "go.work": "go 1.19\n\nuse (\n\t.\n\t./other\n)\n"})
    done = empty.longpole("init", "--dry-run")
    assert done.status == 0, done.text
    assert "  other: {weight: 0.1, results: {go: stdout}}\n" in done.out
    assert "is another module" not in done.text
    write(empty.root, {"x_test.go": FILES["x_test.go"].replace("{}", "{ undefined() }")})
    done = empty.longpole("init")
    assert done.status == 2
    assert "undefined: undefined" in done.err
    assert "Traceback" not in done.err
    assert not (empty.root / "suite.yaml").exists()


@pytest.mark.slow
@pytest.mark.golang
def test_a_package_that_go_vet_refuses_fails_as_with_go_test_and_the_others_run(empty: Project) -> None:
    with_go(empty)
    write(empty.root, {**FILES, "x_test.go": FILES["x_test.go"].replace("{}", '{ t.Errorf("%d", "x") }')})
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "`go vet` is not content" in (empty.root / "suite.yaml").read_text()
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "FAIL go/x " in made.out
    assert "format %d has arg" in made.out
    assert "9 cases: 8 passed, 1 skipped" in made.out
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "go: 5 tests, each run once\n")


@pytest.mark.slow
@pytest.mark.golang
def test_a_variant_has_flags_of_its_own_and_a_panic_is_told_as_go_tells_it(empty: Project) -> None:
    with_go(empty)
    panics = FILES["x_test.go"].replace("{}", '{ t.Run("s", func(t *testing.T) { panic("boom") }) }')
    write(empty.root, {**FILES, "x_test.go": panics})
    text = empty.longpole("init", "--dry-run").out
    text = text.replace("  go:\n", "  go:\n  slow: {build_args: [-tags=slow]}\n")
    text += "  tagged: {only: [slow], results: {go: stdout}}\n"
    write(empty.root, {"suite.yaml": text})
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert "FAIL go/x" in made.out
    assert "case:  TestA#s (" in made.out
    assert "panic: boom" in made.out
    assert "PASS slow/tagged" in made.out, made.text


def test_a_long_package_is_split_by_exact_names_and_the_last_part_runs_all_others() -> None:
    names = tuple(f"Test{number}" for number in range(40))
    settings = Settings(jobs=2, durations={f"example.com/x/api#{name}": 1.0 for name in names})
    tests = GoTests("x", (1, 20), (Package("api", "example.com/x/api", names),))
    *first, last = Go().to_suite(tests, settings).modules
    assert [entry.name for entry in (*first, last)] == [f"api.part{number}" for number in range(1, 16)]
    ran = [name for entry in first for name in names if re.search(entry.keys["args"][1], name)]
    assert last.keys["args"] == ["-test.skip", f"^({'|'.join(ran)})$"]
    assert len(ran) == len(set(ran)) == 39
    old = Go().to_suite(GoTests("x", (1, 19), tests.packages), settings)
    assert [entry.keys["args"][0] for entry in old.modules] == ["-test.run"] * 15
    assert all(re.search(old.modules[-1].keys["args"][1], name) for name in names[39:])
    to_text(Go().to_suite(tests, settings))


def test_a_package_with_most_tests_runs_as_many_parallel_ones_as_its_part_of_the_jobs() -> None:
    packages = (Package("a", "x/a", tuple(f"TestA{n}" for n in range(30))), Package("b", "x/b", ("TestB",) * 2))
    first, second = Go().to_suite(GoTests("x", (1, 20), packages), Settings(jobs=4)).modules
    assert (first.keys["args"], first.keys["slots"]) == (["-test.parallel=4"], 4)
    assert not {"args", "slots"} & second.keys.keys()
    assert Go().with_tests(["-test.parallel=4"], lambda _: True) == ("-test.parallel=4",)


def test_packages_whose_binaries_would_have_one_name_are_built_one_after_another() -> None:
    paths = ["x/a/v2", "x/b/a", "x/c", "x/v1", "x/C"]
    go = go_client()
    assert [go.exec_name(path) for path in paths] == ["a", "a", "c", "v1", "C"]
    assert go.batches(paths, (1, 21)) == [["x/a/v2", "x/c", "x/v1"], ["x/b/a", "x/C"]]
    assert go.batches(paths, (1, 20)) == [[path] for path in paths]


def test_names_are_like_folders_and_those_that_would_clash_are_told_apart() -> None:
    folders = {
        "m": ".",
        "m/a/b": "a/b",
        "m/a-b": "a-b",
        "m/x.part1": "x.part1",
        "m/é ": "é ",
        "m/" + "l" * 99: "l" * 99,
    }
    names = go_client().names_for(folders)
    assert (names["m"], names["m/é "]) == ("m", "tests")
    for path, begin in (("m/a/b", "a-b-"), ("m/a-b", "a-b-"), ("m/x.part1", "x.part1-"), ("m/" + "l" * 99, "l" * 80)):
        assert names[path].startswith(begin)
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert go_client().names_for(dict(list(folders.items())[1:3]))["m/a/b"] == names["m/a/b"]


@pytest.mark.parametrize(("text", "version"), [("go1.19.8", (1, 19)), ("go1.22rc1", (1, 22)), ("devel +a1b2", (1, 99))])
def test_versions_of_go(text: str, version: tuple[int, int]) -> None:
    assert go_client().version_in(text) == version


def test_scripts_quote_paths_and_mark_their_lines_since_go_1_20() -> None:
    text = go_client().script("/x y/$(touch hurt)", "/x y/'b.test", "/usr/go", (1, 20))
    assert "cd '/x y/$(touch hurt)' || exit 1\n" in text
    assert """exec '/x y/'"'"'b.test' -test.v=test2json """ in text
    assert " -test.v " in go_client().script("/", "/b.test", "/usr/go", (1, 19))
