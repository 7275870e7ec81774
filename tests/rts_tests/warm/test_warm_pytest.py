"""Warm forks of pytest: what tests import is imported once, and each fork is otherwise a process of its own."""

import os
import selectors
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.warm.warm_units import Event, Program, Refused, Zygote
from tests.project import Done, Project, eventually

COMMAND = {
    "list": ["{python}", "{clients}/pytest", "list", "tests"],
    "run": ["{python}", "{clients}/pytest", "run", "{classes_file}"],
}
HEAVY = """
import atexit, os, tempfile
with open("imports.log", "a") as log:
    log.write(f"{os.environ.get('LONGPOLE_FORK')} {os.environ.get('LONGPOLE_UNIT')}\\n")
os.environ["SET_BY_IMPORT"] = "yes"
atexit.register(lambda: open("exits.log", "a").write(f"import {os.getpid()}\\n"))
assert tempfile.gettempdir()
"""
CONFTEST = """
import os, pytest
import heavy

@pytest.fixture(scope="session")
def session():
    print("session begins")
    yield os.getpid()
    print("session ends")
"""
FINE = """
import atexit, gc, os, random, signal, sys, tempfile, threading

STATE = []

def test_state_of_the_module_is_fresh():
    assert STATE == []
    STATE.append(1)

def test_session(session): assert session == os.getpid()

def test_environment():
    assert os.environ["LONGPOLE_UNIT"].endswith(f"[fork-{os.environ['LONGPOLE_FORK']}]")
    assert os.environ["SET_BY_IMPORT"] == "yes"
    assert os.environ["PROTOCOL_OF"] == "v"

def test_folders(tmp_path):
    assert tempfile.gettempdir() == os.environ["TMPDIR"]
    assert str(tmp_path).startswith(os.environ["TMPDIR"])
    assert os.path.exists("suite.yaml")

def test_process():
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN
    assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
    assert signal.set_wakeup_fd(-1) == -1
    assert gc.isenabled()
    assert threading.active_count() == 1
    assert os.read(0, 1) == b""
    assert sys.path[0] != "" and os.getcwd() in sys.path

def test_random():
    with open("random.log", "a") as log: log.write(f"{random.random()}\\n")

def test_exit():
    atexit.register(lambda: open("exits.log", "a").write("test\\n"))

def test_introspection():
    value = {"key": 1}
    assert value == {"key": 2}
"""


def write(project: Project, files: Mapping[str, str], **more: Any) -> Project:
    """Write tests, and a suite with one module of warm forks of them."""
    for name, text in files.items():
        path = project.root / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    own = {"forks": {**COMMAND, "max_forks": 2, "warm": "pytest", **more.pop("forks", {})}, **more}
    return project.write({}, modules={"m": own}, variants={"v": {"env": {"PROTOCOL_OF": "v"}}})


def outcomes(project: Project) -> dict[str, str]:
    """The status of each case of the last run, by its id."""
    rows = [row for record in project.records().values() for row in record.get("cases", ())]
    found = {f"{row[0]}#{row[1]}".removesuffix("#").removeprefix("tests/"): row[2] for row in rows}
    assert len(found) == len(rows)
    return found


def imports(project: Project) -> list[str]:
    """Who imported the module that takes long, without the process that listed the files."""
    lines = (project.root / "imports.log").read_text().splitlines()
    return [line for line in lines if not line.endswith("[list]")]


@pytest.fixture(scope="module", params=["warm", "cold"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Project, Done]:
    project = Project(tmp_path_factory.mktemp(request.param) / "project")
    fine = FINE
    files = {
        "conftest.py": CONFTEST,
        "heavy.py": HEAVY,
        "test_a.py": fine,
        "test_b.py": fine,
        "test_c.py": "import no_such_module",
    }
    write(project, files)
    variables = {"WARM": "0"} if request.param == "cold" else {}
    return request.param, project, project.make("-j2", "test", **variables)


def test_warm_and_cold_forks_end_alike(run: tuple[str, Project, Done]) -> None:
    _, project, done = run
    names = ["state_of_the_module_is_fresh", "session", "environment", "folders", "process", "random", "exit"]
    expected = {f"test_{file}.py#test_{name}": "passed" for file in "ab" for name in names}
    failed = {f"test_{file}.py#test_introspection": "failed" for file in "ab"}
    assert outcomes(project) == {**expected, **failed, "test_c.py": "error"}, done.text
    assert "assert {'key': 1} == {'key': 2}" in done.text
    assert "run cold" not in done.text


def test_what_tests_import_is_imported_once_for_all_warm_forks(run: tuple[str, Project, Done]) -> None:
    kind, project, _ = run
    if kind == "warm":
        (line,) = imports(project)
        assert line == "None None"  # it is no fork that imports it
    else:
        assert sorted(imports(project)) == ["0 v/m[fork-0]", "1 v/m[fork-1]"]


def test_forks_draw_random_numbers_of_their_own(run: tuple[str, Project, Done]) -> None:
    numbers = (run[1].root / "random.log").read_text().split()
    assert len(set(numbers)) == len(numbers) == 2


def test_what_is_done_at_exit_is_done_by_who_registered_it(run: tuple[str, Project, Done]) -> None:
    _, project, _ = run
    exits = (project.root / "exits.log").read_text().splitlines()
    importers = (project.root / "imports.log").read_text().splitlines()
    assert exits.count("test") == 2
    assert len(exits) - 2 == len(set(exits) - {"test"})
    assert len(exits) - 2 <= len(importers)


def test_no_process_and_no_empty_log_is_left(run: tuple[str, Project, Done]) -> None:
    assert run[1].processes() == {}
    assert list(run[1].last.glob("forks/v/*.zygote.log")) == []


THREAD = "import threading; threading.Thread(target=threading.Event().wait, daemon=True, name='pool').start()"
COLD = {
    "threads": (THREAD, "threads run after the tests were imported: pool"),
    "socket": ("import socket; S = socket.socket()", "a socket is open"),
    "file": ("F = open('data.db', 'w')", "data.db is open"),
    "tracer": ("import sys; sys.settrace(lambda *_: None)", "a tracer is active"),
    "dead": ("import os\nif 'LONGPOLE_FORK' not in os.environ: os._exit(3)", "ended while it imported the tests"),
}


@pytest.mark.parametrize("what", ["threads", *(pytest.param(each, marks=pytest.mark.slow) for each in list(COLD)[1:])])
def test_what_cannot_be_forked_runs_cold_and_is_said_once(project: Project, what: str) -> None:
    body, reason = COLD[what]
    passes = "def test_passes(): pass"
    write(project, {"test_a.py": f"{body}\n{passes}", "test_b.py": passes, "test_c.py": passes})
    done = project.make("-j2", "test")
    assert set(outcomes(project).values()) == {"passed"}, done.text
    assert done.text.count("forks of v/m run cold: ") == 1
    assert reason in done.text


@pytest.mark.slow
def test_forks_whose_imports_are_measured_run_cold(project: Project) -> None:
    option = "def pytest_addoption(parser): parser.addoption('--cov', dest='cov_source')"
    (project.root / "like_cov.py").write_text(option)
    options = ["-p", "like_cov", "--cov=src"]
    forks = {name: [*command, *options] for name, command in COMMAND.items()}
    done = write(project, {"test_a.py": "def test_a(): pass"}, forks=forks).make("-j2", "test")
    assert outcomes(project) == {"test_a.py#test_a": "passed"}, done.text
    assert "forks of v/m run cold: pytest-cov measures what is executed by imports, too" in done.text


@pytest.mark.slow
def test_files_that_are_read_or_appended_to_do_not_matter(project: Project) -> None:
    body = "F = open('suite.yaml'); G = open('log', 'a'); import os; R, W = os.pipe()\ndef test_passes(): pass"
    done = write(project, {"test_a.py": body, "test_b.py": body}).make("-j2", "test")
    assert done.status == 0
    assert "run cold" not in done.text


ENDS = {
    "os._exit(0)": "error",
    "os._exit(3)": "failed",
    "os.kill(os.getpid(), signal.SIGKILL)": "crashed",
    "os.kill(os.getppid(), signal.SIGKILL); signal.pause()": "crashed",
}


@pytest.mark.parametrize(
    "how", ["os._exit(0)", *(pytest.param(each, marks=pytest.mark.slow) for each in list(ENDS)[1:])]
)
def test_a_test_that_ends_its_fork_ends_no_other(project: Project, how: str) -> None:
    ends = f"import os, signal\ndef test_ends():\n  print('last words')\n  {how}"
    write(project, {"test_a.py": ends, "test_b.py": "def test_b(): pass"})
    done = project.make("-j2", "test")
    assert project.statuses() == {"v/m[fork-0]": ENDS[how], "v/m[fork-1]": "passed"}, done.text
    assert outcomes(project) == {"test_a.py": "crashed", "test_b.py#test_b": "passed"}
    assert done.status != 0


@pytest.mark.slow
def test_a_zygote_that_hangs_in_an_import_is_ended_with_its_forks(project: Project) -> None:
    body = "import signal\nsignal.pause()"
    write(project, {"test_a.py": body, "test_b.py": "def test_b(): pass"}, timeout=8)
    done = project.make("-j2", "test")
    assert set(project.statuses().values()) <= {"timeout", "passed"}, done.text
    assert project.statuses()["v/m[fork-0]"] == "timeout"
    assert project.processes() == {}


@pytest.mark.slow
def test_a_module_that_exits_at_import_is_an_error_as_in_a_cold_fork(project: Project) -> None:
    write(project, {"test_a.py": "import sys; sys.exit(0)", "test_b.py": "def test_b(): pass"})
    done = project.make("-j2", "test")
    assert outcomes(project) == {"test_a.py": "error", "test_b.py#test_b": "passed"}, done.text


@pytest.mark.slow
def test_a_project_may_have_a_longpole_of_its_own(project: Project) -> None:
    (project.root / "longpole").mkdir()
    (project.root / "longpole/__init__.py").write_text("OWN = True")
    body = (
        "import longpole\ndef test_a(): assert longpole.OWN and 'longpole.rts_tests' not in __import__('sys').modules"
    )
    done = write(project, {"test_a.py": body}).make("-j2", "test")
    assert outcomes(project) == {"test_a.py#test_a": "passed"}, done.text
    assert "run cold" not in done.text


@pytest.mark.slow
def test_warm_forks_take_files_from_a_queue(project: Project) -> None:
    files = {f"test_{number}.py": "def test_one(session): pass" for number in range(9)}
    write(project, {"conftest.py": CONFTEST, "heavy.py": HEAVY, **files}, forks={"stealing": True, "max_forks": 3})
    done = project.make("-j3", "test")
    assert outcomes(project) == {f"{name}#test_one": "passed" for name in files}, done.text
    assert len(imports(project)) == 1


@pytest.mark.slow
def test_each_variant_has_a_zygote_in_its_own_environment_and_folder(project: Project) -> None:
    write(project, {})
    for variant in ("x", "y"):
        (project.root / variant / "tests").mkdir(parents=True)
        body = "import os\n"
        body += f"EXPECTED = {str(project.root / variant)!r}, {variant!r}\nHERE = os.getcwd(), os.environ['OF']\n"
        body += "def test_a(): assert HERE == EXPECTED"
        (project.root / variant / "tests/test_a.py").write_text(body)
    forks = {**COMMAND, "max_forks": 2, "warm": "pytest"}
    variants = {name: {"env": {"OF": name}} for name in ("x", "y")}
    done = project.write({}, modules={"m": {"forks": forks, "cwd": "{variant}"}}, variants=variants).make("-j2", "test")
    assert done.status == 0, done.text
    assert "run cold" not in done.text
    assert sum("1 passed" in each.read_text() for each in project.last.glob("units/*.log")) == 2


@pytest.mark.slow
def test_an_interrupted_run_leaves_nothing(project: Project) -> None:
    body = "import signal\ndef test_a(): open('begun', 'w').close(); signal.pause()"
    write(project, {"test_a.py": body, "test_b.py": "def test_b(): pass"})
    run = project.start("make", "-j2", "test")
    eventually("the test runs", (project.root / "begun").exists)
    eventually("the other fork has ended", lambda: "v/m[fork-1]" in project.statuses())
    os.killpg(run.pid, signal.SIGINT)
    run.communicate()
    assert project.statuses()["v/m[fork-0]"] == "cancelled"
    assert outcomes(project)["test_b.py#test_b"] == "passed"
    eventually("all processes have ended", lambda: project.processes() == {})


def test_a_program_that_is_no_zygote_says_why_in_its_last_line(tmp_path: Path) -> None:
    log = tmp_path / "logs/zygote.log"
    script = "echo preparing; printf 'no \\033[31mcolour\\n\\n' >&2; exit 4"
    events: list[Event] = []
    with selectors.DefaultSelector() as selector:
        zygote = Zygote(Program(("sh", "-c", script), {**os.environ}, str(tmp_path), str(log)), selector, events.append)
        reader, writer = os.pipe()
        for token in (7, 8):
            zygote.start(token, "module", [], {}, (writer, writer))
        while len(events) < 2:
            for key, _ in selector.select():
                key.data(key.fd)
        zygote.close()
    for end in (reader, writer):
        os.close(end)
    said = "sh ended while it imported the tests: no colour"
    assert events == [Refused(token, missing=True, reason=said) for token in (7, 8)]
    assert log.read_text().startswith("preparing\n")


def test_an_old_python_is_named(project: Project) -> None:
    code = "import sys; import longpole_pytest.command as c; c._OLDEST_WARM = (9, 1); sys.exit(c.main(sys.argv[1:]))"
    client = Path(__file__).resolve().parents[3] / "clients/pytest"
    done = project.run(sys.executable, "-c", code, "zygote", "/nowhere", "3", PYTHONPATH=str(client))
    assert done.status == 4
    assert "warm forks need Python 9.1, and this is 3." in done.err
