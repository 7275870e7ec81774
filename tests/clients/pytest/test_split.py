"""A long file can be shared by its classes and functions."""

from pathlib import Path

import pytest
from longpole_pytest.files import Files

from tests.clients.pytest.client import Folder
from tests.clients.pytest.test_select_and_queue import BODY, CASES, SESSION, queue_of

PARTS = ["test_a.py::test_p", "test_a.py::TestC", "test_a.py::test_s"]


def test_parts_of_a_file_are_listed_in_its_place(tests: Folder) -> None:
    tests.write(test_a=BODY, test_b=BODY)
    done = tests.list("--split=test_a.py", "--split=gone.py")
    assert (done.status, done.stdout.decode().splitlines()) == (0, [*PARTS, "test_b.py"])


@pytest.mark.parametrize(
    "text",
    [
        "import nope",
        "import sys; sys.exit(3)",
        "import pytest as of; of.skip('not here', allow_module_level=True)",
        "def test_one(): pass",
        "",
    ],
)
def test_a_file_without_several_parts_is_listed_as_a_whole(tests: Folder, text: str) -> None:
    done = tests.write(test_a=text).list("--split=test_a.py")
    assert (done.status, done.stdout) == (0, b"test_a.py\n")


def test_a_file_that_has_doctests_too_is_listed_as_a_whole(tests: Folder) -> None:
    done = tests.write(test_a=BODY).list("--split=test_a.py", "--doctest-modules")
    assert done.stdout.splitlines() == [b"test_a.py"]


def test_a_fork_runs_its_parts_of_a_file_only(tests: Folder) -> None:
    tests.write(test_a=BODY, test_b=BODY)
    run = tests.run(files=[*PARTS[:2], "test_b.py"])
    assert list(run.suites) == [*PARTS[:2], "test_b.py"]
    assert {case["name"] for case in run.suites[PARTS[0]]["cases"]} == {CASES["p1"], CASES["p2"]}
    assert {case["name"] for case in run.suites[PARTS[1]]["cases"]} == {CASES["m"]}
    assert len(run.suites["test_b.py"]["cases"]) == 4
    assert (run.status, run.is_complete) == (0, True)


def test_each_part_of_a_file_that_cannot_be_imported_is_an_error(tests: Folder) -> None:
    run = tests.write(test_a="import nope").run(files=PARTS[:2])
    assert {name: suite["status"] for name, suite in run.suites.items()} == dict.fromkeys(PARTS[:2], "error")
    assert (run.status, run.is_complete) == (1, True)


def test_a_part_that_is_gone_has_no_tests(tests: Folder) -> None:
    run = tests.write(test_a=BODY).run(files=["test_a.py::TestGone", PARTS[2]])
    assert {name: suite["status"] for name, suite in run.suites.items()} == {
        "test_a.py::TestGone": "skipped",
        PARTS[2]: "passed",
    }
    assert run.status == 0


def test_parts_are_selected_by_their_file_and_by_their_name(tests: Folder) -> None:
    tests.write(test_a=BODY)
    run = tests.run(files=PARTS, LONGPOLE_SELECT="test_a.py#test_m\ntest_a.py::test_s")
    assert set(run.statuses.values()) == {"passed", "skipped"}
    assert [name for name, suite in run.suites.items() if suite["status"] == "passed"] == PARTS[1:]


def test_parts_come_from_a_queue(tests: Folder) -> None:
    """What belongs to the file is set up for each of them, and the file is imported once."""
    names = [PARTS[2], "test_b.py", *PARTS[:2]]
    tests.write(conftest=SESSION, test_a=f"print('imported')\n{BODY}", test_b=BODY)
    run = tests.run(files=names, LONGPOLE_QUEUE=str(queue_of(tests, *names)), LONGPOLE_FORK="0")
    assert list(run.suites) == names
    assert [len(suite["cases"]) for suite in run.suites.values()] == [1, 4, 2, 1]
    assert "".join([*(run.output(name) for name in names), run.unattributed]).count("imported") == 1
    assert (run.status, run.is_complete) == (0, True)


def test_a_file_and_its_parts_have_names(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    files = Files(["a.py::T", "a.py::f", "b.py"], str(tmp_path), None)
    path = str(tmp_path / "a.py")
    assert (files.name_of(path, "T"), files.name_of(path, "U"), files.name_of(path)) == ("a.py::T", None, None)
    assert files.names_of(path) == ["a.py::T", "a.py::f"]
    assert files.name_of(str(tmp_path / "b.py"), "T") == "b.py"
    assert files.existing() == ["a.py"]
