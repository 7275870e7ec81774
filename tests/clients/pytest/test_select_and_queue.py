"""Forks run only the tests that are selected, and may take their files from a queue."""

import subprocess
from pathlib import Path

import pytest
from longpole_pytest.selection import Selection

from tests.clients.pytest.client import Folder, Run

BODY = """
import pytest
@pytest.mark.parametrize('x', [1, 2])
def test_p(x): pass
class TestC:
  def test_m(self): pass
def test_s(): pass
"""


CASES = {"p1": "test_p[1]", "p2": "test_p[2]", "m": "TestC::test_m", "s": "test_s"}


@pytest.mark.parametrize(
    ("terms", "kept"),
    [
        ([], "a:p1 a:p2 a:m a:s b:p1 b:p2 b:m b:s"),
        (["test_a.py"], "a:p1 a:p2 a:m a:s"),
        (["*b.py"], "b:p1 b:p2 b:m b:s"),
        (["sub/*#test_s"], "b:s"),
        (["test_b.py#TestC::test_m", "test_a.py#test_s"], "b:m a:s"),
        (["*#test_m"], "a:m b:m"),
        (["*#test_p"], "a:p1 a:p2 b:p1 b:p2"),
        (["*#test_p[[]1]"], "a:p1 b:p1"),
        (["~test_a.py", "~*#*_p*"], "b:m b:s"),
        (["test_a.py", "~*#test_[ms]"], "a:p1 a:p2"),
        (["~*#test_p"], "a:m a:s b:m b:s"),
    ],
)
def test_the_terms_of_a_selection_choose_cases(terms: list[str], kept: str) -> None:
    selection = Selection("\n".join(terms))
    files = {"a": "test_a.py", "b": "sub/test_b.py"}
    selected = {f"{a}:{c}" for a, file in files.items() for c, case in CASES.items() if selection.selects(file, case)}
    assert selected == set(kept.split())
    assert bool(selection) == bool(terms)


def test_a_fork_runs_what_is_selected_and_says_of_which_files_nothing_is(tests: Folder) -> None:
    run = tests.write(test_a=BODY, sub__test_b=BODY).run(LONGPOLE_SELECT="test_a.py\n~*#test_p")
    assert run.statuses == {
        "test_a.py::TestC::test_m": "passed",
        "test_a.py::test_s": "passed",
        "sub/test_b.py": "skipped",
    }
    assert run.suites["sub/test_b.py"]["message"] == "no test of this file is selected"
    assert run.status == 0


@pytest.mark.slow
def test_selection_by_pytest_works_as_ever(tests: Folder) -> None:
    run = tests.write(test_a=BODY).run("-k", "test_m")
    assert run.statuses == {"test_a.py::TestC::test_m": "passed"}


SESSION = """
import os, pytest
@pytest.fixture(scope="session", autouse=True)
def session(): print("session begins"); yield; print("session ends")
@pytest.fixture(scope="module", autouse=True)
def module(): print("module begins"); yield; print("module ends")
"""


def queue_of(tests: Folder, *names: str) -> Path:
    queue = tests.root.parent / "queue"
    queue.mkdir()
    for rank, name in enumerate(names):
        (queue / f"{rank:04}").write_text(name)
    return queue


def test_a_queue_is_emptied_in_its_order_in_one_session(tests: Folder) -> None:
    names = ["test_c.py", "test_gone.py", "test_a.py", "test_broken.py", "sub/test_b.py", "test_empty.py"]
    below = "def test_below(of_sub, session): assert of_sub == 'sub'"
    tests.write(sub__conftest="import pytest\n@pytest.fixture\ndef of_sub(): return 'sub'")
    tests.write(conftest=SESSION, test_a=BODY, test_c=BODY, sub__test_b=below, test_broken="import nope", test_empty="")
    queue = queue_of(tests, *names)
    run = tests.run(files=names, LONGPOLE_QUEUE=str(queue), LONGPOLE_FORK="3")
    assert list(run.suites) == names
    assert [suite["status"] for suite in run.suites.values()] == [
        "passed",
        "error",
        "passed",
        "error",
        "passed",
        "skipped",
    ]
    assert sorted(path.name for path in queue.iterdir()) == [f"{rank:04}.fork-3" for rank in range(6)]
    assert run.output("test_c.py") == "session begins\nmodule begins\nmodule ends\n"
    assert run.output("test_a.py") == "module begins\nmodule ends\n"
    everything = "".join([*(run.output(name) for name in names), run.unattributed])
    assert everything.count("session begins") == everything.count("session ends") == 1
    assert (run.status, run.is_complete) == (1, True)


@pytest.mark.slow
def test_warnings_of_the_project_count_in_files_from_aqueue_of(tests: Folder) -> None:
    tests.file("pytest.ini", "[pytest]\nfilterwarnings = error\n")
    tests.write(test_a="import warnings\nwarnings.warn('old')\ndef test_a(): pass")
    run = tests.run(LONGPOLE_QUEUE=str(queue_of(tests, "test_a.py")))
    assert run.suites["test_a.py"]["message"] == "UserWarning: old"


@pytest.mark.slow
def test_an_empty_queue_is_no_failure(tests: Folder) -> None:
    run = tests.write(test_a="").run(LONGPOLE_QUEUE=str(queue_of(tests)))
    assert (run.status, run.suites, run.is_complete) == (0, {}, True)


@pytest.mark.slow
def test_the_last_file_may_be_without_tests(tests: Folder) -> None:
    tests.write(test_a="def test_a(): pass", test_b="")
    run = tests.run(LONGPOLE_QUEUE=str(queue_of(tests, "test_a.py", "test_b.py")))
    assert run.status == 0


@pytest.mark.slow
def test_forks_share_a_queue_without_losing_or_doubling_a_file(tests: Folder) -> None:
    names = [f"test_{number}.py" for number in range(40)]
    for name in names:
        tests.file(name, "def test_one(): pass")
    queue = queue_of(tests, *names)
    argv = tests.argv("run", tests.classes(*names))
    processes = [
        subprocess.Popen(
            argv,
            cwd=tests.root,
            stdout=subprocess.PIPE,
            env=tests.environ(LONGPOLE_QUEUE=str(queue), LONGPOLE_FORK=str(fork)),
        )
        for fork in range(3)
    ]
    runs = [Run(process.wait(), process.communicate()[0], "") for process in processes]
    assert sorted(name for run in runs for name in run.suites) == sorted(names)
    assert {run.status for run in runs} == {0}
    for fork, run in enumerate(runs):
        claimed = [
            (queue / f"{name}").read_text() for name in sorted(each.name for each in queue.glob(f"*.fork-{fork}"))
        ]
        assert list(run.suites) == claimed
