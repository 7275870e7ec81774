"""The pytest client lists the files in which pytest alone would look for tests, and imports none of them."""

import sys

import pytest

from tests.clients.pytest.client import Folder
from tests.tiers import slow_rows

FAILS = "raise RuntimeError('imported')"


def _collected(tests: Folder, *arguments: str) -> set[str]:
    """The files of the tests that pytest alone collects."""
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--no-header", "-p", "no:cacheprovider", *arguments]
    lines = tests.execute(argv).stdout.decode().splitlines()
    return {line.partition("::")[0] for line in lines if "::" in line}


def _rules(tests: Folder) -> None:
    """Files of all kinds, each with a test."""
    one = "def test_one(): '''\n>>> 1 + 1\n2\n'''"
    names = ["test_a", "a_test", "check_b", "helper", "sub__test_c", "sub__deep__test_d", "node_modules__test_e"]
    tests.write(**dict.fromkeys([*names, "ignored__test_f", "sub__left_out", "pkg__test_g", "pkg____init__"], one))
    tests.write(conftest="collect_ignore = ['ignored']", sub__conftest="collect_ignore_glob = ['left*']")
    tests.file("text.txt", ">>> 1 + 1\n2\n")
    tests.file("sub/text.rst", ">>> 1 + 1\n2\n")


@pytest.mark.parametrize(
    ("ini", "arguments"),
    [
        ("python_files = check_*.py *_test.py\n", []),
        *slow_rows(
            ("", []),
            ("testpaths = sub pkg\n", []),
            ("testpaths = sub\n", ["."]),
            ("norecursedirs = sub\n", []),
            ("", ["sub", "helper.py"]),
            ("", ["--ignore=sub/deep", "--ignore-glob=*_test.py"]),
            ("", ["--doctest-modules"]),
            ("", ["--doctest-glob=*.txt", "--doctest-glob=*.rst"]),
            ("addopts = --doctest-modules --import-mode=importlib\n", []),
        ),
    ],
)
def test_the_files_are_those_in_which_pytest_finds_tests(tests: Folder, ini: str, arguments: list[str]) -> None:
    _rules(tests)
    tests.file("pytest.ini", f"[pytest]\n{ini}")
    done = tests.list(*arguments)
    assert done.status == 0, done.stderr
    names = done.stdout.decode().splitlines()
    assert len(names) == len(set(names))
    without_doctests = (
        {"conftest.py", "sub/conftest.py"} if "--doctest-modules" in [*arguments, *ini.split()] else set()
    )
    assert _collected(tests, *arguments) == set(names) - without_doctests


def test_no_file_of_tests_is_imported(tests: Folder) -> None:
    tests.write(test_a=FAILS, sub__test_b=FAILS, conftest="print('on standard output')")
    assert tests.list().stdout.split() == [b"sub/test_b.py", b"test_a.py"]


@pytest.mark.slow
def test_nothing_found_is_no_error(tests: Folder) -> None:
    done = tests.write(helper="x = 1").list()
    assert (done.status, done.stdout) == (0, b"")


@pytest.mark.slow
def test_a_broken_conftest_is_said_on_standard_error(tests: Folder) -> None:
    done = tests.write(conftest=FAILS, test_a="").list()
    assert done.status == 4
    assert "RuntimeError: imported" in done.stderr
    assert done.stdout == b""


@pytest.mark.slow
def test_an_unknown_option_and_a_missing_folder_are_said(tests: Folder) -> None:
    for word in ("--no-such-option", "no-such-folder"):
        done = tests.list(word)
        assert done.status == 4
        assert word in done.stderr


@pytest.mark.slow
def test_single_tests_are_refused(tests: Folder) -> None:
    done = tests.write(test_a="def test_a(): pass").list("test_a.py::test_a")
    assert done.status == 4
    assert "test_a.py::test_a: name files and folders" in done.stderr


@pytest.mark.slow
def test_a_name_that_is_no_line_is_refused(tests: Folder) -> None:
    tests.file("test_two\nlines.py", "")
    done = tests.list()
    assert done.status == 4
    assert "is not one line of UTF-8; rename it" in done.stderr


@pytest.mark.slow
def test_what_is_listed_can_be_run(tests: Folder) -> None:
    _rules(tests)
    (tests.root / "sub/conftest.py").unlink()  # pytest itself cannot look for doctests in two of one name
    tests.file("sub/text.txt", ">>> 1 + 1\n3\n")
    arguments = ["--doctest-modules", "--doctest-glob=*.txt"]
    listed = tests.list(*arguments).stdout.decode().split()
    run = tests.run(*arguments, files=listed)
    junit = tests.root.parent / "junit.xml"
    tests.execute([sys.executable, "-m", "pytest", "-q", *arguments, f"--junitxml={junit}"])
    assert sorted(run.suites) == sorted(listed)
    assert len([name for name in run.statuses if "::" in name]) == junit.read_text().count("<testcase ")
    assert {name for name, status in run.statuses.items() if status == "failed"} == {"sub/text.txt::text.txt"}
    assert "error" not in run.statuses.values()
