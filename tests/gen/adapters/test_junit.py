"""`longpole init --from junit`: reports of other runners, and for which adapter their durations are."""

from pathlib import Path

import pytest

from longpole.gen.adapters.below import files_below
from longpole.gen.adapters.junit import reports_in
from longpole.rts_tests.contracts.errors import UseError
from tests.gen.adapters.projects import empty, write
from tests.project import Project

__all__ = ["empty"]

REPORT = '<testsuite><testcase classname="tests.test_a" name="test_a" time="{}"/></testsuite>'


@pytest.mark.parametrize(
    "path",
    [
        "junit.xml",
        "target/surefire-reports/TEST-com.acme.FooTest.xml",
        "build/test-results/test/TEST-Foo.xml",
        "reports/junit-report.xml",
        "test-results/jest.xml",
        "target/nextest/ci/junit.xml",
        "out/ctest.xml",
        "results.xml",
        "unit-tests.xml",
    ],
)
def test_reports_are_found_where_runners_leave_them(tmp_path: Path, path: str) -> None:
    write(tmp_path, {path: REPORT.format(3), "pom.xml": "<project/>", "other-junit.xml": "<x"})
    reports = reports_in(tmp_path)
    assert reports.paths == (path,)
    assert reports.durations == {"tests.test_a#test_a": 3.0, "test_a": 3.0}


def test_of_several_reports_the_longest_duration_counts(tmp_path: Path) -> None:
    write(tmp_path, {"a/junit.xml": REPORT.format(3), "b/junit.xml": REPORT.format(5), "c/junit.xml": REPORT.format(1)})
    reports = reports_in(tmp_path)
    assert str(reports) == "a/junit.xml and 2 more"
    assert reports.durations["test_a"] == 5.0


def test_reports_of_our_own_runs_of_dependencies_and_behind_links_are_none(tmp_path: Path) -> None:
    for folder in (".longpole/runs/x", "node_modules/y", "env", "target-python"):
        write(tmp_path, {f"{folder}/junit.xml": REPORT.format(1)})
    write(tmp_path, {"env/pyvenv.cfg": ""})
    (tmp_path / "link").symlink_to(tmp_path / "node_modules")
    with pytest.raises(UseError, match="no JUnit report was found here; run the tests so that their runner writes one"):
        reports_in(tmp_path)


def test_files_of_a_project_come_in_order_and_deep_ones_not(tmp_path: Path) -> None:
    write(tmp_path, {"b/x": "", "b/a/y": "", "z": "", "build/w": "", "/".join("abcdefghijkl"): ""})
    assert list(files_below(tmp_path)) == ["z", "b/x", "b/a/y"]
    assert list(files_below(tmp_path, built=True)) == ["z", "b/x", "b/a/y", "build/w"]


def test_durations_go_to_the_adapter_that_fits(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": "def test_a(): pass\n", "reports/junit.xml": REPORT.format(42.5)})
    done = empty.longpole("init", "--from", "junit")
    assert done.status == 0, done.text
    assert "found reports: reports/junit.xml\nfound pytest: tests/test_a.py\n" in done.err
    assert "weight: 42.5\n" in (empty.root / "suite.yaml").read_text()


def test_of_several_kinds_of_tests_one_is_to_be_chosen(empty: Project) -> None:
    cmake = "project(x)\nenable_testing()\n"
    write(empty.root, {"tests/test_a.py": "", "CMakeLists.txt": cmake, "junit.xml": REPORT.format(1)})
    done = empty.longpole("init", "--from", "junit")
    assert done.status == 2
    assert "several kinds of tests were found: ctest (CMakeLists.txt), pytest (tests/test_a.py)" in done.err
    assert "choose one: --from ctest --durations junit.xml" in done.err
    assert not (empty.root / "suite.yaml").exists()


def test_where_no_adapter_fits_the_longest_classes_are_named(empty: Project) -> None:
    cases = "".join(f'<testcase classname="C{number}" name="t" time="{number}"/>' for number in range(1, 8))
    write(empty.root, {"test-results/jest.xml": f"<testsuite>{cases}</testsuite>"})
    done = empty.longpole("init", "--from", "junit")
    assert done.status == 2
    assert "test-results/jest.xml: durations of 7 tests, but none of a runner that is known: C7 7.0 s, C6" in done.err
    assert ", and 2 more" in done.err
    assert "write suite.yaml by hand" in done.err
    assert not (empty.root / "suite.yaml").exists()


def test_without_a_report_nothing_is_written(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": "def test_a(): pass\n"})
    done = empty.longpole("init", "--from", "junit")
    assert done.status == 2
    assert "no JUnit report was found here" in done.err
    assert not (empty.root / "suite.yaml").exists()
