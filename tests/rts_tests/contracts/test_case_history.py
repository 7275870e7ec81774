"""The history of cases: what is kept of a run, and what is forgotten."""

from pathlib import Path

import pytest

from longpole.rts_tests.contracts.case_history import (
    CASE_RUNS_UNSEEN,
    CLASS_RUNS_UNSEEN,
    MAX_KEPT,
    CaseRow,
    case_history_path,
    merge_case_history,
    read_case_history,
)
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from tests.made_up import record
from tests.rts_tests.contracts.made_up_cases import (
    CRASHED,
    FAILED,
    NOT_RUN,
    PASSED,
    SKIPPED,
    fork,
    known,
    rows_of,
    unit,
)

# -- what is kept -----------------------------------------------------------------------------------------------------


def test_a_class_and_its_cases_keep_the_last_outcome_and_duration(tmp_path: Path) -> None:
    cases = {"a.Foo": [("adds", PASSED, 0.5), ("divides", FAILED, 9.0), ("skips", SKIPPED, 0.0)]}
    merge_case_history(tmp_path, [fork(cases, {"a.Foo": (PASSED, 1.25)})])
    assert rows_of(known(tmp_path)) == (
        {"a.Foo": CaseRow("passed", (1.25,))},
        {
            "a.Foo#adds": CaseRow("passed", (0.5,)),
            "a.Foo#divides": CaseRow("failed", ()),
            "a.Foo#skips": CaseRow("skipped", ()),
        },
    )


def test_the_last_ten_durations_are_kept(tmp_path: Path) -> None:
    for number in range(12):
        merge_case_history(tmp_path, [fork({"C": [("c", PASSED, float(number))]})])
    last = tuple(float(number) for number in range(2, 12))
    assert rows_of(known(tmp_path)) == ({"C": CaseRow("passed", last)}, {"C#c": CaseRow("passed", last)})
    assert MAX_KEPT == 10


@pytest.mark.parametrize("status", [Status.TIMEOUT, CRASHED, Status.ERROR, SKIPPED, NOT_RUN, FAILED])
def test_only_durations_of_passed_ones_count(tmp_path: Path, status: Status) -> None:
    merge_case_history(tmp_path, [fork({"C": [("c", PASSED, 2.0)]})])
    merge_case_history(tmp_path, [fork({"C": [("c", status, 99.0)]}, {"C": (status, 99.0)}, status=FAILED)])
    assert rows_of(known(tmp_path)) == ({"C": CaseRow(status, (2.0,))}, {"C#c": CaseRow(status, (2.0,))})


def test_a_class_that_never_passed_is_known_by_its_first_failure(tmp_path: Path) -> None:
    for seconds in (4.0, 5.0):
        merge_case_history(tmp_path, [fork({}, {"C": (FAILED, seconds), "D": (CRASHED, seconds)}, status=FAILED)])
    assert known(tmp_path).classes["C"] == CaseRow("failed", (4.0,))
    assert known(tmp_path).classes["D"] == CaseRow("crashed", ())
    merge_case_history(tmp_path, [fork({}, {"C": (PASSED, 6.0)})])
    assert known(tmp_path).classes["C"] == CaseRow("passed", (4.0, 6.0))


def test_a_failure_teaches_the_duration_of_a_class_that_only_crashed_before(tmp_path: Path) -> None:
    for outcome in ((CRASHED, 1.0), (FAILED, 4.0)):
        merge_case_history(tmp_path, [fork({}, {"C": outcome}, status=FAILED)])
    assert known(tmp_path).classes["C"] == CaseRow("failed", (4.0,))


def test_the_weight_of_a_class_is_its_median(tmp_path: Path) -> None:
    for seconds in (1.0, 5.0, 2.0):
        merge_case_history(tmp_path, [fork({}, {"C": (PASSED, seconds), "D": (CRASHED, 1.0)}, status=FAILED)])
    assert known(tmp_path).class_seconds == {"C": 2.0}


def test_a_case_without_a_class_and_a_class_without_a_case_are_known_by_their_ids(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [unit([Case("", "ok 1", PASSED, 1.0), Case("Foo", "", FAILED, 1.0)])])
    assert dict(known(tmp_path).cases) == {"ok 1": CaseRow("passed", (1.0,)), "Foo": CaseRow("failed", ())}
    assert dict(known(tmp_path).classes) == {}


def test_a_class_that_tells_of_its_cases_again_is_no_case_any_more(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [fork({"C": [("", CRASHED, 1.0)]}, {"C": (CRASHED, 1.0)}, status=CRASHED)])
    merge_case_history(tmp_path, [fork({"C": [("c", PASSED, 1.0)]})])
    assert set(known(tmp_path).cases) == {"C#c"}


def test_of_a_name_told_twice_the_worst_outcome_counts_and_the_mean_duration(tmp_path: Path) -> None:
    chunks = [
        unit([Case("C", "c", PASSED, 1.0), Case("C", "d", SKIPPED, 0.0), Case("C", "e", FAILED, 1.0)]),
        unit([Case("C", "c", PASSED, 2.0), Case("C", "d", PASSED, 4.0), Case("C", "e", PASSED, 2.0)]),
    ]
    merge_case_history(tmp_path, chunks)
    assert dict(known(tmp_path).cases) == {
        "C#c": CaseRow("passed", (1.5,)),
        "C#d": CaseRow("passed", (4.0,)),
        "C#e": CaseRow("failed", (2.0,)),
    }


def test_platforms_variants_and_modules_are_kept_apart(tmp_path: Path) -> None:
    for key, took in (("slow-one", 2.0), ("fast-one", 1.0)):
        merge_case_history(tmp_path, [fork({"C": [(key, PASSED, took)]})], key)
    for variant, module in (("w", "m"), ("v", "n")):
        merge_case_history(tmp_path, [record("x", variant=variant, module=module, cases=(Case("C", "c", PASSED),))])
    assert set(known(tmp_path, "slow-one").cases) == {"C#slow-one"}
    assert known(tmp_path, "slow-one").class_seconds == {"C": 2.0}
    assert set(known(tmp_path, "fast-one").cases) == {"C#fast-one"}
    assert rows_of(known(tmp_path, "none")) == ({}, {})
    assert set(read_case_history(tmp_path, "w", "m").cases) == {"C#c"}


def test_a_run_without_cases_writes_nothing(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [record("v/m", variant="v", module="m")])
    assert list(tmp_path.iterdir()) == []


# -- runs with SEED, and with a selection ------------------------------------------------------------------------------


def test_with_seed_the_durations_of_units_with_seeds_do_not_count(tmp_path: Path) -> None:
    case = Case("C", "c", PASSED, 1.0)
    merge_case_history(tmp_path, [unit([case], seed_count=1)], seeded=True)
    assert dict(known(tmp_path).cases) == {"C#c": CaseRow("passed", ())}
    merge_case_history(tmp_path, [unit([case])], seeded=True)
    assert dict(known(tmp_path).cases) == {"C#c": CaseRow("passed", (1.0,))}


def test_a_class_that_ran_in_part_teaches_no_duration_and_is_not_known_to_pass(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [fork({"C": [("a", FAILED, 1.0), ("b", PASSED, 1.0)]}, {"C": (FAILED, 2.0)})])
    merge_case_history(tmp_path, [fork({"C": [("b", PASSED, 3.0)], "D": [("b", PASSED, 1.0)]})], selection=["C#b"])
    assert dict(known(tmp_path).classes) == {"C": CaseRow("failed", (2.0,)), "D": CaseRow("passed", ())}
    assert known(tmp_path).cases["C#b"] == CaseRow("passed", (1.0, 3.0))
    merge_case_history(tmp_path, [fork({}, {"C": (CRASHED, 1.0), "D": (SKIPPED, 1.0)})], selection=["C#b"])
    assert {name: row.status for name, row in known(tmp_path).classes.items()} == {"C": "crashed", "D": "skipped"}


def test_a_class_that_was_selected_as_a_whole_may_pass(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [fork({}, {"C": (FAILED, 2.0)})])
    merge_case_history(tmp_path, [fork({}, {"C": (PASSED, 1.0)})], selection=["C"])
    assert known(tmp_path).classes["C"] == CaseRow("passed", (2.0, 1.0))


@pytest.mark.parametrize("selection", [["C"], ["C#new"]])
def test_with_a_selection_nothing_is_forgotten(tmp_path: Path, selection: list[str]) -> None:
    merge_case_history(tmp_path, [fork({"C": [("old", PASSED, 1.0)], "D": [("d", PASSED, 1.0)]})])
    for _ in range(CLASS_RUNS_UNSEEN + 2):
        merge_case_history(tmp_path, [fork({"C": [("new", PASSED, 1.0)]})], selection=selection)
    assert set(known(tmp_path).cases) == {"C#old", "C#new", "D#d"}
    assert set(known(tmp_path).classes) == {"C", "D"}


# -- what is forgotten ------------------------------------------------------------------------------------------------


def runs_until_gone(state: Path, name: str, again: Record) -> int:
    """How many runs it takes until nothing is known of a case or class."""
    for number in range(1000):
        history = known(state)
        if name not in history.cases and name not in history.classes:
            return number
        merge_case_history(state, [again])
    raise AssertionError("never")


@pytest.mark.parametrize(("durations", "runs"), [(1, 1), (3, 3), (10, 10), (12, 10)])
def test_a_case_is_forgotten_when_its_class_often_ran_without_it(tmp_path: Path, durations: int, runs: int) -> None:
    for _ in range(durations):
        merge_case_history(tmp_path, [fork({"C": [("old", PASSED, 1.0), ("new", PASSED, 1.0)]})])
    assert runs_until_gone(tmp_path, "C#old", fork({"C": [("new", PASSED, 1.0)]})) == runs * CASE_RUNS_UNSEEN + 1
    assert "C#new" in known(tmp_path).cases


def test_a_case_is_not_forgotten_while_its_class_crashes_or_does_not_run(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [fork({"C": [("old", PASSED, 1.0)]})])
    for status in (CRASHED, NOT_RUN, Status.TIMEOUT):
        for _ in range(CASE_RUNS_UNSEEN):
            merge_case_history(tmp_path, [fork({"C": [("", status, 1.0)]}, {"C": (status, 1.0)}, status=FAILED)])
    assert "C#old" in known(tmp_path).cases
    merge_case_history(tmp_path, [fork({"D": [("d", PASSED, 1.0)]})])
    assert "C#old" in known(tmp_path).cases


def test_a_case_of_a_unit_that_is_no_fork_is_forgotten_by_the_same_rule(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [unit([Case("C", "old", PASSED, 1.0)])])
    for _ in range(CASE_RUNS_UNSEEN):
        merge_case_history(tmp_path, [unit([Case("C", "new", PASSED, 1.0)], status=CRASHED)])
    again = unit([Case("C", "new", PASSED, 1.0)])
    assert runs_until_gone(tmp_path, "C#old", again) == CASE_RUNS_UNSEEN + 1


@pytest.mark.parametrize("durations", [1, 2])
def test_a_class_is_forgotten_with_its_cases_when_its_module_often_ran_without_it(
    tmp_path: Path, durations: int
) -> None:
    for _ in range(durations):
        merge_case_history(tmp_path, [fork({"Old": [("c", PASSED, 1.0)], "New": [("c", PASSED, 1.0)]})])
    others = fork({"New": [("c", PASSED, 1.0)]})
    assert runs_until_gone(tmp_path, "Old", others) == durations * CLASS_RUNS_UNSEEN + 1
    assert set(known(tmp_path).cases) == {"New#c"}
    assert set(known(tmp_path).classes) == {"New"}


@pytest.mark.parametrize(("runs", "unseen"), [(1, 1), (2, 2), (12, 10)])
def test_a_class_of_a_unit_that_is_no_fork_is_forgotten_with_its_cases(tmp_path: Path, runs: int, unseen: int) -> None:
    for _ in range(runs):
        merge_case_history(tmp_path, [unit([Case("Old", "c", PASSED, 1.0)])])
    again = unit([Case("New", "c", PASSED, 1.0)])
    assert runs_until_gone(tmp_path, "Old#c", again) == unseen * CLASS_RUNS_UNSEEN + 1


def test_names_that_are_new_in_every_run_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(40):
        merge_case_history(tmp_path, [fork({"C": [(f"at {number:#x}", PASSED, 1.0)]})])
    assert len(known(tmp_path).cases) == CASE_RUNS_UNSEEN + 1


def test_a_scenario_of_a_group_has_a_folder_and_a_file(tmp_path: Path) -> None:
    path = case_history_path(tmp_path, "v", "clone/bare")
    assert path == tmp_path / "cases" / "v" / "clone" / "bare.jsonl"


@pytest.mark.parametrize("module", ["../x", "a/../b", "a/b/c", "/a", "a/", "", ".a/b", "a/.b", "a//b", "a\n/b"])
def test_other_slashes_in_a_name_lead_nowhere(tmp_path: Path, module: str) -> None:
    assert case_history_path(tmp_path, "v", module) is None
