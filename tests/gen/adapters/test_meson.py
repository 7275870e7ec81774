"""`longpole init` in projects with Meson, by real meson and ninja."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.meson import Meson, MesonTest, MesonTests, parse_log
from longpole.gen.adapters.model import Draft, Settings
from longpole.gen.adapters.suite import to_text
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from tests.gen.adapters.projects import adopted, empty, meson_client, write
from tests.project import REPOSITORY, Project, records_in

__all__ = ["empty"]

BUILD = r"""
project('demo')
sh = find_program('sh')
add_test_setup('usual', is_default: true, exclude_suites: ['hours'], env: {'SETUP': 'usual'}, timeout_multiplier: 2)
add_test_setup('all')
sub = subproject('sub')
test('works', sh, args: ['-c', 'echo hello; test "$SETUP-$MESON_TEST_ITERATION" = usual-1 && test "$MALLOC_PERTURB_"'])
test('should fail', sh, args: ['-c', 'exit 3'], should_fail: true)
test('skips', sh, args: ['-c', 'exit 77'])
test('''a b [x] (1+2)* $(touch hurt) q"u'o`te {brace}''', sh, args: ['-c', '''test "$A" = '1:2 $(B)' '''],
  env: ['A=1:2 $(B)'])
test('same', sh, args: ['-c', 'echo one >> ../same'])
test('same', sh, args: ['-c', 'echo two >> ../same'])
test('same2', sh, args: ['-c', 'true'])
test('tells', sh, args: ['-c', 'echo 1..2; echo noise >&2; echo ok 1 - first; echo "ok 2 - second # SKIP not here"'],
  protocol: 'tap')
test('program', sh, args: ['-c', '''case $1 in --gtest_output=xml:*) echo "<testsuites><testsuite name='S'>
  <testcase classname='Heap' name='Grows'/></testsuite></testsuites>" > "${1#*:}";; *) exit 1;; esac''', 'x'],
  protocol: 'gtest')
test('crate', sh, args: ['-c', '''echo; echo running 1 test; echo test a::b ... ok; echo
  echo "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"'''],
  protocol: 'rust')
test('alone', sh, args: ['-c', 'true'], is_parallel: false, timeout: 0, priority: 5)
test('hours', sh, args: ['-c', 'exit 1'], suite: 'hours')
e = environment()
e.prepend('PATH', '/first')
test('place', sh, args: ['-c', 'case $PATH in /first:*) test -f meson.build;; *) exit 1;; esac'], env: e,
  workdir: meson.current_source_dir(), suite: ['fast', 'sub dir'])
made = custom_target('made', output: 'made', command: [sh, '-c', 'echo made > made'], build_by_default: false)
test('depends', sh, args: ['-c', 'test -f made'], depends: made)
benchmark('speed', sh, args: ['-c', 'exit 1'])
"""
SUB = """
project('sub')
test('same', find_program('sh'), args: ['-c', 'echo three >> ../same'])
test('inner', find_program('sh'), args: ['-c', 'true'])
"""
FILES = {"meson.build": BUILD, "subprojects/sub/meson.build": SUB}

REPORT = "<testsuite name='demo'>{}</testsuite>".format(
    "".join(f"<testcase name='demo:{name}' time='0.01'/>" for name in "abc")
)


@pytest.mark.slow
def test_the_suite_runs_the_same_tests_as_meson_each_once(empty: Project) -> None:
    write(empty.root, FILES)
    text = adopted(empty)
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "meson: 15 tests, each run once\n")
    assert sorted((empty.root / "same").read_text().split()) == ["one", "three", "two"]
    assert not list(empty.root.rglob("hurt"))
    cases = {(case[0], case[1]): case for record in records_in(empty.last) for case in record["cases"]}
    assert cases["skips", ""][2] == cases["tells", "second"][2] == "skipped"
    assert {("tells", "first"), ("program", "Heap > Grows"), ("crate", "a > b"), ("demo:same (2)", "")} <= cases.keys()
    listed = empty.run("meson", "test", "-C", "target-meson", "--list", "--no-rebuild").out.splitlines()
    assert len(listed) == 15
    suite = {each.name: each for each in suite_from_bytes(text.encode(), "suite.yaml").modules}
    assert (suite["alone"].exclusive, suite["alone"].timeout_s) == (True, 21600)
    assert suite["place"].labels == ("fast", "sub-dir")
    assert suite["inner"].labels == ("sub",)
    for line in ("Test setups: demo:all;", "1 benchmark in", "# Without a timeout in Meson: alone."):
        assert line in text


@pytest.mark.slow
def test_meson_s_own_runner_has_the_same_outcomes(empty: Project) -> None:
    write(empty.root, FILES)
    adopted(empty)
    done = empty.run("meson", "test", "-C", "target-meson", "--no-rebuild")
    rows = [json.loads(line) for line in (empty.root / "target-meson/meson-logs/testlog.json").read_text().splitlines()]
    theirs = sorted({"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}[row["result"]] for row in rows)
    worst: dict[str, str] = {}
    for record in records_in(empty.last):
        for name, _, status, *_ in record["cases"]:
            worst[name] = min(worst.get(name, status), status)  # a test that passed in part has passed
    assert done.status == 0, done.text
    assert sorted(worst.values()) == theirs


@pytest.mark.slow
def test_a_failure_is_a_failure_and_a_change_of_a_test_needs_no_new_suite(empty: Project) -> None:
    build = "project('demo')\nsh = find_program('sh')\ntest('a', sh, args: ['-c', 'true'], timeout: 1)\n"
    more = "test('b', sh, args: ['-c', 'true'])\n"
    write(empty.root, {"meson.build": build + more})
    adopted(empty)
    write(empty.root, {"meson.build": build.replace("'true'", "'echo why; exit 4'")})
    made = empty.make("-j2", "-k", "test")
    assert made.status != 0
    assert "exit status 4" in made.out
    assert "why" in made.out
    assert "the project has no such test; remove it from the suite" in made.out
    write(empty.root, {"meson.build": build.replace("'true'", "'sleep 1000'") + more})
    made = empty.make("-j2", "-k", "test")
    assert made.status != 0
    assert "took longer than its timeout" in made.out
    assert "2 cases: 1 passed, 1 timeout" in made.out


@pytest.mark.slow
def test_retest_runs_the_tests_of_a_unit_that_failed_alone(empty: Project) -> None:
    build = "project('demo')\nsh = find_program('sh')\n"
    for name, text in (("a", "true"), ("b", "exit 1"), ("c", "echo 1..2; echo ok 1; test -e ../mended && echo ok 2")):
        protocol = "tap" if name == "c" else "exitcode"
        build += f"test('{name}', sh, args: ['-c', 'echo {name} >> ../ran; {text}'], protocol: '{protocol}')\n"
    write(empty.root, {"meson.build": build, "r.xml": REPORT})
    assert empty.longpole("init", "--durations", "r.xml").status == 0
    assert empty.longpole("render").status == 0
    made = empty.make("test")
    assert "1 unit: 1 failed" in made.out or "1 unit: 1 error" in made.out, made.out
    write(empty.root, {"mended": "", "ran": ""})
    again = empty.make("retest")
    assert (empty.root / "ran").read_text().split() == ["b", "c"]
    assert "2 cases: 1 passed, 1 failed" in again.out or "3 cases: 2 passed, 1 failed" in again.out, again.out


@pytest.mark.slow
def test_a_build_that_fails_stays_a_failing_build_and_nothing_is_written(empty: Project) -> None:
    write(empty.root, {"meson.build": "project('demo')\nerror('no such compiler')\ntest('a', find_program('sh'))\n"})
    done = empty.longpole("init")
    assert done.status == 2
    assert "no such compiler" in done.text
    assert "mend the build" in done.text
    assert not (empty.root / "suite.yaml").exists()
    fails = "project('demo')\nsh = find_program('sh')\ntest('a', sh)\ncustom_target('x', output: 'x', "
    write(
        empty.root,
        {"meson.build": f"{fails}command: [sh, '-c', 'echo broken rule; exit 1'], build_by_default: true)\n"},
    )
    done = empty.longpole("init")
    assert done.status == 2
    assert "broken rule" in done.text


@pytest.mark.slow
def test_a_variant_has_build_options_and_a_test_setup(empty: Project) -> None:
    build = """
project('demo', meson_version: '>=1.0')
sh = find_program('sh')
add_test_setup('loud', env: {'LOUD': '1'}, exe_wrapper: [sh, '-c', 'export WRAPPED=1; exec "$@"', 'x'],
  exclude_suites: ['quiet'])
test('a', sh, args: ['-c', 'echo "$LOUD$WRAPPED-$1" > "$2"', 'x', get_option('buildtype'),
  meson.current_build_dir() / 'r'])
test('b', sh, args: ['-c', 'exit 1'], suite: 'quiet', should_fail: true)
"""
    write(empty.root, {"meson.build": build})
    adopted(empty)
    path = empty.root / "suite.yaml"
    loud = "  meson:\n  loud: {build_args: [--buildtype=release], env: {TEST_SETUP: loud}}\n"
    path.write_text(path.read_text().replace("  meson:\n", loud))
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert (empty.root / "target-meson/r").read_text() == "-debug\n"
    assert (empty.root / "target-loud/r").read_text() == "11-release\n"
    assert "excluded by the setup demo:loud" in made.out
    path.write_text(
        path.read_text().replace("buildtype=release", "buildtype=plain").replace("SETUP: loud", "SETUP: lout")
    )
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "-k", "test")
    assert made.status != 0
    assert "has no setup lout; choose one of these: demo:loud" in made.text
    assert empty.run("meson", "test", "-C", "target-loud", "--setup=loud", "a").status == 0
    assert (empty.root / "target-loud/r").read_text() == "11-plain\n"


@pytest.mark.slow
def test_durations_are_those_of_a_build_tree_or_of_a_report(empty: Project) -> None:
    build = "project('demo')\nsh = find_program('sh')\n"
    build += "foreach n : ['a', 'b', 'c', 'd']\n  test('t ' + n, sh, args: ['-c', 'true'], suite: 's')\nendforeach\n"
    write(empty.root, {"meson.build": build})
    for command in (["setup", "build"], ["test", "-C", "build"]):
        assert empty.run("meson", *command).status == 0
    dry = empty.longpole("init", "--dry-run")
    assert ", labels: [s], args: [t a, t b, t c, t d]," in dry.out
    report = "<testsuites><testsuite name='demo'><testcase name='s - demo:t c' time='9'/></testsuite></testsuites>"
    write(empty.root, {"report.xml": report})
    dry = empty.longpole("init", "--dry-run", "--durations", "report.xml")
    assert "  t: {weight: 9." in dry.out


# -- without meson ----------------------------------------------------------------------------------------------------


def drafted(*tests: MesonTest, **durations: float) -> Draft:
    """The draft of a project with these tests."""
    draft = Meson().to_suite(MesonTests("x", tests, durations), Settings(jobs=2))
    to_text(draft)
    return draft


def test_small_tests_share_units_by_what_they_take_and_by_what_they_may_run_beside() -> None:
    tests = [MesonTest(f"t{number:03}", (f"x:t{number:03}",)) for number in range(400)]
    few = drafted(*tests, **{f"x:{test.name}": 0.001 for test in tests})
    assert [(each.name, len(each.keys["args"])) for each in few.modules] == [("tests", 400)]
    assert few.modules[0].keys["timeout"] == 400 * 32
    unknown = drafted(*tests)
    sizes = [len(each.keys["args"]) for each in unknown.modules]
    assert sizes == [50, 50, 50, 50, 50, 37, 28, 21, 16, 12, 9, 6, 6, 6, 6, 3]
    kinds = drafted(*tests[:2], MesonTest("s", is_parallel=False), MesonTest("l", labels=("slow",)), MesonTest("z"))
    assert [(each.keys.get("labels"), each.keys.get("exclusive")) for each in kinds.modules] == [
        *[(None, None)] * 3,
        (None, True),
        (["slow"], None),
    ]


def test_what_has_a_priority_counts_as_longer_where_nobody_knows() -> None:
    draft = drafted(MesonTest("first", priority=3), MesonTest("known", ("k",), priority=9), MesonTest("last"), k=2.0)
    assert [(each.name, each.keys["weight"]) for each in draft.modules] == [
        ("first", 0.4),
        ("known", 2.0),
        ("last", 0.1),
    ]


def test_a_name_that_no_suite_can_hold_is_unmapped() -> None:
    draft = drafted(MesonTest("a\nb"), MesonTest(""), MesonTest("b"))
    assert [str(each) for each in draft.unmapped] == [
        "meson.build: the test 'a\\nb' has a name that no suite can hold; rename it",
        "meson.build: the test '' has a name that no suite can hold; rename it",
    ]
    assert [each.name for each in draft.modules] == ["b"]


def test_lines_of_a_log_that_are_no_tests_are_passed_over() -> None:
    lines = ['{"name": "a", "duration": 0.5}', "", "[]", '{"name": 1, "duration": 1}', '{"name": "b", "duration": "x"}']
    more = ['{"name": "c", "duration": -1}', '{"name": "d", "duration": NaN}']
    assert parse_log("\n".join(lines + more)) == {"a": 0.5}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"meson.build": "project('x')\ntest('a', exe)"}, "meson.build"),
        ({"meson.build": "subdir('t')", "t/meson.build": "foreach x : y\n  test (x, exe)\nendforeach"}, "meson.build"),
        ({"meson.build": "# test('a')\nmessage('a test(s)')\nlatest('x')\nadd_test_setup('x')"}, None),
        ({"meson.build": "", "subprojects/a/meson.build": "test('a', exe)"}, None),
        ({"t/meson.build": "test('a', exe)"}, None),
    ],
)
def test_a_project_is_found_by_what_defines_its_tests(tmp_path: Path, files: dict[str, str], place: str | None) -> None:
    write(tmp_path, files)
    assert Meson().detect(tmp_path) == place


def test_an_old_meson_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meson").write_text("#!/bin/sh\necho 0.64.1\n")
    (tmp_path / "meson").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UseError, match=r"Meson 0\.64\.1 is too old; install Meson 1\.0 or later"):
        Meson().read(tmp_path, Settings(jobs=2))


@pytest.mark.parametrize(
    ("flags", "in_make", "words"),
    [("", False, []), ("", True, ["-j", "1"]), ("kr -j4 --jobserver-auth=3,4", True, ["-j", "4"]), (" -j", True, [])],
)
def test_a_build_has_the_jobs_of_make(flags: str, in_make: bool, words: list[str]) -> None:
    assert meson_client()._jobs(flags, in_make) == words


def _tests_client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("meson_tests", REPOSITORY / "clients/meson/tests.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from(["a", "b", "p:a", "p:a (2)", "q:a"])), max_size=12))
def test_every_test_has_a_name_of_its_own_and_that_of_a_single_one_is_plain(tests: list[tuple[str, str]]) -> None:
    found = _tests_client().ids(tests)
    assert len(set(found)) == len(found) == len(tests)
    names = [name for _, name in tests]
    for chosen, (project, name) in zip(found, tests, strict=True):
        assert chosen == name if names.count(name) == 1 else chosen.startswith(f"{project}:{name}")


def test_meson_or_ninja_that_is_missing_is_named(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "clients/meson"), str(tmp_path / "t")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "ninja is missing; install Meson 1.0 or later, and ninja\n")
