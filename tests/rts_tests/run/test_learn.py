"""What a run teaches the histories: less if it was a part of the suite, or ran other inputs."""

from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.case_history import CaseRow, read_case_history
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.run.report import learn
from tests.fork_suites import write_forks
from tests.made_up import made_up, record
from tests.project import Project

FORK = "v/m[fork-0]"


def fork(seconds: float = 2.0, *cases: str, class_name: str = "C", status: Status = Status.PASSED) -> Record:
    told = tuple(Case(class_name, case, status, seconds) for case in cases)
    classes = (ClassResult(class_name, status, seconds),)
    return record(FORK, seconds, status, variant="v", module="m", fork=0, cases=told, classes=classes, max_rss_bytes=7)


def teach(state: Path, *records: Record, **info: Any) -> None:
    summary = made_up(records, **info)
    learn(state, "run", {each.target: each for each in records}, summary.info)


def test_a_run_teaches_durations_of_units_classes_and_cases(tmp_path: Path) -> None:
    teach(tmp_path, fork(2.0, "c"))
    assert read_history(tmp_path).units[FORK].durations_s == (2.0,)
    known = read_case_history(tmp_path, "v", "m")
    assert (known.classes["C"], known.cases["C#c"]) == (CaseRow("passed", (2.0,)),) * 2


@pytest.mark.parametrize(
    ("info", "learnt"),
    [({"select": ("C",)}, True), ({"select": ("C#c",)}, False), ({"goals": ("retest",)}, True)],
)
def test_a_fork_that_ran_some_of_its_classes_teaches_nothing_of_the_whole_fork(
    tmp_path: Path, info: dict[str, Any], *, learnt: bool
) -> None:
    teach(tmp_path, fork(2.0, "c"), **info)
    unit = read_history(tmp_path).units[FORK]
    assert (unit.durations_s, unit.peaks_bytes, unit.status) == ((), (), "passed")
    known = read_case_history(tmp_path, "v", "m")
    assert known.cases["C#c"].seconds == (2.0,)
    assert known.classes["C"].seconds == ((2.0,) if learnt else ())


def test_with_a_selection_a_unit_that_is_no_fork_is_learnt_as_ever(tmp_path: Path) -> None:
    teach(tmp_path, record("v/n", 3.0, module="n", max_rss_bytes=7), goals=("retest",))
    unit = read_history(tmp_path).units["v/n"]
    assert (unit.durations_s, unit.peaks_bytes) == ((3.0,), (7,))


@pytest.mark.parametrize(
    ("info", "forgotten"),
    [
        ({}, True),
        ({"goals": ("test-v-m",)}, True),
        ({"goals": ("retest",)}, False),
        ({"goals": (f"test-{FORK.replace('/', '-')}",)}, False),
        ({"filter": "v/*"}, False),
        ({"shard": "1/2"}, False),
        ({"select": ("D",)}, False),
    ],
)
def test_only_a_run_of_a_whole_module_forgets_what_is_gone(
    tmp_path: Path, info: dict[str, Any], *, forgotten: bool
) -> None:
    teach(tmp_path, fork(2.0, "c", class_name="Gone"))
    for _ in range(30):
        teach(tmp_path, fork(2.0, "d", class_name="D"), **info)
    assert ("Gone" not in read_case_history(tmp_path, "v", "m").classes) is forgotten


def test_seed_teaches_no_durations_of_cases_of_a_unit_with_seeds(tmp_path: Path) -> None:
    seeded = record("v/m", variant="v", module="m", seed_count=1, cases=(Case("C", "c", Status.PASSED, 2.0),))
    teach(tmp_path, seeded, seed_override=7)
    assert read_case_history(tmp_path, "v", "m").cases["C#c"] == CaseRow("passed", ())


@pytest.mark.slow
def test_two_runs_at_once_both_teach(project: Project) -> None:
    write_forks(project, {"a": "", "b": "", "c": ""})
    both = [project.start("make", "-j2", "test") for _ in range(2)]
    assert [run.wait() for run in both] == [0, 0]
    known = read_case_history(project.root / ".longpole", "v", "m")
    assert {name: len(row.seconds) for name, row in known.classes.items()} == {"a": 2, "b": 2, "c": 2}
    assert {len(row.seconds) for row in known.cases.values()} == {2}


def test_a_history_of_cases_that_cannot_be_written_does_not_keep_that_of_units_back(project: Project) -> None:
    write_forks(project, {"a": ""})
    (project.root / ".longpole" / "cases").write_text("in the way")
    done = project.make("test")
    assert done.status == 0, done.text
    assert "longpole: the history of cases learnt nothing from this run: " in done.err
    assert "Traceback" not in done.text
    assert read_history(project.root / ".longpole").units[FORK].durations_s


def test_a_damaged_history_of_cases_does_not_fail_a_run(project: Project) -> None:
    write_forks(project, {"a": ""})
    damaged = project.root / ".longpole" / "cases" / "v" / "m.jsonl"
    damaged.parent.mkdir(parents=True)
    damaged.write_text('{"version": 1, "pl')
    done = project.make("test")
    assert done.status == 0, done.text
    assert "m.jsonl: damaged (" in done.err
    assert read_case_history(project.root / ".longpole", "v", "m").class_seconds.keys() == {"a"}
