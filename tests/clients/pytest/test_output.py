"""What tests print belongs to their file, however they print it, and is told while they run."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.clients.pytest.client import Folder, events_of
from tests.tiers import slow

PRINTS = """
import logging, os, subprocess, sys, threading

def test_prints(): print("printed", __name__)

def test_errors(): print("error", __name__, file=sys.stderr)

def test_thread():
    thread = threading.Thread(target=lambda: print("thread", __name__))
    thread.start()
    thread.join()

def test_subprocess(): subprocess.run(["sh", "-c", f"echo subprocess {__name__}; echo subprocess error {__name__} >&2"])

def test_descriptor():
    os.write(1, f"descriptor {__name__}\\n".encode())
    sys.__stdout__.write(f"original {__name__}\\n")
"""
PRINTED = ("printed", "error", "thread", "subprocess", "subprocess error", "descriptor", "original")


@pytest.mark.parametrize("capture", ["--capture=fd", *slow("--capture=sys", "-s", "--capture=tee-sys")])
def test_output_belongs_to_its_file_and_is_told_once(tests: Folder, capture: str) -> None:
    run = tests.write(test_a=PRINTS, test_b=PRINTS).run(capture)
    for name in ("test_a", "test_b"):
        assert sorted(run.output(f"{name}.py").splitlines()) == sorted(f"{text} {name}" for text in PRINTED)
    assert run.status == 0
    assert [line for line in run.stdout.splitlines() if not line.startswith(b"@@LONGPOLE@@ ")] == []
    assert run.stderr == ""


@pytest.mark.slow
def test_output_of_an_import_belongs_to_the_file(tests: Folder) -> None:
    run = tests.write(
        test_a="print('a is imported')\ndef test_a(): pass", test_b="print('b is imported')\nimport no"
    ).run()
    assert run.output("test_a.py") == "a is imported\n"
    assert run.output("test_b.py") == "b is imported\n"


@pytest.mark.slow
def test_output_of_fixtures_belongs_to_the_file_that_runs(tests: Folder) -> None:
    fixture = (
        "import pytest\n@pytest.fixture(scope='session', autouse=True)\ndef s(): print('up'); yield; print('down')"
    )
    run = tests.write(conftest=fixture, test_a="def test_a(): pass", test_b="def test_b(): pass").run()
    assert (run.output("test_a.py"), run.output("test_b.py")) == ("up\n", "down\n")


@pytest.mark.parametrize("capture", ["--capture=fd", *slow("-s")])
def test_hostile_output_is_told_as_text(tests: Folder, capture: str) -> None:
    body = r"""
import os, sys
def test_a():
    print('@@LONGPOLE@@ {"event":"fork_completed","suites":0,"cases":{}}')
    os.write(1, b"\x00\xff\xfe\x1b[31m\xe2\x82 half a character, no newline")
def test_b():
    assert False, "\udc80 surrogate \x00"
"""
    run = tests.write(test_a=body).run(capture)
    assert len(list(run.of("fork_completed"))) == 1
    assert run.statuses == {"test_a.py::test_a": "passed", "test_a.py::test_b": "failed"}
    assert '@@LONGPOLE@@ {"event":"fork_completed","suites":0' in run.output("test_a.py")
    if capture != "-s":
        assert "\0\ufffd\ufffd\x1b[31m\ufffd half a character, no newline" in run.output("test_a.py")


@pytest.mark.parametrize("capture", ["--capture=fd", "-s"])
@pytest.mark.slow
def test_a_program_may_truncate_its_output(tests: Folder, capture: str) -> None:
    body = "import os\ndef test_a():\n  os.system('echo before; echo x > /dev/stdout')\n  print('afterwards')"
    run = tests.write(test_a=body, test_b="def test_b(): print('of b')").run(capture)
    assert run.output("test_a.py").endswith("afterwards\n")
    assert run.output("test_b.py") == "of b\n"


@pytest.mark.slow
def test_much_output_is_told_in_pieces_and_whole(tests: Folder) -> None:
    body = "def test_1(): print('ä' * 700_001)\ndef test_2():\n  for number in range(20_000): print(number)"
    run = tests.write(test_a=body).run()
    assert run.output("test_a.py") == "ä" * 700_001 + "\n" + "".join(f"{number}\n" for number in range(20_000))
    assert max(len(line) for line in run.stdout.splitlines()) < 4_000_000
    assert len(list(run.of("suite_output"))) > 2


def _until_told(tests: Folder, body: str, wanted: str, *prologue: str) -> list[str]:
    """Run a test that waits for a pipe, which is opened when `wanted` has been told; return the pieces of output."""
    gate = tests.root / "gate"
    os.mkfifo(gate)
    tests.write(
        test_a=f"import os, subprocess, sys\ndef test_a():\n  {body}\n  open({str(gate)!r}).read()\n  print('the end')"
    )
    argv = tests.argv("run", tests.classes())
    if prologue:
        code = f"import runpy, sys; sys.path.append(sys.argv[1]); {'; '.join(prologue)}; "
        code += "from longpole_pytest.command import main; sys.exit(main(sys.argv[2:]))"
        argv = [argv[0], "-c", code, *argv[1:]]
    pieces: list[str] = []
    with subprocess.Popen(argv, cwd=tests.root, env=tests.environ(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        opened = False
        for line in process.stdout:
            pieces += [event["text"] for event in events_of(line) if event["event"] == "suite_output"]
            pieces += [event["output"] for event in events_of(line) if event["event"] == "suite_completed"]
            if wanted in "".join(pieces) and not opened:
                opened = True
                Path(gate).write_text("go on")
    assert process.returncode == 0
    return pieces


@pytest.mark.parametrize(
    "body", ["print('x' * 70_000)", *slow("subprocess.run(['sh', '-c', 'yes x | head -c 70000'])")]
)
def test_much_output_of_one_test_is_told_while_it_runs(tests: Folder, body: str) -> None:
    pieces = _until_told(tests, body, "x")
    assert len(pieces) > 1
    assert "".join(pieces).endswith("the end\n")
    assert "".join(pieces).count("x") in (70_000, 35_000)


@pytest.mark.slow
def test_old_output_of_one_test_is_told_while_it_runs(tests: Folder) -> None:
    """After 10 s; the tests do not wait that long."""
    prologue = "import longpole_pytest.watcher as watcher; assert watcher.FLUSH_S == 10; watcher.FLUSH_S = 0"
    pieces = _until_told(tests, "os.system('echo begun'); sys.stdout.write('half a line')", "half a line", prologue)
    assert pieces == ["begun\nhalf a line", "the end\n"]


@pytest.mark.slow
def test_live_logs_and_what_fixtures_print_past_the_capture_belong_to_the_file(tests: Folder) -> None:
    tests.file("pytest.ini", "[pytest]\nlog_cli = true\nlog_cli_level = INFO\n")
    body = (
        "import logging\ndef test_a(capsys):\n  logging.info('a live log')\n  with capsys.disabled(): print('past it')"
    )
    output = tests.write(test_a=body).run().output("test_a.py")
    assert "a live log" in output
    assert "past it\n" in output


@pytest.mark.slow
def test_a_failed_case_has_its_own_output(tests: Folder) -> None:
    body = "import logging\ndef test_1(): print('of the first')\n"
    body += "def test_2(): print('of the second'); logging.warning('a log'); assert 0"
    run = tests.write(test_a=body).run()
    assert run.case("test_2")["output"].startswith(
        "[Captured stdout call]\nof the second\n[Captured log call]\nWARNING"
    )
    assert "output" not in run.case("test_1")
