"""The guard's sweeper: it ends what belongs to the run that it was told of, and nothing if it was told of none."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.guard import _SWEEP
from tests.project import eventually


@pytest.mark.parametrize("told", ["", "\n", "LONGPOLE_RUN=x", "\nLONGPOLE_RUN=x\n"])
def test_a_sweeper_that_was_not_told_whole_for_whom_it_sweeps_does_nothing(tmp_path: Path, told: str) -> None:
    """Its guard was killed before it could write the line. To look for nothing would be to find every process."""
    looked = tmp_path / "looked"
    (tmp_path / "grep").write_text(f'#!/bin/sh\necho "$@" >>{looked}\n')
    (tmp_path / "grep").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", _SWEEP], input=told.encode(), env=environ, check=False)
    assert not looked.exists()


def test_a_sweeper_ends_descendants_that_have_another_environment_and_then_does_as_told(tmp_path: Path) -> None:
    mark = f"LONGPOLE_RUN={tmp_path}"
    script = "env -i setsid sh -c 'cd /; exec sleep 1000' & echo $!; read forever"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    parent = subprocess.Popen(
        ["sh", "-c", script], env={"PATH": os.environ["PATH"], "LONGPOLE_RUN": str(tmp_path)}, **pipes
    )  # type: ignore[call-overload]
    daemon = int(parent.stdout.readline())
    eventually("it has another environment", lambda: b"LONGPOLE" not in Path(f"/proc/{daemon}/environ").read_bytes())
    told = f"{mark}\ntouch\n{tmp_path}/a b\n"
    subprocess.run(["sh", "-c", _SWEEP], input=told.encode(), check=True)
    assert parent.wait() == -signal.SIGKILL
    parent.communicate()
    assert not processes.exists(daemon) or processes.command_of(daemon) == "?"
    assert (tmp_path / "a b").exists()


def test_a_sweeper_looks_for_its_own_run(tmp_path: Path) -> None:
    looked = tmp_path / "looked"
    (tmp_path / "grep").write_text(f'#!/bin/sh\necho "$3 $4" >>{looked}\n')
    (tmp_path / "grep").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", _SWEEP], input=b"LONGPOLE_RUN=x\n", env=environ, check=False)
    assert "LONGPOLE_RUN=x" in looked.read_text()
