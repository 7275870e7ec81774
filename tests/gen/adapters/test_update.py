"""`longpole init --update`, by the command, with the projects' own runners."""

import pytest

from tests.gen.adapters.projects import empty, with_go, with_rust, write
from tests.project import Project, tool

__all__ = ["empty"]

TESTS = "def test_a(): pass\n"


def lists(*names: str) -> str:
    """A project of CMake with tests of these names."""
    tests = "".join(f'add_test(NAME "{name}" COMMAND true)\n' for name in names)
    return f"cmake_minimum_required(VERSION 3.19)\nproject(demo NONE)\nenable_testing()\n{tests}"


def test_nothing_to_do_is_said_and_the_file_untouched(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": TESTS})
    assert empty.longpole("init").status == 0
    path = empty.root / "suite.yaml"
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    for words in (["--update"], ["--update", "--dry-run"]):
        done = empty.longpole("init", *words)
        assert (done.status, done.out) == (0, "suite.yaml has 1 test; nothing to do\n"), done.text
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, stamp)


@pytest.mark.parametrize(
    ("suite", "words", "message"),
    [
        (None, ["--update"], "suite.yaml: there is no suite to update; type `longpole init`"),
        ("version: 1\nname: x\n", ["--update"], "suite.yaml:1:1: "),
        ("version: 1\nname: x\n", ["--update", "--verify"], "give one of them"),
    ],
)
def test_misuse_is_a_message_and_changes_nothing(
    empty: Project, suite: str | None, words: list[str], message: str
) -> None:
    write(empty.root, {"tests/test_a.py": TESTS, **({} if suite is None else {"suite.yaml": suite})})
    done = empty.longpole("init", *words)
    assert done.status == 2
    assert message in done.err
    assert "Traceback" not in done.err
    assert (empty.root / "suite.yaml").exists() is (suite is not None)
    assert not (empty.root / ".longpole").exists()


@pytest.mark.slow
def test_tests_of_ctest_come_and_go_and_the_rest_stays(empty: Project) -> None:
    for program in ("cmake", "ctest"):
        tool(program)
    names = ["one", "two {x}", "three|$(touch hurt)"]
    write(empty.root, {"CMakeLists.txt": lists(*names)})
    assert empty.longpole("init").status == 0
    path = empty.root / "suite.yaml"
    text = path.read_text().replace("modules:\n", "modules:  # all\n  mine: {run: [echo, hi]}  # own\n\n  # init's\n")
    path.write_text(text)
    path.chmod(0o600)
    write(empty.root, {"CMakeLists.txt": lists("one", "three|$(touch hurt)", "#four: {y}", "-five")})
    dry = empty.longpole("init", "--update", "--dry-run")
    assert dry.status == 0, dry.text
    assert "\n-" in dry.out
    assert "\n+" in dry.out
    assert path.read_text() == text
    done = empty.longpole("init", "--update")
    assert done.status == 0, done.text
    assert "removed two-x: its tests are gone\n" in done.out
    after = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert after.startswith(text[: text.index("  # init's")])
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "debug: 4 tests, each run once\n")
    again = empty.longpole("init", "--update")
    assert again.out == "suite.yaml has 4 tests; nothing to do\n"
    assert path.read_text() == after


@pytest.mark.slow
def test_a_suite_that_cannot_be_edited_stays_and_the_reason_is_said(empty: Project) -> None:
    for program in ("cmake", "ctest"):
        tool(program)
    write(empty.root, {"CMakeLists.txt": lists("one", "two")})
    assert empty.longpole("init").status == 0
    path = empty.root / "suite.yaml"
    text = path.read_text().replace("args: [two]", "args: &shared [two]")
    text += "  other: {run: [echo, '{args}'], args: *shared}\n"
    path.write_text(text)
    write(empty.root, {"CMakeLists.txt": lists("one", "three")})
    done = empty.longpole("init", "--update")
    assert done.status == 2
    assert "suite.yaml: the alias `*shared` names no anchor; the file stays as it is" in done.err
    assert path.read_text() == text


@pytest.mark.slow
def test_binaries_of_cargo_come_and_go(empty: Project) -> None:
    with_rust(empty)
    manifest = '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n'
    test = "#[test] fn works() {}\n"
    write(empty.root, {"Cargo.toml": manifest, "src/lib.rs": test, "tests/old.rs": test})
    assert empty.longpole("init").status == 0
    (empty.root / "tests/old.rs").unlink()
    write(empty.root, {"tests/new.rs": test})
    done = empty.longpole("init", "--update")
    assert done.status == 0, done.text
    assert "added demo-new: 1 test\nremoved demo-old: its tests are gone\nwrote suite.yaml" in done.out
    assert empty.longpole("render").status == 0
    assert empty.make("-j2", "test").status == 0
    assert empty.longpole("init", "--verify").out == "dev: 2 tests, each run once\n"


@pytest.mark.slow
@pytest.mark.golang
def test_packages_of_go_come_and_go(empty: Project) -> None:
    with_go(empty)
    test = 'package {}\nimport "testing"\nfunc TestIt(t *testing.T) {{}}\n'
    write(empty.root, {"go.mod": "module demo\ngo 1.19\n", "old/a_test.go": test.format("old")})
    assert empty.longpole("init").status == 0
    (empty.root / "old/a_test.go").unlink()
    write(empty.root, {"new/a_test.go": test.format("new")})
    done = empty.longpole("init", "--update")
    assert done.status == 0, done.text
    assert "added new: 1 test\nremoved old: its tests are gone\n" in done.out
