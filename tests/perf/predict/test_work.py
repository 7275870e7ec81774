"""What is learnt from records: medians of passed runs, as on an idle machine; gaps; and runs that do not fit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from longpole.perf.predict.work import RunRead, read_run, suite_of
from longpole.rts_tests.contracts.builds import Build
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.contracts.plan import write_plan
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from tests.perf.predict.made_up import record, run_info, suite

NAMES = ("a", "b", "c")


def run(folder: Path, *records: Record, **info: Any) -> RunRead:
    """A run of the units a, b and c with these records."""
    folder.mkdir(parents=True)
    write_plan(folder / "plan.json", suite(dict.fromkeys(NAMES, 2.0)).plan)
    planned = tuple((f"v/{name}", f"test-v-{name}", 2.0) for name in NAMES)
    return RunRead(folder, replace(run_info(), planned=planned, **info), {each.target: each for each in records}, {})


def test_the_median_of_passed_runs_counts_as_on_an_idle_machine(tmp_path: Path) -> None:
    busy = run(tmp_path / "1", record("a", wall_s=6.0, user_s=2.0, slowdown=2.0), record("b", wall_s=1.0))
    failed = run(tmp_path / "2", record("a", status=Status.FAILED, wall_s=99.0), record("c", status=Status.FAILED))
    idle = run(tmp_path / "3", record("a", wall_s=4.0, user_s=2.0, slowdown=1.0), record("b", wall_s=3.0))
    made = suite_of(busy, [failed, idle, busy], History())
    works = {work.id: work for work in made.works}
    assert (works["v/a"].alone_s, works["v/a"].cpu_s, works["v/a"].computes) == (4, 2, 0.5)
    assert (works["v/b"].alone_s, works["v/c"].alone_s) == (2, 1)
    assert made.guessed == 0
    assert len(made.runs) == 3


def test_a_unit_without_a_record_is_estimated(tmp_path: Path) -> None:
    made = suite_of(run(tmp_path / "1", record("a"), record("b", status=Status.CANCELLED)), [], History())
    assert (made.guessed, {work.id: work.alone_s for work in made.works}["v/b"]) == (2, 2)


def test_runs_on_another_machine_do_not_count(tmp_path: Path) -> None:
    other = run(tmp_path / "2", record("a", wall_s=9.0), cores=64)
    assert len(suite_of(run(tmp_path / "1", record("a")), [other], History()).runs) == 1


def test_a_unit_of_several_threads_is_known_by_its_cpu_time(tmp_path: Path) -> None:
    made = suite_of(run(tmp_path / "1", record("a", wall_s=2.0, user_s=6.0)), [], History())
    assert {work.id: (work.threads, work.computes) for work in made.works}["v/a"] == (3, 1)


def test_the_gap_is_the_median_of_what_a_place_is_empty(tmp_path: Path) -> None:
    records = [
        record("a", lane=0, started_s=0.0, wall_s=1.0),
        record("b", lane=0, started_s=1.25, wall_s=1.0),
        record("c", lane=0, started_s=9.0, wall_s=1.0, waited_s=6.5),
    ]
    assert suite_of(run(tmp_path / "1", *records), [], History()).gap_s == 0.25


def test_a_run_without_units_cannot_be_predicted(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="no unit of this run has ended"):
        suite_of(run(tmp_path / "1"), [], History())
    with pytest.raises(UseError):
        read_run(tmp_path / "none")


def test_a_whole_run_has_a_record_of_every_unit_and_was_not_told_to_leave_any_out(tmp_path: Path) -> None:
    every = [record(name) for name in NAMES]
    assert run(tmp_path / "1", *every).whole
    assert not run(tmp_path / "2", *every[:2]).whole
    assert not run(tmp_path / "3", *every, filter="v/a").whole
    assert not run(tmp_path / "4", *every, shard="1/2").whole
    assert not run(tmp_path / "5", *every, goals=("test-v-a", "test-v-b")).whole


def test_the_makespan_is_from_the_first_build_to_the_last_unit(tmp_path: Path) -> None:
    made = run(tmp_path / "1", record("a", started_s=3.0, wall_s=2.0), record("b", started_s=4.0, wall_s=5.0))
    assert made.makespan_s == 6
    build = Build(name="v", started_at="2026-01-01T00:00:01.000Z", wall_s=2.0, waited_s=0.0, exit_code=0)
    assert replace(made, builds={"v": build}).makespan_s == 8
