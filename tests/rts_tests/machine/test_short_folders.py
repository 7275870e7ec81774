"""Short folders: registered before they are made, so that nothing of them stays."""

import os
import signal
from pathlib import Path

import pytest

from longpole.rts_tests.machine.short_folders import (
    make_short_folder,
    remove_short_folder,
    remove_short_folders,
)
from tests.project import Project, eventually
from tests.rts_tests.scenario.suites import with_scenarios


def test_a_short_folder_is_empty_private_and_registered(tmp_path: Path) -> None:
    path = make_short_folder(str(tmp_path / "short"))
    assert len(path) <= 40
    assert os.listdir(path) == []
    assert os.stat(path).st_mode & 0o777 == 0o700
    assert len(os.listdir(tmp_path / "short")) == 1
    Path(path, "file").touch()
    assert remove_short_folder(path, str(tmp_path / "short")) is None
    assert not os.path.lexists(path)
    assert os.listdir(tmp_path / "short") == []


def test_all_that_are_registered_are_removed_and_nothing_else(tmp_path: Path) -> None:
    registry = tmp_path / "short"
    paths = [make_short_folder(str(registry)) for _ in range(3)]
    (registry / "0badc0de").touch()  # registered, and never made
    target = tmp_path / "target"
    target.mkdir()
    link = Path(f"/tmp/lp-{os.urandom(4).hex()}")
    link.symlink_to(target)
    (registry / link.name.removeprefix("lp-")).touch()
    try:
        assert remove_short_folders(str(registry)) is None
        assert not any(map(os.path.lexists, paths))
        assert target.is_dir()
        assert link.is_symlink()
    finally:
        link.unlink()
    assert remove_short_folders(str(tmp_path / "no registry")) is None


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_none_after_the_next_one(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = f"name: x\nsteps: [{{name: one, run: echo $SHORT $$ >{out}; exec sleep 1000}}]\n"
    with_scenarios(
        project, {"a.yml": text, "b.yml": "name: b\nsteps: [{name: one, run: 'true'}]\n"}, short_folders=["SHORT"]
    )
    project.start("make", "test-v-a")
    eventually("the step runs", lambda: out.exists() and out.read_text().endswith("\n"))
    for each in project.processes():
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue
    short, pid = out.read_text().split()
    eventually("all is over", lambda: project.processes() == {} and not os.path.exists(f"/proc/{pid}"))
    project.make("test-v-b")
    assert not os.path.lexists(short)
