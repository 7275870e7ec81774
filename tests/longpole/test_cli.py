"""The command line: help with examples, statuses, completion, and never a traceback for what the user can mend."""

import os
import re
import shutil
import subprocess
import sys

import click
import pytest

from longpole.command_line import cli
from tests.project import Done, Project, tool

CONTEXT = click.Context(cli)


def command_of(name: str) -> click.Command:
    command = cli.get_command(CONTEXT, name)
    assert command is not None
    return command


COMMANDS = [name for name in cli.list_commands(CONTEXT) if not command_of(name).hidden]


@pytest.fixture(scope="module")
def has_run(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has run once; nothing changes it."""
    made = Project(tmp_path_factory.mktemp("ready") / "project").write({"one": "", "two": ""})
    made.make("test")
    return made


@pytest.fixture
def ready(has_run: Project, project: Project) -> Project:
    """A copy of a project that has run once, which a test may change."""
    shutil.copytree(has_run.root, project.root, dirs_exist_ok=True)
    return project


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_s_help_says_what_it_does_and_has_an_example(project: Project, name: str) -> None:
    done = project.longpole(name, "--help")
    assert done.status == 0
    assert re.search(r"Examples?:\n\s+\S*.*longpole " + name, done.out), done.out
    assert command_of(name).get_short_help_str() != ""


def test_help_lists_every_command_and_the_statuses(project: Project) -> None:
    for option in ("--help", "-h"):
        done = project.longpole(option)
        assert done.status == 0
        assert all(re.search(rf"^  {name}\b", done.out, re.MULTILINE) for name in COMMANDS)
        assert "Exit status: 0 all passed; 1 something failed; 2 " in done.out


def test_every_option_has_a_help(project: Project) -> None:
    for name in COMMANDS:
        for parameter in command_of(name).params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"


def test_the_version(project: Project) -> None:
    done = project.longpole("--version")
    assert done.status == 0, done.text
    assert re.fullmatch(r"longpole, version \d+\.\d+\.\d+\S*\n", done.out)


@pytest.mark.parametrize(
    "argv",
    [["nonsense"], ["--nonsense"], ["list", "--nonsense"], ["completion", "tcsh"], ["list", "a", "b"], ["completion"]],
)
def test_what_is_not_understood_is_status_2(project: Project, argv: list[str]) -> None:
    done = project.longpole(*argv)
    assert done.status == 2
    assert "Traceback" not in done.err
    assert done.err.startswith("Usage: ")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_scripts(project: Project, name: str) -> None:
    done = project.longpole("completion", name)
    assert done.status == 0
    assert "_LONGPOLE_COMPLETE" in done.out


def test_bash_takes_the_completion_script(project: Project) -> None:
    script = project.longpole("completion", "bash").out
    done = subprocess.run([tool("bash"), "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_completion_knows_the_commands(project: Project) -> None:
    environ = {"_LONGPOLE_COMPLETE": "bash_complete", "COMP_WORDS": "longpole re", "COMP_CWORD": "1"}
    done = project.longpole(**environ)
    assert {line.split(",")[1] for line in done.out.splitlines()} == {
        name for name in COMMANDS if name.startswith("re")
    }


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("longpole runs re", ["remove"]),
        ("longpole list --js", ["--json"]),
        ("longpole report --format mark", ["markdown"]),
        ("longpole completion ", ["bash", "zsh", "fish"]),
        ("longpole superv", []),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_what_a_command_takes(project: Project, shell: str, words: str, completed: list[str]) -> None:
    *before, last = words.split(" ")
    current = last if shell == "fish" else str(len(before))
    done = project.longpole(_LONGPOLE_COMPLETE=f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=current)
    lines = done.out.splitlines()
    texts = lines[1::3] if shell == "zsh" else [line.partition(",")[2].partition("\t")[0] for line in lines]
    assert [text for text in texts if text] == completed


def test_c_works_in_another_folder(ready: Project) -> None:
    outside = Project(ready.root.parent)
    assert outside.longpole("-C", "project", "list").out == ready.longpole("list").out
    done = outside.longpole("-C", "nowhere", "list")
    assert done.status == 2
    assert done.err.startswith("longpole: nowhere: ")


def as_a_message(done: Done, *words: str, status: int = 2) -> None:
    assert "Traceback" not in done.text, done.text
    assert done.status == status, done.text
    for word in words:
        assert word in done.err, done.err


def test_no_suite(project: Project) -> None:
    as_a_message(project.longpole("render"), "suite.yaml", "there is no such file")


def test_a_folder_in_the_place_of_the_suite(project: Project) -> None:
    (project.root / "suite.yaml").mkdir()
    as_a_message(project.longpole("list"), "suite.yaml")


def test_a_report_without_a_run(project: Project) -> None:
    as_a_message(project.longpole("report"), "no run is kept here")


def test_a_report_of_no_such_run(ready: Project) -> None:
    as_a_message(ready.longpole("report", "nonsense"), "nonsense", "no such run")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"version": 7}', b'{"version": 1}'])
def test_a_report_of_a_damaged_run(ready: Project, damage: bytes) -> None:
    (ready.last / "run.json").write_bytes(damage)
    as_a_message(ready.longpole("report"), "not a readable run")


@pytest.mark.parametrize("goal", ["test", "retest", "report", "list"])
def test_a_state_directory_that_is_a_file(ready: Project, goal: str) -> None:
    done = ready.make(goal, LONGPOLE_STATE="suite.yaml")
    assert "Traceback" not in done.text, done.text
    assert done.status == 2


@pytest.mark.parametrize("command", ["render", "list", "report"])
def test_a_state_directory_that_is_a_file_for_every_command(ready: Project, command: str) -> None:
    done = ready.longpole(command, LONGPOLE_STATE="suite.yaml")
    assert "Traceback" not in done.text, done.text


BOUND = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which permissions do not bind root
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def unprivileged(project: Project, *argv: str) -> Done:
    """Run as somebody whom permissions bind, also when the tests are run by root."""
    return project.run(sys.executable, "-c", BOUND, *argv)


@pytest.mark.parametrize(
    ("what", "command"),
    [
        (".longpole", "render"),
        (".longpole", "list"),
        (".longpole", "report"),
        (".longpole/runs", "report"),
        (".longpole/history.json", "render"),
        (".longpole/plan.json", "render"),
    ],
)
def test_a_state_that_cannot_be_read(ready: Project, what: str, command: str) -> None:
    path = ready.root / what
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        done = unprivileged(ready, sys.executable, "-m", "longpole", command)
    finally:
        path.chmod(mode)
    assert "Traceback" not in done.err, done.err
    if done.status not in (0, 1):
        assert done.err.startswith("longpole: ")


def test_a_state_that_cannot_be_written(ready: Project) -> None:
    state = ready.root / ".longpole"
    folders = [state, *(path for path in state.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        done = unprivileged(ready, "make", "test")
    finally:
        for path in folders:
            path.chmod(0o755)
    as_a_message(done, ".longpole", "Permission denied")


def test_a_first_render_where_nothing_can_be_written(ready: Project) -> None:
    state = ready.root / ".longpole"
    shutil.rmtree(state)
    ready.root.chmod(0o555)
    try:
        done = unprivileged(ready, sys.executable, "-m", "longpole", "render")
    finally:
        ready.root.chmod(0o755)
    remedy = "set LONGPOLE_STATE to a folder that can be written"
    assert (done.status, done.err) == (2, f"longpole: .longpole: cannot be written: Permission denied; {remedy}\n")


def test_a_folder_for_temporary_files_that_is_missing(ready: Project) -> None:
    done = ready.make("test", TMPDIR="/nonexistent/folder")
    assert "Traceback" not in done.text
    assert done.status == 0 or "TMPDIR" in done.err


def test_a_damaged_plan(ready: Project) -> None:
    (ready.root / ".longpole" / "plan.json").write_text("{")
    later = (ready.root / ".longpole" / "rendered").stat().st_mtime + 10
    os.utime(ready.root / ".longpole" / "rendered", (later, later))
    done = ready.make("test")
    assert "Traceback" not in done.text
    assert done.status == 2
    assert "not a plan of this version" in done.err
    assert "run `longpole render`" in done.err


@pytest.mark.parametrize("command", ["list", "seed", "report", "schema", "render"])
def test_standard_output_closed(ready: Project, command: str) -> None:
    done = ready.run("sh", "-c", f"{sys.executable} -m longpole {command} >&-")
    assert "Traceback" not in done.err, done.err


@pytest.mark.parametrize("command", ["list", "seed", "report", "schema", "completion bash"])
def test_a_full_disk_behind_standard_output(ready: Project, command: str) -> None:
    done = ready.run("sh", "-c", f"{sys.executable} -m longpole {command} >/dev/full")
    assert "Traceback" not in done.err, done.err
    assert done.status != 0


def test_a_reader_that_stops_reading(ready: Project) -> None:
    done = ready.run("sh", "-c", f"{sys.executable} -m longpole schema | head -n 1")
    assert done.out == "{\n"
    assert done.err == ""


def test_make_with_standard_output_closed(ready: Project) -> None:
    done = ready.run("sh", "-c", "make test >&-")
    assert "Traceback" not in done.err, done.err
    assert set(ready.statuses().values()) == {"passed"}


def test_make_on_a_full_disk_behind_standard_output(ready: Project) -> None:
    done = ready.run("sh", "-c", "make test >/dev/full")
    assert "Traceback" not in done.err, done.err
    assert set(ready.statuses().values()) == {"passed"}
