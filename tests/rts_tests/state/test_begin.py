"""However early a run is killed, the next one removes all that it has made: its own folder and its private ones."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.run import prepare
from longpole.rts_tests.state import begin, private
from longpole.rts_tests.state.begin import begin_run, sweep
from longpole.rts_tests.state.retention import hold
from tests.project import new_run
from tests.rts_tests.machine.test_trees import deep

CALLS = ("open", "mkdir", "mkfifo", "rename", "replace", "unlink", "rmdir")
"""The system calls by which a run's preparation changes folders."""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `state`, and in the place of /tmp and /dev/shm `temporary` and `memory`."""
    for name in ("temporary", "memory"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    monkeypatch.setattr(private, "_IN_MEMORY", tmp_path / "memory")
    return tmp_path


def _prepare(places: Path) -> Path:
    def write(run: Path) -> None:
        write_atomic(run / "plan.json", b"{}")
        write_atomic(run / "run.json", b"{}")

    run, _, _ = prepare._make_folders(places / "state", datetime.now(UTC), ["test-v-a", "test-v-b"], write)
    return run


def _before_call(number: int, interrupt: Callable[[], object], patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Have `interrupt` called before the `number`th system call from now on; return how many there were so far."""
    calls = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == number:
                interrupt()
            return call(*args, **options)

        return counting

    for name in CALLS:
        patch.setattr(os, name, counted(getattr(os, name)))
    return lambda: calls


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _number_of_calls(places: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    with monkeypatch.context() as patch:
        calls = _before_call(0, _die, patch)
        private.remove_private(_prepare(places))
        shutil.rmtree(places / "state")
        return calls()


def test_at_whatever_step_a_run_is_killed_the_next_removes_it(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _number_of_calls(places, monkeypatch)
    assert calls > 20
    for number in range(1, calls):
        pid = os.fork()
        if pid == 0:
            _before_call(number, _die, monkeypatch)
            private.remove_private(_prepare(places))
            os._exit(0)
        os.waitpid(pid, 0)
        (places / "state" / "runs").mkdir(parents=True, exist_ok=True)
        sweep(places / "state")
        left = [each for each in (places / "state" / "runs").iterdir() if not (each / "run.json").exists()]
        assert left == [], number
        assert [*(places / "temporary").iterdir(), *(places / "memory").iterdir()] == [], number


def test_at_whatever_step_another_run_sweeps_a_run_is_prepared(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, _number_of_calls(places, monkeypatch)):
        (places / "state" / "runs").mkdir(parents=True)
        with monkeypatch.context() as patch:
            _before_call(number, lambda: sweep(places / "state"), patch)
            run = _prepare(places)
        sweep(places / "state")
        assert os.listdir(places / "state" / "runs") == [run.name], number
        assert sorted(os.listdir(run)) == ["lock", "plan.json", "private", "run.json", "units"], number
        for each in ("temporary", "memory"):
            assert os.listdir(places / each) == [f"longpole-{run.name}"], number
        private.remove_private(run)
        shutil.rmtree(places / "state")


def test_a_run_whose_folder_another_one_swept_makes_it_again(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = 0

    def swept(run: Path) -> int:
        nonlocal times
        times += 1
        if times < 4:
            sweep(places / "state")
        return hold(run)

    monkeypatch.setattr(begin, "hold", swept)
    run, held = begin_run(places / "state", datetime.now(UTC))
    sweep(places / "state")
    assert times == 4
    assert os.listdir(places / "state" / "runs") == [run.name]
    os.close(held)


@pytest.mark.parametrize("name", ["events.jsonl", "records.jsonl", "units/test-v-a.log", "ended.json", "mine"])
def test_a_folder_with_anything_that_comes_later_is_not_removed(places: Path, name: str) -> None:
    """As one that is being copied here, or whose `run.json` was lost."""
    run = new_run(places / "state", datetime.now(UTC))
    (run / name).touch()
    sweep(places / "state")
    assert (run / name).exists()


@pytest.mark.parametrize("name", ["shard-1", ".removing", "20209921T101500123Z-1f2e3d4c"])
def test_a_folder_without_the_name_of_a_run_is_not_removed(places: Path, name: str) -> None:
    (places / "state" / "runs" / name).mkdir(parents=True)
    sweep(places / "state")
    assert (places / "state" / "runs" / name).exists()


def test_links_are_not_followed_by_a_sweep(places: Path) -> None:
    real = new_run(places / "elsewhere", datetime.now(UTC))
    (places / "state" / "runs").mkdir(parents=True)
    (places / "state" / "runs" / real.name).symlink_to(real)
    sweep(places / "state")
    assert sorted(os.listdir(real)) == ["lock", "units"]


def test_without_room_in_memory_pipes_are_on_disk(places: Path) -> None:
    run = new_run(places / "state", datetime.now(UTC))

    def fill(folder: Path) -> None:
        (folder / "first").touch()
        if folder.parent == places / "memory":
            raise OSError(28, "No space left on device")

    folder, pipes = private.make_private(run, fill)
    assert pipes == folder / "pipes"
    assert os.listdir(pipes) == ["first"]
    assert os.listdir(places / "memory") == []
    private.remove_private(run)
    assert os.listdir(places / "temporary") == []


@pytest.mark.usefixtures("deep_trees")
def test_private_folders_of_a_killed_run_go_however_deep_they_are(places: Path) -> None:
    run = _prepare(places)
    (folder,) = (places / "temporary").iterdir()
    deep(folder / "1", 3000)
    private.remove_private(run)
    assert list((places / "temporary").iterdir()) == []
