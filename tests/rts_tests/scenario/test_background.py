"""Background programs: real processes, waited for by their output, their files, their ports and their ends."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.processes import started_at
from longpole.rts_tests.scenario import background
from longpole.rts_tests.scenario.background import Programs
from longpole.rts_tests.scenario.listening import listens
from longpole.rts_tests.scenario.model import Ready, Step, Stop
from longpole.rts_tests.scenario.steps import Outcome, run_step
from tests.project import eventually

ENVIRON = {"PATH": os.environ["PATH"]}
PYTHON = sys.executable


class Stage:
    """The programs of a scenario, in its work directory."""

    def __init__(self, work: Path) -> None:
        self.programs = Programs()
        self.work = work

    def begin(
        self, text: str, ready: Ready | None = None, *, name: str = "p", timeout_s: float | None = None
    ) -> Outcome:
        return self._run(Step("s", text, 1, background=name, ready=ready), text, timeout_s)

    def stop(self, name: str = "p", number: int = signal.SIGTERM, timeout_s: float | None = None) -> Outcome:
        return self._run(Step("s", "", 1, stop=Stop(name, number)), "", timeout_s)

    def wait(self, name: str = "p", timeout_s: float | None = None) -> Outcome:
        return self._run(Step("s", "", 1, wait=name), "", timeout_s)

    def step(self, text: str) -> Outcome:
        return run_step(text, cwd=str(self.work), environ=ENVIRON, meanwhile=self.programs.meanwhile)

    def until_ended(self, name: str) -> None:
        """Wait for the end of a program, which no step sees."""
        program = self.programs._programs[name]
        assert self.programs._until(program.has_ended, program, None)

    def _run(self, step: Step, text: str, timeout_s: float | None) -> Outcome:
        ready = "" if step.ready is None else step.ready.text
        return self.programs.run(step, text, cwd=str(self.work), environ=ENVIRON, ready=ready, timeout_s=timeout_s)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    before, children = set(os.listdir("/proc/self/fd")), set(processes.children_of(os.getpid()))
    stage = Stage(tmp_path)
    yield stage
    stage.programs.end()
    assert set(os.listdir("/proc/self/fd")) <= before
    assert set(processes.children_of(os.getpid())) <= children


FOREVER = "trap 'echo bye; exit 3' TERM; echo up; while :; do read -t 60 <>fifo; done"
"""A program that says `up`, and ends with 3 by SIGTERM; `mkfifo fifo` comes before."""


def forever(stage: Stage) -> Outcome:
    os.mkfifo(stage.work / "fifo")
    return stage.begin(FOREVER, Ready("output", "up"))


def test_a_program_runs_until_it_is_stopped(stage: Stage) -> None:
    begun = forever(stage)
    assert (begun.problem, begun.stdout, begun.exit_code) == (None, b"up\n", 0)
    assert stage.step("echo meanwhile").stdout == b"meanwhile\n"
    stopped = stage.stop()
    assert (stopped.problem, stopped.stdout, stopped.exit_code) == (None, b"up\nbye\n", 3)
    assert stage.programs.end() == ()


def test_standard_input_is_empty(stage: Stage) -> None:
    stage.begin("exec cat")
    assert stage.wait().exit_code == 0


def test_the_end_is_waited_for(stage: Stage) -> None:
    os.mkfifo(stage.work / "fifo")
    stage.begin("read <fifo; echo done; exit 4")
    assert stage.step("echo >fifo").exit_code == 0
    ended = stage.wait()
    assert (ended.exit_code, ended.stdout, ended.problem) == (4, b"done\n", None)


def test_death_by_a_signal_is_minus_one(stage: Stage) -> None:
    stage.begin("exec sleep 600")
    assert stage.stop(number=signal.SIGINT).exit_code == -1
    stage.begin("kill -9 $$")
    assert stage.wait().exit_code == -1


def test_the_whole_group_gets_the_signal(stage: Stage) -> None:
    begun = stage.begin("sleep 600 & echo $!; wait", Ready("output", "\n"))
    child = int(begun.stdout)
    assert started_at(child) is not None
    stage.stop()
    eventually("the child has ended", lambda: started_at(child) is None)


def test_waiting_ends_with_the_timeout(stage: Stage) -> None:
    stage.begin("echo so far; exec sleep 600", Ready("output", "so far"))
    waited = stage.wait(timeout_s=0.05)
    assert (waited.timed_out, waited.stdout, waited.exit_code) == (True, b"so far\n", -1)
    (left,) = stage.programs.end()
    assert (left.name, left.how, left.outcome.exit_code) == ("p", "stopped at the end", -1)


def test_a_program_that_does_not_stop_is_killed(stage: Stage) -> None:
    stage.begin("trap '' TERM; echo deaf; while :; do sleep 600; done", Ready("output", "deaf"))
    stopped = stage.stop(timeout_s=0.05)
    assert stopped.problem == "p did not end within 0.05 s of SIGTERM, and was killed"
    assert (stopped.exit_code, stopped.stdout) == (-1, b"deaf\n")


def test_a_program_that_has_ended_cannot_be_stopped(stage: Stage) -> None:
    stage.begin("echo last words; exit 5", Ready("output", "last words"))
    stage.until_ended("p")
    stopped = stage.stop()
    assert (stopped.problem, stopped.stdout) == ("p has ended before: exit code 5", b"last words\n")


# -- ready ------------------------------------------------------------------------------------------------------------


def test_ready_by_output_in_pieces_and_on_either_stream(stage: Stage) -> None:
    for name, text in (("a", "printf rea >&2; printf dy >&2; sleep 600"), ("b", "printf xready; sleep 600")):
        assert stage.begin(text, Ready("output", "ready"), name=name).problem is None


def test_ready_by_a_file(stage: Stage) -> None:
    os.mkfifo(stage.work / "fifo")
    begun = stage.begin("mkdir made && exec sleep 600", Ready("file", "made"))
    assert begun.problem is None
    assert (stage.work / "made").is_dir()


@pytest.mark.parametrize(("address", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_ready_by_a_port_without_a_connection(stage: Stage, address: str, family: int) -> None:
    with socket.socket(family) as bound:
        bound.bind((address, 0))
        port = bound.getsockname()[1]
        assert not listens(port)
        late = stage.begin("exec sleep 600", Ready("port", str(port), 0.05), name="late")
        assert late.problem == f"late was not ready within 0.05 s: nothing listens on port {port}"
    code = f"import socket, sys; s = socket.create_server(({address!r}, {port}), family={int(family)}); "
    code += "s.settimeout(0.05); s.accept()"
    begun = stage.begin(f"exec {PYTHON} -c '{code.replace(chr(39), chr(34))}'", Ready("port", str(port)))
    assert begun.problem is None
    ended = stage.wait()
    assert b"timed out" in ended.stderr, "nobody had connected"


def test_ready_by_a_command_that_succeeds_at_last(stage: Stage) -> None:
    os.mkfifo(stage.work / "fifo")
    command = "echo x >>tries; [ $(wc -l <tries) = 3 ]"
    assert stage.begin("exec sleep 600", Ready("run", command)).problem is None
    assert (stage.work / "tries").read_text() == "x\n" * 3


@pytest.mark.parametrize(
    ("ready", "lacks"),
    [
        (Ready("output", "up", 0.05), "it has not printed up"),
        (Ready("file", "none", 0.05), "there is no none"),
        (Ready("port", "1", 0.05), "nothing listens on port 1"),
        (Ready("run", "false", 0.05), "`false` does not succeed"),
        (Ready("run", "exec sleep 600", 0.05), "`exec sleep 600` does not succeed"),
    ],
)
def test_what_is_not_ready_in_time_fails_and_goes_on(stage: Stage, ready: Ready, lacks: str) -> None:
    begun = stage.begin("echo so far; exec sleep 600", ready)
    assert begun.problem == f"p was not ready within 0.05 s: {lacks}"
    assert begun.exit_code == -1
    assert stage.stop().stdout == b"so far\n"


def test_the_timeout_of_the_step_counts_as_well(stage: Stage) -> None:
    begun = stage.begin("exec sleep 600", Ready("file", "none"), timeout_s=0.05)
    assert begun.problem == "p was not ready within 0.05 s: there is no none"


@pytest.mark.parametrize(
    "ready", [Ready("output", "up"), Ready("file", "none"), Ready("port", "1"), Ready("run", "false")]
)
def test_a_program_that_ends_before_it_is_ready_fails_at_once(stage: Stage, ready: Ready) -> None:
    begun = stage.begin("echo why >&2; exit 7", ready)
    assert begun.problem == "p ended before it was ready: exit code 7"
    assert (begun.exit_code, begun.stderr) == (7, b"why\n")


def test_a_program_that_says_that_it_is_ready_and_ends_was_ready(stage: Stage) -> None:
    begun = stage.begin("echo ready", Ready("output", "ready"))
    assert begun.problem is None
    assert stage.wait().exit_code == 0


def test_a_port_may_be_no_port(stage: Stage) -> None:
    assert stage.begin("exec sleep 600", Ready("port", "http")).problem == "http is no port"


# -- hostile ----------------------------------------------------------------------------------------------------------


def test_a_program_that_cannot_be_started(stage: Stage) -> None:
    stage.work = stage.work / "none"
    begun = stage.begin("sleep 600")
    assert begun.problem == f"the working directory {stage.work} cannot be entered: No such file or directory"
    assert stage.stop().problem == "p does not run"
    assert stage.wait().problem == "p does not run"


def test_much_output_blocks_no_program_and_is_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MAX_OUTPUT_BYTES", 1000)
    os.mkfifo(stage.work / "fifo")
    stage.begin("head -c 1000000 /dev/zero; echo >fifo; sleep 600")
    assert stage.step("read <fifo").exit_code == 0, "the program was not blocked by its output"
    stopped = stage.stop()
    assert (len(stopped.stdout), stopped.dropped) == (1000, 999_000)


def test_a_child_that_keeps_the_pipes_open_blocks_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PIPES_S", 0.05)
    begun = stage.begin("setsid sleep 600 & echo $!; exit 0", Ready("output", "\n"))
    assert stage.wait().exit_code == 0
    stage.begin("true", name="other")
    assert stage.wait("other").exit_code == 0
    os.kill(int(begun.stdout), signal.SIGKILL)


def test_programs_are_stopped_in_reverse_order_and_their_output_is_kept(stage: Stage) -> None:
    os.mkfifo(stage.work / "fifo")
    for name in ("one", "two", "three"):
        text = f"trap 'echo {name} >>order; exit 0' TERM; echo up; while :; do read -t 60 <>fifo; done"
        stage.begin(text, Ready("output", "up"), name=name)
    stage.begin("echo dead; exit 9", name="dead")
    stage.until_ended("dead")
    left = stage.programs.end()
    assert [(each.name, each.how) for each in left] == [
        ("dead", "exit code 9"),
        *((name, "stopped at the end") for name in ("three", "two", "one")),
    ]
    assert (stage.work / "order").read_text() == "three\ntwo\none\n"
    assert left[0].outcome.stdout == b"dead\n"
    assert left[1].outcome.exit_code == 0


def test_a_deaf_program_is_killed_at_the_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "GRACE_S", 0.05)
    stage.begin("trap '' TERM; echo deaf; while :; do sleep 600; done", Ready("output", "deaf"))
    (left,) = stage.programs.end()
    assert (left.how, left.outcome.exit_code) == ("killed at the end, 0.05 s after SIGTERM", -1)


def test_a_name_that_was_waited_for_in_vain_can_be_used_again(stage: Stage) -> None:
    stage.begin("exec sleep 600")
    assert stage.wait(timeout_s=0.01).timed_out
    stage.begin("exec sleep 601")
    left = [(each.command, each.how) for each in stage.programs.end()]
    assert left == [("exec sleep 601", "stopped at the end"), ("exec sleep 600", "ended by SIGTERM")]


def test_a_step_that_is_run_again_ends_the_program_before(stage: Stage) -> None:
    """As in interactive mode: two servers could not have one port."""
    forever(stage)
    pid = stage.programs._programs["p"].pid
    assert stage.begin(f"kill -0 {pid} && [ $(cut -d' ' -f3 /proc/{pid}/stat) != Z ] && echo lives").problem is None
    ended = stage.wait()
    assert ended.stdout == b"", "the program of before has ended when the new one begins"
    assert [each.how for each in stage.programs.end()] == ["exit code 3"]


def test_programs_without_pidfds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    forever(stage)
    assert stage.stop().exit_code == 3
    stage.begin("exit 4")
    assert stage.wait().exit_code == 4
