"""`longpole init` in projects with CMake, by real cmake and ctest."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longpole.gen.adapters.cmake_presets import Variant
from longpole.gen.adapters.ctest import CTest, CTestTests
from longpole.gen.adapters.ctest_list import CTestTest, bundles, parse_costs, parse_list
from longpole.gen.adapters.model import Draft, Settings
from longpole.gen.adapters.suite import to_text
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from tests.gen.adapters.projects import adopted, ctest_client, empty, write
from tests.project import Project, records_in, tool

__all__ = ["empty"]

LISTS = r"""
cmake_minimum_required(VERSION 3.19)
project(demo NONE)
include(CTest)
add_test(NAME same COMMAND sh -c "echo here >> ${CMAKE_BINARY_DIR}/same")
add_test(NAME same1 COMMAND true)
add_test(NAME "a b [x] (1+2)*" COMMAND true)
add_test(NAME "semi;colon" COMMAND true)
add_test(NAME [[q"uote'$(touch hurt)`]] COMMAND sh -c "test \"$X\" = 1\;2 && test \"$PWD\" = \"$Y\"")
set_tests_properties([[q"uote'$(touch hurt)`]] PROPERTIES
  ENVIRONMENT "X=1\\;2;Y=${CMAKE_SOURCE_DIR}" WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME "{brace}|^.$\\" COMMAND true)
add_test(NAME -dash COMMAND true)
add_test(NAME will_fail COMMAND false)
set_tests_properties(will_fail PROPERTIES WILL_FAIL ON COST 7 LABELS "slow;net" PROCESSORS 2 RESOURCE_LOCK "port 80")
add_test(NAME output COMMAND sh -c "echo good; exit 3")
set_tests_properties(output PROPERTIES PASS_REGULAR_EXPRESSION "go+d")
add_test(NAME alone COMMAND true)
set_tests_properties(alone PROPERTIES RUN_SERIAL ON TIMEOUT 2000)
add_test(NAME dis COMMAND false)
set_tests_properties(dis PROPERTIES DISABLED ON)
add_test(NAME dis_alone COMMAND false)
set_tests_properties(dis_alone PROPERTIES DISABLED ON LABELS other)
add_test(NAME skip COMMAND sh -c "exit 77")
set_tests_properties(skip PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME setup COMMAND sh -c "echo s >> ${CMAKE_BINARY_DIR}/order")
add_test(NAME clean COMMAND sh -c "echo c >> ${CMAKE_BINARY_DIR}/order")
add_test(NAME use COMMAND sh -c "echo u >> ${CMAKE_BINARY_DIR}/order")
set_tests_properties(setup PROPERTIES FIXTURES_SETUP f)
set_tests_properties(clean PROPERTIES FIXTURES_CLEANUP f)
set_tests_properties(use PROPERTIES FIXTURES_REQUIRED f DEPENDS later)
add_test(NAME later COMMAND sh -c "echo l >> ${CMAKE_BINARY_DIR}/order" CONFIGURATIONS Debug)
add_subdirectory(sub)
"""
SUB = 'add_test(NAME same COMMAND sh -c "echo there >> ${CMAKE_BINARY_DIR}/same")\n'


def adopt(project: Project) -> str:
    """Adopt the project, run it, and return the text of its suite."""
    for program in ("cmake", "ctest"):
        tool(program)
    return adopted(project)


@pytest.mark.slow
def test_the_suite_runs_the_same_tests_as_ctest_each_once(empty: Project) -> None:
    write(empty.root, {"CMakeLists.txt": LISTS, "sub/CMakeLists.txt": SUB})
    text = adopt(empty)
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "debug: 18 tests, each run once\n")
    target = empty.root / "target-debug"
    assert sorted((target / "same").read_text().split()) == ["here", "there"]
    order = (target / "order").read_text().split()
    assert sorted(order) == ["c", "l", "s", "u"]
    assert [each for each in order if each != "l"] == ["s", "u", "c"]
    assert order.index("l") < order.index("u")
    assert not (empty.root / "hurt").exists()
    assert not (target / "hurt").exists()
    suite = {each.name: each for each in suite_from_bytes(text.encode(), "suite.yaml").modules}
    assert "# Disabled in CMake, thus skipped: dis." in text
    assert suite["will_fail"].locks == (f"{empty.root.name}-port-80",)
    assert (suite["will_fail"].weight, suite["will_fail"].slots) == (7, 2)
    assert suite["will_fail"].labels == ("net", "slow")
    assert (suite["alone"].exclusive, suite["alone"].timeout_s) == (True, 2000)


@pytest.mark.slow
def test_the_names_of_cases_are_those_of_ctest(empty: Project) -> None:
    write(empty.root, {"CMakeLists.txt": LISTS, "sub/CMakeLists.txt": SUB})
    adopt(empty)
    command = ["ctest", "--test-dir", "target-debug", "-C", "Debug", "--show-only=json-v1"]
    listed = subprocess.run(command, cwd=empty.root, capture_output=True, text=True, check=True).stdout
    (run,) = [path for path in (empty.root / ".longpole/runs").iterdir() if path.is_dir()]
    cases = [case[1] for record in records_in(run) for case in record["cases"]]
    assert sorted(cases) == sorted(each["name"] for each in json.loads(listed)["tests"])


PRESETS = {
    "version": 3,
    "configurePresets": [
        {"name": "base", "hidden": True, "generator": "Ninja", "binaryDir": "${sourceDir}/never"},
        {"name": "fast one", "inherits": "base", "cacheVariables": {"MORE": "ON"}},
        {"name": "multi", "inherits": "base", "generator": "Ninja Multi-Config", "displayName": "Both"},
        {"name": "elsewhere", "inherits": "base", "condition": {"type": "const", "value": False}},
        {"name": "broken", "inherits": "base", "cacheVariables": {"BROKEN": "ON"}},
    ],
    "testPresets": [
        {"name": "plain", "configurePreset": "multi"},
        {"name": "sharp", "configurePreset": "multi", "environment": {"A": "b"}},
    ],
}
PRESET_LISTS = """
cmake_minimum_required(VERSION 3.19)
project(demo NONE)
enable_testing()
if(BROKEN)
  message(FATAL_ERROR "no such compiler")
endif()
add_test(NAME always COMMAND true)
if(MORE)
  add_test(NAME more COMMAND true)
endif()
add_test(NAME debug COMMAND sh -c "test $<CONFIG> = Debug" CONFIGURATIONS Debug)
"""


@pytest.mark.slow
def test_presets_are_variants_and_one_that_cannot_be_configured_is_named(empty: Project) -> None:
    tool("ninja")
    files = {"CMakeLists.txt": PRESET_LISTS, "CMakePresets.json": json.dumps(PRESETS)}
    write(empty.root, files)
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "the preset broken cannot be built here" in done.text
    assert "no such compiler" in done.text
    assert "the test preset sharp is not mapped" in done.text
    assert "plain" not in done.text
    suite = suite_from_bytes((empty.root / "suite.yaml").read_bytes(), "suite.yaml")
    assert [each.name for each in suite.variants] == ["fast-one", "multi"]
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert "4 cases: 4 passed" in made.out  # `always` twice, `more`, and `debug` where there is such a configuration
    assert not (empty.root / "never").exists()


@pytest.mark.slow
def test_a_build_that_fails_is_said_and_nothing_is_written(empty: Project) -> None:
    lists = LISTS + "add_custom_target(breaks ALL COMMAND sh -c [[echo does not compile >&2; exit 1]] VERBATIM)\n"
    write(empty.root, {"CMakeLists.txt": lists, "sub/CMakeLists.txt": SUB})
    done = empty.longpole("init")
    assert done.status == 2
    assert "does not compile" in done.err
    assert "Traceback" not in done.err
    assert not (empty.root / "suite.yaml").exists()


@pytest.mark.slow
def test_a_change_of_the_lists_configures_again_and_a_failing_build_stays_one(empty: Project) -> None:
    lists = "cmake_minimum_required(VERSION 3.19)\nproject(demo NONE)\nenable_testing()\n"
    write(empty.root, {"CMakeLists.txt": lists + "add_test(NAME a COMMAND true)\n"})
    adopt(empty)
    printed = empty.make("-n", "build")
    assert printed.status == 0, printed.text
    assert "Configuring done" not in printed.text
    write(empty.root, {"CMakeLists.txt": lists + "add_test(NAME b COMMAND true)\n"})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "No tests were found" in made.text
    write(empty.root, {"CMakeLists.txt": lists + 'message(FATAL_ERROR "broken lists")\n'})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "broken lists" in made.text


@pytest.mark.slow
def test_customisation_and_the_default_timeout_of_the_tree_hold(empty: Project) -> None:
    lists = (
        LISTS.split("include(CTest)", maxsplit=1)[0]
        + """
set(DART_TESTING_TIMEOUT 1 CACHE STRING "")
include(CTest)
file(WRITE ${CMAKE_BINARY_DIR}/CTestCustom.cmake "set(CTEST_CUSTOM_TESTS_IGNORE ignored)")
add_test(NAME ignored COMMAND false)
add_test(NAME hangs COMMAND sleep 1000)
set_tests_properties(hangs PROPERTIES WILL_FAIL ON)
add_test(NAME a COMMAND true)
"""
    )
    write(empty.root, {"CMakeLists.txt": lists})
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "ignored" not in (empty.root / "suite.yaml").read_text()
    assert empty.longpole("render").status == 0
    made = empty.make("test")
    assert "Timeout" in made.text
    assert "2 cases" in made.out


def test_ctest_s_costs_are_durations_and_lines_that_are_none_are_passed_over() -> None:
    text = "a b 2 0.5\nnew 0 3\nbroken\n x y\nnegative 1 -1\n---\nfailed 1 2\n"
    assert parse_costs(text) == {"a b": 0.5, "negative": 0.0}


def test_a_list_that_is_none_is_refused() -> None:
    for text in ("", "[]", "{}", '{"backtraceGraph": {}, "tests": [{}]}', '{"backtraceGraph": {}, "tests": 1}'):
        with pytest.raises(UseError, match="printed no list of tests"):
            parse_list(text)


NAMES = st.lists(st.sampled_from("abcdefgh"), max_size=20)


@given(NAMES, st.data())
def test_every_test_is_in_one_bundle_with_all_that_it_needs(names: list[str], data: st.DataObject) -> None:
    few = st.lists(st.sampled_from("abcxyz"), max_size=2).map(tuple)
    tests = [CTestTest(name, fixtures=data.draw(few), depends=data.draw(few)) for name in names]
    found = bundles(tests)
    flat = [test for bundle in found for test in bundle]
    assert sorted(map(id, flat)) == sorted(map(id, tests))
    of = {id(test): number for number, bundle in enumerate(found) for test in bundle}
    for one in tests:
        for other in tests:
            if one.name == other.name or other.name in one.depends or set(one.fixtures) & set(other.fixtures):
                assert of[id(one)] == of[id(other)]


def drafted(*tests: CTestTest, **durations: float) -> Draft:
    """The draft of a project with these tests."""
    read = CTestTests("x", (Variant("v", ()),), {"v": tests}, durations)
    draft = CTest().to_suite(read, Settings(jobs=2))
    to_text(draft)
    return draft


def test_tests_that_are_discovered_in_one_program_share_units_by_what_they_take() -> None:
    tests = [CTestTest(f"Suite{number // 10}.Test{number:03}") for number in range(400)]
    few = drafted(*tests, **dict.fromkeys((test.name for test in tests), 0.001))
    assert [(each.name, len(each.keys["args"])) for each in few.modules] == [("tests", 400)]
    more = drafted(*tests, **dict.fromkeys((test.name for test in tests), 0.1))
    assert [len(each.keys["args"]) for each in more.modules] == [50, 50, 50, 50, 50, 37, 28, 21, 16, 12, 11, 11, 14]
    assert [name for each in more.modules for name in each.keys["args"]] == [test.name for test in tests]
    one = drafted(
        CTestTest("slow", cost=9.5), CTestTest("a_.b", cost=2), CTestTest("a_.c"), slow=9.5, **{"a_.b": 2, "a_.c": 0.1}
    )
    assert [(each.name, each.keys["weight"]) for each in one.modules] == [("slow", 9.5), ("a", 2.1)]


def test_tests_of_unknown_duration_are_in_as_many_units_as_level_it_out() -> None:
    draft = drafted(*(CTestTest(f"t{number}") for number in range(23)))
    assert [len(each.keys["args"]) for each in draft.modules] == [2] * 8 + [1] * 7


def test_a_fixture_of_most_tests_is_run_by_several_jobs_of_ctest() -> None:
    few = [CTestTest(f"few{number}", fixtures=("small",)) for number in range(3)]
    many = [CTestTest(f"many{number}", fixtures=("large",), processors=2) for number in range(20)]
    draft = drafted(*few, *many, *(CTestTest(f"x{number}") for number in range(5)))
    slots = {each.keys["args"][0]: (each.keys.get("slots"), each.keys.get("env")) for each in draft.modules}
    assert slots.pop("many0") == (2, {"CTEST_PARALLEL_LEVEL": "2"})
    assert set(slots.values()) == {(None, None)}
    assert draft.defaults["env"] == {"CTEST_PARALLEL_LEVEL": "1"}


def test_a_regular_expression_does_not_become_too_big() -> None:
    tests = [CTestTest(f"{'a-long name. ' * 20}{number}") for number in range(500)]
    draft = drafted(*tests, **dict.fromkeys((test.name for test in tests), 0.0))
    assert len(draft.modules) > 5
    assert [name for each in draft.modules for name in each.keys["args"]] == [test.name for test in tests]


def test_a_name_that_no_suite_can_hold_is_unmapped_with_its_place() -> None:
    draft = drafted(CTestTest("a\nb", "CMakeLists.txt:7"), CTestTest("b"))
    assert [str(each) for each in draft.unmapped] == [
        "CMakeLists.txt:7: the test 'a\\nb' has a name that no suite can hold; give it a name of printable characters"
    ]
    assert [each.name for each in draft.modules] == ["b"]


@pytest.mark.parametrize("name", ["it's", "a]=]b]==]", "$HOME `id`", "new\nline"])
def test_the_script_reads_the_list_of_a_tree_with_any_name(tmp_path: Path, name: str) -> None:
    tree = tmp_path / name
    write(tree, {"CTestTestfile.cmake": 'add_test([==[x(1)]==] "true")\nadd_test("x1" "false")\n'})
    script = tmp_path / "script"
    script.write_text(ctest_client().script(str(tree), [tool("ctest")]))
    (tmp_path / "tmp").mkdir()
    command = ["sh", str(script), "x(1)"]
    environ = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "100% tests passed, 0 tests failed out of 1\n" in done.stdout


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"CMakeLists.txt": "ENABLE_TESTING ()"}, "CMakeLists.txt"),
        ({"CMakeLists.txt": "if(X)\n  include( CTest )\nendif()"}, "CMakeLists.txt"),
        ({"CMakeLists.txt": "include(cmake/x.cmake)", "cmake/x.cmake": "enable_testing()"}, "CMakeLists.txt"),
        ({"CMakeLists.txt": "# enable_testing()\ninclude(CTestFoo)"}, None),
        ({"x.cmake": "enable_testing()"}, None),
    ],
)
def test_a_project_is_found_by_what_enables_its_tests(tmp_path: Path, files: dict[str, str], place: str | None) -> None:
    write(tmp_path, files)
    assert CTest().detect(tmp_path) == place


def test_a_ctest_that_writes_no_junit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ctest").write_text("#!/bin/sh\necho 'ctest version 3.18.4'\n")
    (tmp_path / "ctest").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(UseError, match=r"ctest version 3\.18\.4 is too old; install CMake 3.21 or later"):
        CTest().read(tmp_path, Settings(jobs=2))


@pytest.mark.parametrize(
    ("flags", "dry"), [("n", True), ("kn -j2", True), ("rR -j2", False), (" -j2 --no-print-directory", False)]
)
def test_make_n_builds_nothing(flags: str, dry: bool) -> None:
    assert ctest_client()._is_dry_run(flags) is dry


@pytest.mark.parametrize(
    ("generator", "flags", "words"),
    [
        ("Unix Makefiles", "-j4 --jobserver-auth=fifo:/tmp/x", []),
        ("Ninja", " -j4 --jobserver-auth=fifo:/tmp/x", ["--parallel", "4"]),
        ("Unix Makefiles", "", ["--parallel", "1"]),
    ],
)
def test_a_build_has_the_jobs_of_make(
    monkeypatch: pytest.MonkeyPatch, generator: str, flags: str, words: list[str]
) -> None:
    monkeypatch.setenv("MAKEFLAGS", flags)
    monkeypatch.setenv("MAKELEVEL", "1")
    assert ctest_client()._parallel({"CMAKE_GENERATOR": generator}, {"MAKEFLAGS": flags}) == words


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), min_size=1))
@example(["(a|b)*[x]^$.+?\\", "", "-n", "%s", "a\nb\n"])
def test_patterns_are_names_alone(names: list[str]) -> None:
    text = ctest_client().script("/tree", ["printf", "%s\\n"]).replace("exec printf", "exec printf '%s\\0'", 1)
    command = ["sh", "-c", text.replace('>"$TMPDIR/', ">/dev/null #"), "sh", *names]
    words = subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0")
    quoted = "|".join(re.sub(r"([][().*+?^$|\\])", r"\\\1", name) for name in names)
    assert words[-2].decode() == f"^({quoted})$"


DISCOVERED = """
cmake_minimum_required(VERSION 3.19)
project(demo C)
enable_testing()
include(GoogleTest)
add_executable(unit unit.c)
gtest_discover_tests(unit TEST_PREFIX before. DISCOVERY_MODE PRE_TEST)
add_executable(other unit.c)
gtest_discover_tests(other TEST_PREFIX after. PROPERTIES LABELS fast)
"""
UNIT = r"""
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--gtest_list_tests") == 0) {
    puts("Heap.\n  Grows\n  Shrinks");
    puts("All/Sizes.  # TypeParam = int\n  Fits/0  # GetParam() = (1, \"x;y\")\n  Fits/1  # GetParam() = 2");
    return 0;
  }
  return argc < 2 || strncmp(argv[1], "--gtest_filter=", 15) != 0;
}
"""


@pytest.mark.slow
def test_tests_that_programs_list_are_discovered_once_for_all_units(empty: Project) -> None:
    tool("cc")
    write(empty.root, {"CMakeLists.txt": DISCOVERED, "unit.c": UNIT})
    text = adopt(empty)
    assert "before.Heap.Grows" in text
    assert "labels: [fast]" in text
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "debug: 8 tests, each run once\n")
