"""What a command reads: a text, a terminal, a dialog."""

import os
import re
import sys
from pathlib import Path

import pytest

from longpole.rts_tests.scenario import talk
from longpole.rts_tests.scenario.model import Exchange, Input, Terminal
from longpole.rts_tests.scenario.steps import Outcome, run_step
from longpole.rts_tests.scenario.talk import Talk, source_of
from longpole.rts_tests.scenario.variables import Variables
from longpole.rts_tests.scenario.waiting import Meanwhile
from tests.rts_tests.scenario.beside_bash import plain_environ, program

ASKS = """#!/bin/sh
printf 'Name? '
read name
printf 'Age of %s? ' "$name" >&2
read age
echo "[$name is $age]"
read more || echo end
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    program(tmp_path / "bin/asks", ASKS)
    return tmp_path


def ran(folder: Path, text: str, given: Input, timeout_s: float | None = 60, **names: str) -> Outcome:
    environ = plain_environ(folder / "bin")
    source = source_of(given, Variables(names))
    return run_step(text, cwd=str(folder), environ=environ, timeout_s=timeout_s, source=source)


def dialog(*items: tuple[str, str], timeout_s: float | None = None) -> tuple[Exchange, ...]:
    return tuple(Exchange(wait, send, timeout_s) for wait, send in items)


@pytest.mark.parametrize("text", ["cat", "cat; exit $?"])
def test_a_text_is_the_input(folder: Path, text: str) -> None:
    assert ran(folder, text, Input("one\n$A\0é")).stdout == "one\n$A\0é".encode()
    assert ran(folder, text, Input("$A", None), A="two words").stdout == b"two words"
    assert ran(folder, text, Input("")).stdout == b""


def test_a_long_text_is_read_as_fast_as_the_command_reads(folder: Path) -> None:
    outcome = ran(folder, "wc -c", Input("x" * 3_000_000))
    assert outcome.stdout.split() == [b"3000000"]
    both = ran(folder, "tee /dev/stderr", Input("x" * 1_000_000))
    assert (len(both.stdout), len(both.stderr)) == (1_000_000, 1_000_000)


@pytest.mark.parametrize("text", ["/bin/true", "exec <&-; sleep 0.05", "head -c 1"])
def test_a_command_need_not_read_it(folder: Path, text: str) -> None:
    outcome = ran(folder, text, Input("x" * 1_000_000))
    assert (outcome.exit_code, outcome.problem) == (0, None)


def test_a_terminal_is_one(folder: Path) -> None:
    outcome = ran(folder, "test -t 0 && test -t 1 && test -t 2 && stty size && tty", Input(terminal=Terminal(7, 99)))
    assert outcome.exit_code == 0, outcome.output
    size, path = outcome.stdout.decode().splitlines()
    assert size == "7 99"
    assert path.startswith("/dev/")
    assert outcome.stderr == b""


def test_without_a_shell_there_is_the_same_terminal(folder: Path) -> None:
    program(folder / "bin/look", "#!/bin/sh\nstty size </dev/tty\nstty size\necho error >&2\necho $TERM\nexit 3\n")
    outcome = ran(folder, "look", Input(terminal=Terminal()))
    assert (outcome.exit_code, outcome.stdout) == (3, b"24 80\n24 80\nerror\nxterm-256color\n")


def test_with_a_text_only_the_output_is_a_terminal(folder: Path) -> None:
    outcome = ran(folder, "test ! -t 0 && test -t 1 && test -t 2 && cat", Input("text", Terminal()))
    assert (outcome.exit_code, outcome.stdout) == (0, b"text")


def test_a_program_may_close_all_of_its_terminal_before_it_ends(folder: Path) -> None:
    text = "echo on; exec 0<&- 1>&- 2>&-; sleep 0.2; echo again >/dev/tty; exit 3"
    outcome = ran(folder, text, Input(terminal=Terminal()))
    assert (outcome.exit_code, outcome.stdout) == (3, b"on\nagain\n")


def test_a_terminal_is_the_own_session_of_a_step_and_ends_with_it(folder: Path) -> None:
    code = "import os; print(os.getsid(0) == os.getpid() == os.getpgrp() == os.tcgetpgrp(0))"
    program(folder / "bin/session", f"#!{sys.executable} -I\n{code}\n")
    assert ran(folder, "session", Input(terminal=Terminal())).stdout == b"True\n"
    outcome = ran(folder, "sleep 1000", Input(terminal=Terminal()), timeout_s=0.1)
    assert (outcome.timed_out, outcome.exit_code) == (True, -1)


@pytest.mark.parametrize("terminal", [None, Terminal()])
def test_a_dialog(folder: Path, terminal: Terminal | None) -> None:
    end = ("is 7]", "\x04") if terminal else ("is", "")
    lines = dialog(("Name", "$WHO\n"), (r"Age of $WHO\? ", "7\n"), end)
    outcome = ran(folder, "asks", Input(None, terminal, lines), WHO="A. B")
    assert outcome.problem is None
    assert outcome.exit_code == 0
    assert "[A. B is 7]\n" in outcome.stdout.decode()
    assert outcome.stdout.decode().rstrip().endswith("end")


def test_a_pattern_matches_what_was_printed_since_the_last_one(folder: Path) -> None:
    program(folder / "bin/many", "#!/bin/sh\necho 'go go go'\nread a\nread b\nread c\necho $a$b$c\n")
    outcome = ran(folder, "many", Input(dialog=dialog(("go", "1\n"), ("go", "2\n"), ("^ go$", "3\n"))))
    assert outcome.stdout.decode().endswith("123\n")
    late = ran(folder, "many", Input(dialog=dialog(("go go go", "1\n2\n3\n"), ("go", ""))))
    assert late.problem == "the command ended before `go` of the dialog was printed"
    assert late.stdout.decode().endswith("123\n")


def test_a_pattern_matches_what_is_seen_on_the_terminal(folder: Path) -> None:
    text = r"printf '\033[1;34mSure? \033]0;title\007\033(B\033[m'; read a; echo [$a]"
    outcome = ran(folder, text, Input(None, Terminal(), dialog((r"^Sure\? $", "y\n"))))
    assert outcome.problem is None
    assert outcome.stdout.decode().endswith("y\n[y]\n")
    assert "\033[1;34m" in outcome.stdout.decode()


def test_a_password_is_read_from_the_terminal_without_echo(folder: Path) -> None:
    code = "import getpass; print('got', getpass.getpass('Password: '))"
    program(folder / "bin/login", f"#!{sys.executable} -I\n{code}\n")
    outcome = ran(folder, "login", Input(None, Terminal(), dialog(("Password: $", "secret\n"))))
    assert outcome.stdout.decode() == "Password: \ngot secret\n"


def test_a_dialog_that_hears_nothing_fails_and_ends_the_command(folder: Path) -> None:
    lines = (*dialog(("Name", "a\n"), ("Age", "")), *dialog(("never", "b\n"), timeout_s=0.2))
    outcome = ran(folder, "asks", Input(dialog=lines))
    assert outcome.problem == "`never` of the dialog was not printed within 0.2 s"
    assert not outcome.timed_out
    assert outcome.exit_code == -1
    assert outcome.output == "Name?\nAge of a?"


def test_a_step_that_takes_too_long_in_a_dialog_has_timed_out(folder: Path) -> None:
    outcome = ran(folder, "asks", Input(dialog=dialog(("never", "b\n"))), timeout_s=0.2)
    assert (outcome.timed_out, outcome.problem) == (True, "while `never` of the dialog was waited for")


def test_a_pattern_that_its_variables_break(folder: Path) -> None:
    with pytest.raises(ValueError, match="bad character range"):
        source_of(Input(dialog=dialog(("[b-$A]", ""))), Variables({"A": "a"}))


def test_a_daemon_may_keep_the_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longpole.rts_tests.scenario.steps.PIPES_S", 0.01)
    os.mkfifo(folder / "fifo")
    meanwhile: Meanwhile = {}
    environ = plain_environ(folder)
    text = "trap '' HUP; (read line <fifo; head -c 100000 /dev/zero && echo done >fifo) & echo begun"
    source = source_of(Input(terminal=Terminal()), Variables({}))
    outcome = run_step(text, cwd=str(folder), environ=environ, source=source, meanwhile=meanwhile)
    assert (outcome.exit_code, outcome.stdout, len(meanwhile)) == (0, b"begun\n", 1)
    after = run_step("echo go >fifo; cat fifo", cwd=str(folder), environ=environ, meanwhile=meanwhile)
    assert after.stdout == b"done\n"
    for descriptor in meanwhile:
        os.close(descriptor)


def test_no_descriptor_is_left(folder: Path) -> None:
    before = sorted(os.listdir("/dev/fd"))
    for given in (
        Input("x" * 100_000),
        Input(terminal=Terminal()),
        Input("x", Terminal()),
        Input(dialog=dialog(("x", "y"))),
    ):
        ran(folder, "/bin/true", given)
        ran(folder / "missing", "/bin/true", given)
    assert sorted(os.listdir("/dev/fd")) == before


def test_a_talk_keeps_a_bounded_part_of_what_it_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "MAX_HEARD", 10)
    reader, writer = os.pipe()
    one = Talk(writer, lines=[talk.Line(re.compile("x{8}y"), b"")])
    for _ in range(100):
        one.heard(b"x" * 100)
    assert one.until(0.0) is not None
    one.heard(b"y")
    assert one.until(0.0) is None
    assert one.descriptor == -1
    os.close(reader)
