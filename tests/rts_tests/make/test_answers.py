"""No recipe waits for ever: an answer is tried again while something has run out, and a final error ends the run."""

import os
import resource
import subprocess
from pathlib import Path

import pytest

from longpole.rts_tests.make import handover
from longpole.rts_tests.make.handover import Handover, make_pipes
from tests.project import Project, eventually, shell
from tests.tiers import slow

REMOVES = {
    "all of it": 'rm -rf "$shm"',
    "the answers": 'rm -rf "$shm"/reply "$shm"/*/reply',
    "the request": 'find "$shm" -name request -delete',
    "its own": 'find "$shm" -name "test-v-[rl]*" -delete',
}


@pytest.mark.parametrize("what", ["all of it", *slow("the answers", "the request", "its own")])
def test_pipes_removed_in_mid_run_end_the_run_with_the_reason(project: Project, what: str) -> None:
    find = 'shm=$(ls -d /dev/shm/longpole-"$LONGPOLE_RUN"* "${TMPDIR%/*/*}"/longpole-"$LONGPOLE_RUN"* 2>/dev/null)'
    removes = shell(find, 'test -n "$shm" || exit 9', 'shm=${shm%%"\n"*}', REMOVES[what])
    removes = shell("until [ -e long-runs ]; do sleep 0.01; done", removes)
    scripts = {"removes": removes, "other": "exit 0", "long": shell("touch long-runs", "sleep 300")}
    project.write(scripts, modules={"removes": {"weight": 9}, "other": {"weight": 1}, "long": {"weight": 5}})
    done = project.make("-j2", "test")
    assert done.status == 2, done.text
    assert "longpole: make cannot be answered: " in done.text
    assert "the run ends here" in done.text
    assert "3 units: " in done.text
    assert project.statuses()["v/long"] == "cancelled"
    assert "Traceback" not in done.text
    assert not project.processes()


@pytest.mark.parametrize("again", [True, *slow(False)])
def test_a_supervisor_without_descriptors_answers_when_it_has_some_again(project: Project, again: bool) -> None:
    waits = "touch started; while [ ! -e go ]; do sleep 0.01; done"
    project.write({"first": "exit 0", "waits": waits}, modules={"first": {"weight": 9}})
    process = project.start("make", "-j1", "test")
    eventually("the unit runs", (project.root / "started").exists)
    guard = _child(process.pid)
    supervisor = _child(guard)
    before = resource.prlimit(supervisor, resource.RLIMIT_NOFILE)
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, (3, before[1]))
    (project.root / "go").touch()
    eventually("the unit is recorded", lambda: "v/waits" in project.statuses())
    if again:
        resource.prlimit(supervisor, resource.RLIMIT_NOFILE, before)
    out, err = process.communicate()
    text = (out + err).decode()
    assert process.returncode == (0 if again else 2), text
    assert ("make cannot be answered: " in text) == (not again)
    assert ("Too many open files" in text) == (not again)
    assert "2 units: 2 passed" in text
    assert not project.processes()


def _child(pid: int) -> int:
    (child,) = (
        int(word)
        for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if b"supervise" in Path(f"/proc/{word}/cmdline").read_bytes()
    )
    return child


@pytest.fixture
def pipes(tmp_path: Path) -> Path:
    """A folder with the pipes of one target."""
    make_pipes(tmp_path, ["test-a"])
    return tmp_path


def recipe(folder: Path) -> "subprocess.Popen[bytes]":
    """A shell that waits for the answer to test-a, as a recipe does."""
    return subprocess.Popen(["sh", "-c", 'read -r status <"$0"; exit $status', str(folder / "reply" / "test-a")])


@pytest.mark.parametrize("number", handover._TRANSIENT)
def test_a_transient_error_is_tried_again(pipes: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    ours, real = Handover(pipes), os.open
    waiting = recipe(pipes)

    def fails(path: str, flags: int) -> int:
        raise OSError(number, os.strerror(number), path)

    monkeypatch.setattr(os, "open", fails)
    ours.answer("test-a", 7)
    assert (ours.flush(), ours.problem) == (True, None)
    monkeypatch.setattr(os, "open", real)
    eventually("it is delivered", lambda: not ours.flush())
    assert waiting.wait() == 7


def test_one_that_stays_is_final(pipes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Handover(pipes)
    monkeypatch.setattr(handover, "PATIENCE_S", -1.0)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        ours.answer("test-a", 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert ours.problem == f"make cannot be answered: {pipes}/reply/test-a: Too many open files"
    assert not ours.flush()


def test_what_is_not_a_pipe_is_final(pipes: Path) -> None:
    ours = Handover(pipes)
    (pipes / "reply" / "test-a").unlink()
    (pipes / "reply" / "test-a").write_text("")
    ours.answer("test-a", 0)
    assert ours.problem == f"make cannot be answered: {pipes}/reply/test-a: not a pipe"


def test_pipes_that_are_there_are_no_problem(pipes: Path) -> None:
    ours = Handover(pipes)
    ours.check()
    ours.answer("test-a", 0)
    assert (ours.flush(), ours.problem) == (True, None)  # nobody reads yet


def test_a_request_without_end_is_dropped(pipes: Path) -> None:
    ours = Handover(pipes)
    with open(pipes / "request", "wb", buffering=0) as request:
        for _ in range(40):
            request.write(b"x" * 4096)
            assert ours.requests() == []
        request.write(b"\ntest-a\n")
        assert ours.requests()[-1] == "test-a"
    assert len(ours._buffer) == 0
