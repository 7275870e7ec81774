"""The pytest client runs the files it is given, and tells of them what pytest alone would."""

import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.clients.pytest.client import CLIENT, Folder, Run
from tests.tiers import slow_rows

CONFTEST = """
import pytest
print("conftest is imported")

@pytest.fixture
def broken_set_up():
    raise RuntimeError("set-up broke")

@pytest.fixture
def broken_tear_down():
    yield
    raise RuntimeError("tear-down broke")
"""
MIXED = """
import pytest, unittest; from pytest import mark, skip

@pytest.mark.parametrize("text", ["plain", "with space", "ä", "a::b", ""])
def test_ids(text): pass

def test_fails():
    value = {"key": 1}
    assert value == {"key": 2}

def test_skips(): skip("not today")

@mark.skipif(True, reason="not on this machine")
def test_marked(): pass

@pytest.mark.xfail(reason="known")
def test_expected(): assert 0

@pytest.mark.xfail(strict=False)
def test_unexpected(): pass

@pytest.mark.xfail(strict=True)
def test_strict(): pass

class TestClass:
    def test_set_up(self, broken_set_up): pass
    def test_tear_down(self, broken_tear_down): pass
    class TestInner:
        def test_inner(self): pass

class Old(unittest.TestCase):
    @classmethod
    def setUpClass(cls): print("class is set up")
    def test_unit(self): self.assertEqual(1, 1)
    def test_unit_fails(self): self.assertEqual(1, 2)
"""
BROKEN = {
    "test_broken": "import there_is_no_such_module",
    "test_syntax": "def test_x(:",
    "test_skipped": "from pytest import skip; skip('all of it', allow_module_level=True)",
    "test_empty": "",
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Run]:
    tests = Folder(tmp_path_factory.mktemp("mixed") / "project")
    tests.write(conftest=CONFTEST, test_mixed=MIXED, sub__test_other="def test_other(): pass", **BROKEN)
    return tests, tests.run()


def _junit(tests: Folder) -> dict[str, str]:
    """The outcome of each test of pytest alone, by class, name and kind, as its junit.xml has them."""
    argv = [sys.executable, "-m", "pytest", "-q", "--continue-on-collection-errors", "--junitxml=../junit.xml"]
    tests.execute([*argv, "-o", "junit_family=xunit1"])
    found = {}
    for case in ET.parse(tests.root.parent / "junit.xml").iter("testcase"):
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        name = f"{case.get('classname')}.{case.get('name')}".removeprefix(".")
        found[name] = {"failure": "failed", "": "passed"}.get(kind := (kinds or [""])[0], kind)
    return found


def test_the_same_tests_by_name_and_outcome_as_pytest_alone(mixed: tuple[Folder, Run]) -> None:
    tests, run = mixed
    alone = _junit(tests)
    told = {
        name.replace(".py", "", 1).replace("::", ".") if "[" not in name else _dotted(name): status
        for name, status in run.statuses.items()
        if name != "test_empty.py"  # junit.xml has nothing of it
    }
    told = {name.replace("/", "."): status for name, status in told.items()}
    assert told == alone


def _dotted(name: str) -> str:
    bare, bracket, parameters = name.partition("[")
    return bare.replace(".py", "", 1).replace("::", ".") + bracket + parameters


def test_each_file_is_told_once_and_counted(mixed: tuple[Folder, Run]) -> None:
    _, run = mixed
    assert [event["suite"] for event in run.of("suite_started")] == list(run.suites)
    assert sorted(run.suites) == [
        "sub/test_other.py",
        "test_broken.py",
        "test_empty.py",
        "test_mixed.py",
        "test_skipped.py",
        "test_syntax.py",
    ]
    assert run.is_complete
    cases = [case["status"] for suite in run.suites.values() for case in suite["cases"]]
    assert run.events[-1]["suites"] == len(run.suites)
    assert run.events[-1]["cases"] == {kind: cases.count(kind) for kind in ("passed", "failed", "skipped", "error")}
    assert run.events[0] == {"event": "fork_started", "version": 1, "client": "longpole-pytest 1"}
    assert run.status == 1


def test_a_failure_has_the_introspected_assertion_and_its_place(mixed: tuple[Folder, Run]) -> None:
    case = mixed[1].case("test_fails")
    assert case["message"].startswith("AssertionError: assert {'key': 1} == {'key': 2}")
    assert "Differing items" in case["details"]
    assert case["location"] == f"test_mixed.py:{MIXED[: MIXED.index('assert value')].count(chr(10)) + 1}"


def test_skips_say_why(mixed: tuple[Folder, Run]) -> None:
    _, run = mixed
    assert run.case("test_skips")["message"] == "not today"
    assert run.case("test_marked")["message"] == "not on this machine"
    assert run.case("test_expected")["message"] == "expected to fail: known"
    assert run.suites["test_skipped.py"]["message"] == "all of it"
    assert run.suites["test_empty.py"] | {"seconds": 0} == {
        "event": "suite_completed",
        "suite": "test_empty.py",
        "status": "skipped",
        "seconds": 0,
        "output": "",
        "cases": [],
        "message": "it has no tests",
    }


def test_a_file_that_cannot_be_collected_fails_alone_with_its_traceback(mixed: tuple[Folder, Run]) -> None:
    broken = mixed[1].suites["test_broken.py"]
    assert broken["status"] == "error"
    assert broken["message"] == "ModuleNotFoundError: No module named 'there_is_no_such_module'"
    assert "test_broken.py:1" in broken["details"]
    assert mixed[1].suites["sub/test_other.py"]["status"] == "passed"


def test_set_up_and_tear_down_are_named(mixed: tuple[Folder, Run]) -> None:
    assert mixed[1].case("TestClass::test_set_up")["message"] == "set-up: RuntimeError: set-up broke"
    assert mixed[1].case("TestClass::test_tear_down")["message"] == "tear-down: RuntimeError: tear-down broke"


def test_output_of_conftest_files_and_headers_belong_to_nobody(mixed: tuple[Folder, Run]) -> None:
    text = mixed[1].unattributed
    assert "conftest is imported\n" in text
    assert "rootdir:" in text
    for repeated in ("test_mixed.py", "FAILURES", "short test summary", "%]"):
        assert repeated not in text


def test_a_file_that_is_gone_is_an_error_of_its_own(tests: Folder) -> None:
    run = tests.write(test_here="def test_here(): pass").run(files=["test_gone.py", "test_here.py"])
    assert run.statuses == {"test_gone.py": "error", "test_here.py::test_here": "passed"}
    assert run.suites["test_gone.py"]["message"] == "there is no such file"


@pytest.mark.slow
def test_no_tests_at_all_is_no_failure_of_the_fork(tests: Folder) -> None:
    run = tests.write(test_empty="x = 1").run()
    assert (run.status, run.statuses, run.is_complete) == (0, {"test_empty.py": "skipped"}, True)


@pytest.mark.slow
def test_names_are_relative_to_the_working_directory(tests: Folder) -> None:
    tests.file("pytest.ini", "[pytest]\n")
    tests.write(below__tests__test_a="def test_a(): pass")
    assert tests.list(cwd="below").stdout == b"tests/test_a.py\n"
    argv = tests.argv("run", tests.classes("tests/test_a.py"))
    assert tests.execute(argv, cwd="below").statuses == {"tests/test_a.py::test_a": "passed"}


@pytest.mark.slow
def test_options_of_a_conftest_beside_the_files_are_known(tests: Folder) -> None:
    option = "def pytest_addoption(parser): parser.addoption('--flavour')"
    tests.write(
        far__away__conftest=option,
        far__away__test_a="def test_a(request): assert request.config.getoption('flavour') == 'x'",
    )
    assert tests.run("--flavour=x").statuses == {"far/away/test_a.py::test_a": "passed"}


def test_files_may_be_open_at_the_same_time(tests: Folder) -> None:
    reorder = "def pytest_collection_modifyitems(items): items.sort(key=lambda item: item.name)"
    one = "def test_1(): print('one of', __name__)\ndef test_3(): print('three of', __name__)"
    tests.write(conftest=reorder, test_a=one, test_b=one.replace("1", "2").replace("3", "4"))
    run = tests.run()
    kinds = [event["event"].removeprefix("suite_") for event in run.events if event["event"].startswith("suite_")]
    assert kinds == ["started", "output", "started", "output", "completed", "completed"]
    for name in ("a", "b"):
        assert run.output(f"test_{name}.py") == f"one of test_{name}\nthree of test_{name}\n"


@pytest.mark.parametrize("arguments", [["-x"], ["--maxfail=1"]])
@pytest.mark.slow
def test_the_first_failure_can_end_the_fork(tests: Folder, arguments: list[str]) -> None:
    tests.write(test_a="def test_1(): pass\ndef test_2(): assert 0\ndef test_3(): pass", test_b="def test_b(): pass")
    run = tests.run(*arguments)
    assert run.statuses == {"test_a.py::test_1": "passed", "test_a.py::test_2": "failed"}
    assert run.suites["test_a.py"]["message"].startswith("stopped after 2 of 3 tests")
    assert (run.status, run.is_complete) == (1, True)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("pytest.exit('enough', returncode=0)", 0),
        *slow_rows(("pytest.exit('enough')", 2), ("raise KeyboardInterrupt", 2)),
    ],
)
def test_a_session_that_a_test_ends_leaves_an_error(tests: Folder, how: str, status: int) -> None:
    tests.write(
        test_a=f"import pytest\ndef test_1(): pass\ndef test_2():\n  print('before')\n  {how}",
        test_b="def test_b(): pass",
    )
    run = tests.run()
    assert run.statuses == {"test_a.py::test_1": "passed", "test_a.py::test_2": "error"}
    assert run.case("test_2")["message"] == "the session ended in this test"
    assert run.suites["test_a.py"]["status"] == "error"
    assert run.suites["test_a.py"]["message"] == "the session ended in test 2 of 2"
    assert "before\n" in run.output("test_a.py")
    assert "test_b.py" not in run.suites
    assert run.status == status


@pytest.mark.slow
def test_a_file_that_exits_when_imported_is_named(tests: Folder) -> None:
    run = tests.write(test_a="import sys; sys.exit(0)", test_b="def test_b(): pass").run()
    assert run.suites["test_a.py"]["message"] == "ended the session while it was imported"
    assert run.suites["test_a.py"]["status"] == "error"
    assert run.status not in (0, 5)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("os._exit(0)", 0),
        *slow_rows(
            ("os._exit(7)", 7),
            ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
            ("os.abort()", -signal.SIGABRT),
        ),
    ],
)
def test_a_process_that_a_test_ends_never_says_that_this_was_all(tests: Folder, how: str, status: int) -> None:
    body = "import os, signal\ndef test_1(): print('first')\n"
    body += f"def test_2():\n  print('last words'); os.system('echo of all'); {how}"
    run = tests.write(test_a="def test_ok(): pass", test_b=body, test_c="def test_c(): pass").run()
    assert run.statuses == {"test_a.py::test_ok": "passed"}
    assert "first\n" in run.output("test_b.py")
    assert "last words\nof all\n" in run.output("test_b.py")
    assert run.status == status
    assert not run.is_complete


@pytest.mark.slow
def test_a_child_that_comes_back_from_a_test_tells_nothing(tests: Folder) -> None:
    tests.write(
        test_a="import os\ndef test_a():\n  pid = os.fork()\n  assert pid\n  os.waitpid(pid, 0)\ndef test_b(): pass"
    )
    run = tests.run()
    assert run.statuses == {"test_a.py::test_a": "passed", "test_a.py::test_b": "passed"}
    assert len(list(run.of("fork_completed"))) == 1


@pytest.mark.slow
def test_workers_of_xdist_are_refused_and_minus_n0_is_not(tests: Folder) -> None:
    tests.file("pytest.ini", "[pytest]\naddopts = -n2\n")
    tests.write(test_a="def test_a(): pass")
    run = tests.run()
    assert run.status == 4
    assert "add -n0 to forks.run" in run.unattributed
    assert tests.run("-n0").statuses == {"test_a.py::test_a": "passed"}


@pytest.mark.slow
def test_forks_do_not_share_the_list_of_failures(tests: Folder) -> None:
    tests.write(test_a="def test_a(): assert 0")
    tests.run()
    assert not (tests.root / ".pytest_cache").exists()
    tests.run("--ff")
    assert (tests.root / ".pytest_cache/v/cache/lastfailed").exists()


@pytest.mark.slow
def test_modules_of_the_project_may_have_any_name(tests: Folder) -> None:
    names = ("wire", "fork", "files", "command", "cases", "capture", "claims", "listing", "selection", "watcher")
    for name in names:
        tests.write(**{name: f"OWN = {name!r}"})
    body = "import sys\nfrom importlib import import_module\ndef test_a():\n"
    body += f"  for name in {names!r}: assert import_module(name).OWN == name\n"
    body += f"  assert not [each for each in sys.path if {str(CLIENT)!r} in each]"
    assert tests.write(test_a=body).run().statuses == {"test_a.py::test_a": "passed"}


@pytest.mark.slow
def test_a_plugin_loaded_by_hand_is_idle_until_longpole_starts_it(tests: Folder) -> None:
    tests.write(test_a="def test_a(): print('hello')")
    argv = [sys.executable, "-m", "pytest", "-p", "longpole_pytest", "test_a.py"]
    alone = tests.execute(argv, tests.environ(PYTHONPATH=str(CLIENT)))
    assert (alone.events, alone.status) == ([], 0)
    assert b"1 passed" in alone.stdout
    told = tests.execute(
        argv, tests.environ(PYTHONPATH=str(CLIENT), LONGPOLE_PROTOCOL="1", LONGPOLE_CLASSES=tests.classes("test_a.py"))
    )
    assert told.statuses == {"test_a.py::test_a": "passed"}
    assert told.output("test_a.py") == "hello\n"


@pytest.mark.slow
def test_a_python_without_pytest_is_told_so(tests: Folder) -> None:
    for words in (["list"], ["run", tests.classes("test_a.py")]):
        done = tests.execute([sys.executable, "-S", str(CLIENT), *words])
        assert done.status == 4
        assert "has no pytest; install it there" in done.stderr + done.unattributed


@pytest.mark.parametrize("words", [[], ["walk"], ["run"], ["run", "no-such-file"]])
@pytest.mark.slow
def test_a_wrong_command_is_answered_with_the_right_one(tests: Folder, words: list[str]) -> None:
    done = tests.execute(tests.argv(*words))
    assert done.status == 4
    assert "run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_signal_to_the_process_reaches_the_tests(tests: Folder) -> None:
    body = (
        "import os, signal\ndef test_a():\n  print('before')\n  os.kill(os.getppid(), signal.SIGTERM)\n  signal.pause()"
    )
    run = tests.write(test_a=body).run()
    assert run.status == -signal.SIGTERM
    assert run.output("test_a.py") == "before\n"


@pytest.mark.slow
def test_the_process_of_tests_has_no_children_and_no_threads_of_ours(tests: Folder) -> None:
    body = "import os, threading, pytest\ndef test_a():\n  assert threading.active_count() == 1\n"
    body += "  assert len(os.listdir('/proc/self/task')) == 1\n  with pytest.raises(ChildProcessError): os.wait()"
    assert tests.write(test_a=body).run().statuses == {"test_a.py::test_a": "passed"}


@pytest.mark.slow
def test_a_reader_that_has_gone_away_does_not_fail_tests(tests: Folder, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    tests.write(test_a=f"def test_a(): open({str(seen)!r}, 'w').close()")
    reader, writer = os.pipe()
    os.close(reader)
    subprocess.run(tests.argv("run", tests.classes()), cwd=tests.root, env=tests.environ(), stdout=writer, check=False)
    os.close(writer)
    assert seen.exists()


@pytest.mark.slow
def test_a_test_may_replace_what_the_client_is_made_of(tests: Folder) -> None:
    names = "os.write os.pread os.getpid fcntl.lockf json.dumps time.monotonic time.perf_counter builtins.open"
    body = "def broken(*_, **__): raise TypeError('replaced')\n"
    body += "def test_a(monkeypatch):\n  print('before')\n"
    body += f"  for name in {names.split()!r}: monkeypatch.setattr(name, broken)\n"
    run = tests.write(test_a=body, test_b="def test_b(): pass").run()
    assert run.statuses == {"test_a.py::test_a": "passed", "test_b.py::test_b": "passed"}
    assert run.output("test_a.py") == "before\n"
    assert (run.status, run.is_complete) == (0, True)


def test_a_folder_is_looked_into_once_however_many_of_its_files_are_given(tests: Folder) -> None:
    count = "def pytest_collect_file(file_path): print('looked at', file_path.name)"
    files = {f"test_{number}": "def test_one(): pass" for number in range(20)}
    run = tests.write(conftest=count, **files).run()
    everything = run.unattributed + "".join(map(run.output, run.suites))
    assert everything.count("looked at test_7.py\n") == 1
    assert set(run.statuses.values()) == {"passed"}
