"""The guard's sweeper: it ends what belongs to the run that it was told of, and nothing if it was told of none."""

import os
import subprocess
from pathlib import Path

import pytest

from longpole.rts_tests.machine.guard import _SWEEP


@pytest.mark.parametrize("told", ["", "\n", "LONGPOLE_RUN=x", "\nLONGPOLE_RUN=x\n"])
def test_a_sweeper_that_was_not_told_whole_for_whom_it_sweeps_does_nothing(tmp_path: Path, told: str) -> None:
    """Its guard was killed before it could write the line. To look for nothing would be to find every process."""
    looked = tmp_path / "looked"
    (tmp_path / "grep").write_text(f'#!/bin/sh\necho "$@" >>{looked}\n')
    (tmp_path / "grep").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", _SWEEP], input=told.encode(), env=environ, check=False)
    assert not looked.exists()


def test_a_sweeper_looks_for_its_own_run(tmp_path: Path) -> None:
    looked = tmp_path / "looked"
    (tmp_path / "grep").write_text(f'#!/bin/sh\necho "$3 $4" >>{looked}\n')
    (tmp_path / "grep").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", _SWEEP], input=b"LONGPOLE_RUN=x\n", env=environ, check=False)
    assert "LONGPOLE_RUN=x" in looked.read_text()
