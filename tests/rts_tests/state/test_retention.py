"""Old runs are removed and no others: the decision as properties, the acts on real folders and real processes."""

import fcntl
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.state import retention
from longpole.rts_tests.state.retention import Kept, RetentionLimits, expired
from tests.project import Project, eventually, new_run, shell

NOW = 1_800_000_000.0
DAY = 86400.0

KEPT = st.builds(
    Kept,
    name=st.text("ab", max_size=3),
    started=st.integers(0, 60).map(lambda days: NOW - days * DAY),
    bytes=st.integers(0, 50),
    running=st.booleans(),
    executions=st.booleans(),
)
RUNS = st.lists(KEPT, max_size=12, unique_by=lambda run: run.name)
LIMITS = st.builds(
    RetentionLimits,
    age_s=st.integers(0, 60).map(lambda days: days * DAY),
    runs=st.integers(1, 12),
    bytes=st.integers(0, 300),
)


def _newest(runs: list[Kept]) -> Kept:
    return max(runs, key=lambda run: (run.started, run.name))


def _last(runs: list[Kept]) -> list[Kept]:
    """The newest run and the newest test run."""
    tests = [run for run in runs if not run.executions]
    return [_newest(each) for each in (runs, tests) if each]


def _fits(runs: list[Kept], limits: RetentionLimits) -> bool:
    """Whether the runs that could be removed leave nothing to remove."""
    removable = [run for run in runs if not run.running and run not in _last(runs)]
    within = len(runs) <= limits.runs and sum(run.bytes for run in runs) <= limits.bytes
    return not removable or (within and all(NOW - run.started <= limits.age_s for run in removable))


@given(RUNS, LIMITS)
def test_what_stays_is_within_the_limits(runs: list[Kept], limits: RetentionLimits) -> None:
    gone = expired(runs, NOW, limits)
    assert _fits([run for run in runs if run not in gone], limits)


@given(RUNS, LIMITS)
def test_no_run_goes_without_need(runs: list[Kept], limits: RetentionLimits) -> None:
    gone = expired(runs, NOW, limits)
    stays = [run for run in runs if run not in gone]
    if gone:
        assert not _fits([*stays, gone[-1]], limits)


@given(RUNS, LIMITS)
def test_a_run_that_is_under_way_and_the_newest_and_the_newest_test_run_never_go(
    runs: list[Kept], limits: RetentionLimits
) -> None:
    gone = expired(runs, NOW, limits)
    assert not any(run.running for run in gone)
    assert not any(run in gone for run in _last(runs))


@given(RUNS, LIMITS)
def test_the_oldest_go_first(runs: list[Kept], limits: RetentionLimits) -> None:
    gone = expired(runs, NOW, limits)
    stays = [run for run in runs if run not in gone and not run.running and run not in _last(runs)]
    assert gone == sorted(gone, key=lambda run: (run.started, run.name))
    assert all((old.started, old.name) < (new.started, new.name) for old in gone for new in stays)


@given(RUNS, LIMITS, st.randoms())
def test_the_order_of_the_question_does_not_matter(runs: list[Kept], limits: RetentionLimits, random: Random) -> None:
    shuffled = runs[:]
    random.shuffle(shuffled)
    assert expired(shuffled, NOW, limits) == expired(runs, NOW, limits)


@given(RUNS, LIMITS)
def test_once_is_enough(runs: list[Kept], limits: RetentionLimits) -> None:
    gone = expired(runs, NOW, limits)
    assert expired([run for run in runs if run not in gone], NOW, limits) == []


def test_thirty_days_a_hundred_runs_a_gigabyte() -> None:
    small = [Kept(str(number), NOW - number * 60, 1, False) for number in range(101)]
    assert [run.name for run in expired(small, NOW)] == ["100"]
    old = [Kept("new", NOW, 1, False), Kept("a", NOW - 30 * DAY, 1, False), Kept("b", NOW - 30 * DAY - 1, 1, False)]
    assert [run.name for run in expired(old, NOW)] == ["b"]
    mixed = [Kept(str(number), NOW - number, 1, False, executions=number != 1) for number in range(102)]
    assert [run.name for run in expired(mixed, NOW)] == ["101", "100"]
    large = [Kept(str(number), NOW - number, 400_000_000, False) for number in range(4)]
    assert [run.name for run in expired(large, NOW)] == ["3", "2"]


# -- acting -----------------------------------------------------------------------------------------------------------


def _run(state: Path, age_s: float, *, size: int = 10) -> Path:
    run = new_run(state, datetime.fromtimestamp(NOW - age_s, UTC))
    (run / "run.json").write_text("{}")
    (run / "units" / "test-v-a.log").write_bytes(b"x" * size)
    return run


def _names(state: Path) -> list[str]:
    return sorted(os.listdir(state / "runs"))


def test_a_runs_name_says_when_it_began(tmp_path: Path) -> None:
    assert retention.started(_run(tmp_path, 0.25).name) == NOW - 0.25
    assert retention.started("shard-1") is None
    assert retention.started("20269921T101500123Z-1f2e3d4c") is None


def test_old_runs_are_removed_and_nothing_is_left_of_them(tmp_path: Path) -> None:
    new, old = _run(tmp_path, 0), _run(tmp_path, 31 * DAY)
    assert retention.prune(tmp_path, NOW) == [old.name]
    assert _names(tmp_path) == [new.name]


def test_the_size_counts(tmp_path: Path) -> None:
    runs = [_run(tmp_path, age, size=100_000) for age in range(5)]
    limits = RetentionLimits(bytes=sum(retention.size_of(run) for run in runs[:3]) + 50_000)
    assert retention.prune(tmp_path, NOW, limits) == [runs[4].name, runs[3].name]


def test_a_run_that_holds_its_lock_stays_until_it_lets_go(tmp_path: Path) -> None:
    _run(tmp_path, 0)
    old = _run(tmp_path, 31 * DAY)
    descriptor = retention.hold(old)
    assert retention.is_running(old)
    assert retention.prune(tmp_path, NOW) == []
    assert not retention.remove(old)
    os.close(descriptor)
    assert not retention.is_running(old)
    assert retention.prune(tmp_path, NOW) == [old.name]


def test_two_who_ask_do_not_take_each_other_for_the_run(tmp_path: Path) -> None:
    run = _run(tmp_path, 0)
    os.close(retention.hold(run))
    with (run / "lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not retention.is_running(run)


def test_the_lock_is_not_passed_on_to_programs(tmp_path: Path) -> None:
    run = _run(tmp_path, 0)
    descriptor = retention.hold(run)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    os.close(descriptor)
    eventually("the program's start has closed the lock", lambda: not retention.is_running(run))
    child.communicate(b"\n")


def test_folders_that_others_named_stay(tmp_path: Path) -> None:
    _run(tmp_path, 0)
    (tmp_path / "runs" / "shard-1").mkdir()
    (tmp_path / "runs" / "shard-1" / "run.json").write_text("{}")
    (tmp_path / "runs" / "20200101T000000000Z-00000000").mkdir()  # being made: it has no run.json yet
    assert retention.prune(tmp_path, NOW) == []


def test_what_a_killed_removal_left_is_not_listed_and_goes_with_the_next(tmp_path: Path) -> None:
    new, old, older = _run(tmp_path, 0), _run(tmp_path, 31 * DAY), _run(tmp_path, 32 * DAY)
    aside = tmp_path / "runs" / ".removing"
    aside.mkdir()
    os.rename(older, aside / f"{older.name}.1")
    assert retention.prune(tmp_path, NOW) == [old.name]
    assert _names(tmp_path) == [new.name]


def test_a_linked_run_is_unlinked_and_what_it_links_to_stays(tmp_path: Path) -> None:
    new = _run(tmp_path / "state", 0)
    real = _run(tmp_path / "elsewhere", 31 * DAY)
    (tmp_path / "state" / "runs" / real.name).symlink_to(real)
    assert retention.prune(tmp_path / "state", NOW) == [real.name]
    assert (real / "run.json").is_file()
    assert _names(tmp_path / "state") == [new.name]


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_planted_link_in_the_place_of_what_is_removed_is_not_followed(tmp_path: Path, target: str) -> None:
    new, old = _run(tmp_path, 0), _run(tmp_path, 31 * DAY)
    (tmp_path / "elsewhere" / "precious").mkdir(parents=True)
    (tmp_path / "elsewhere" / "precious" / "file").touch()
    (tmp_path / "runs" / ".removing").symlink_to(tmp_path / target)
    assert retention.prune(tmp_path, NOW) == [old.name]
    assert _names(tmp_path) == [new.name]
    assert [each.name for each in (tmp_path / "elsewhere").rglob("*")] == ["precious", "file"]


def test_a_file_in_the_place_of_what_is_removed_is_in_nobody_s_way(tmp_path: Path) -> None:
    new, old = _run(tmp_path, 0), _run(tmp_path, 31 * DAY)
    (tmp_path / "runs" / ".removing").touch()
    assert retention.prune(tmp_path, NOW) == [old.name]
    assert _names(tmp_path) == [new.name]


def test_links_in_what_is_removed_are_not_followed(tmp_path: Path) -> None:
    _run(tmp_path, 0)
    old = _run(tmp_path, 31 * DAY)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (old / "units" / "link").symlink_to(tmp_path / "elsewhere")
    aside = tmp_path / "runs" / ".removing"
    aside.mkdir()
    (aside / "link").symlink_to(tmp_path / "elsewhere")
    assert retention.prune(tmp_path, NOW) == [old.name]
    assert os.listdir(tmp_path / "elsewhere") == ["kept"]
    assert not aside.exists()


def test_nothing_is_written_where_a_linked_run_links_to(tmp_path: Path) -> None:
    real = _run(tmp_path / "elsewhere", 0)
    link = tmp_path / real.name
    link.symlink_to(real)
    assert retention.ending_of(link).bytes > 0
    assert sorted(os.listdir(real)) == ["lock", "run.json", "units"]


def test_a_pipe_in_the_place_of_a_lock_is_not_waited_for(tmp_path: Path) -> None:
    run = _run(tmp_path, 0)
    (run / "lock").unlink()
    os.mkfifo(run / "lock")
    assert not retention.is_running(run)


def test_a_removed_run_is_removed_once(tmp_path: Path) -> None:
    run = _run(tmp_path, 0)
    assert retention.remove(run)
    assert not retention.remove(run)


def test_the_size_of_a_killed_run_is_measured_once(tmp_path: Path) -> None:
    run = _run(tmp_path, 0, size=50_000)
    assert retention.read_ending(run) is None
    size = retention.ending_of(run).bytes
    assert size >= 50_000
    (run / "units" / "more").write_bytes(b"x" * 50_000)
    assert retention.ending_of(run).bytes == size


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version":2,"bytes":1}', '{"version":1,"bytes":"1"}'])
def test_a_damaged_ending_is_measured_anew(tmp_path: Path, text: str) -> None:
    run = _run(tmp_path, 0)
    (run / "ended.json").write_text(text)
    assert retention.read_ending(run) is None
    assert retention.ending_of(run).bytes > 0


@pytest.mark.parametrize(("text", "seconds"), [("7d", 7 * DAY), ("2w", 14 * DAY), ("90s", 90), ("12h", 43200)])
def test_an_age_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert retention.parse_age(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "1.5d", "7 d", "7d ", "٣d"])
def test_anything_else_is_no_age(text: str) -> None:
    with pytest.raises(UseError, match=r"--older: .* is not an age; give a number"):
        retention.parse_age(text)


# -- real runs --------------------------------------------------------------------------------------------------------


def test_each_run_ends_by_removing_what_is_too_old(project: Project) -> None:
    project.write({"a": ""})
    state = project.root / ".longpole"
    old = _run(state, NOW)  # 1970
    assert project.make("test").status == 0
    assert not old.exists()
    assert len(project.runs) == 1
    ending = retention.read_ending(project.last)
    assert ending is not None
    assert ending.counts == {"passed": 1}


def test_a_run_is_under_way_until_its_processes_have_ended_however_they_end(project: Project) -> None:
    project.write({"a": shell("touch $PROJECT_ROOT/up", "sleep 300")})
    make = project.start("make", "test", environ={"PROJECT_ROOT": str(project.root)})
    eventually("the unit runs", (project.root / "up").exists)
    assert retention.is_running(project.last)
    for pid in project.processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended because another was killed
    make.communicate()
    eventually("the lock is free", lambda: not retention.is_running(project.last))
