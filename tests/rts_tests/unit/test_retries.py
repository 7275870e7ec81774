"""What kind of failure it is: retries with the same seeds, then with others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.status import RETRIED, Status
from longpole.rts_tests.unit.attempts import OTHER, SAME, next_attempt, verdict
from tests.made_up import attempt
from tests.project import Project

TWICE = "if test -e once; then exit 0; fi; touch once; exit 7"


def test_a_unit_that_passes_on_a_second_try_is_flaky_and_fails_the_run(project: Project) -> None:
    project.write({"x": TWICE, "good": "exit 0"}, limits={"retries": 1})
    done = project.make("test")
    assert done.status == 2
    assert project.statuses() == {"v/x": "flaky", "v/good": "passed"}
    record = project.records()["v/x"]
    assert record["attempts"] == 2
    assert [each["status"] for each in record["tries"]] == ["failed", "passed"]
    assert record["exit_code"] == 7
    assert "2 units: 1 passed, 1 flaky" in done.out
    assert "FLAKY v/x" in done.out


def test_flaky_units_pass_where_the_suite_says_so_and_are_still_told(project: Project) -> None:
    project.write({"x": TWICE}, limits={"retries": 1, "flaky": "pass"})
    done = project.make("test")
    assert done.status == 0
    assert "1 unit: 1 flaky" in done.out


def test_a_unit_that_fails_with_its_seed_only_is_seed_dependent(project: Project) -> None:
    project.write({"x": "test $1 != 17 || exit 5"}, modules={"x": {"seeds": 1, "first_seed": 17, "retries": 2}})
    assert project.make("test").status == 2
    record = project.records()["v/x"]
    assert record["status"] == "seed-dependent"
    assert record["seed"] == 17
    assert [each["kind"] for each in record["tries"]] == [SAME, SAME, SAME, OTHER]
    assert record["command"][2] == "17"


def test_a_unit_that_always_fails_is_failed_and_its_log_has_everyattempt(project: Project) -> None:
    project.write({"x": "echo seed $1; exit 5"}, modules={"x": {"seeds": 1, "first_seed": 17}})
    assert project.make("test", "RETRIES=1").status == 2
    assert project.statuses() == {"v/x": "failed"}
    log = (project.last / "units" / "test-v-x.log").read_text()
    assert log.count("seed 17") == 2
    assert "[longpole: attempt 2, same seeds]" in log
    assert "[longpole: attempt 3, other seeds]" in log


def test_without_retries_a_unit_is_run_once(project: Project) -> None:
    project.write({"x": TWICE})
    assert project.make("test").status == 2
    assert project.records()["v/x"]["tries"] == []


@pytest.mark.parametrize(
    ("first", "status"),
    [("sleep 1000", "timeout"), ("kill -KILL $$", "crashed"), ("sleep 1000 & exit 0", "leaked"), ("exit 7", "failed")],
)
def test_an_attempt_knows_nothing_of_the_one_before(project: Project, first: str, status: str) -> None:
    script = f"[ -e seen ] && exit 0; touch seen; {first}"
    project.write({"x": script}, modules={"x": {"retries": 1, "timeout": 2}})
    done = project.make("test")
    first_try, second_try = project.records()["v/x"]["tries"]
    assert (first_try["status"], second_try["status"]) == (status, "passed"), done.text
    assert first_try["note"] is not None
    assert (second_try["note"], second_try["exit_code"], second_try["signal"]) == (None, 0, None)


def test_retries_that_are_no_number_are_refused(project: Project) -> None:
    project.write({"x": "exit 0"})
    done = project.make("test", "RETRIES=many")
    assert done.status == 2
    assert "RETRIES: 'many' is not a number of retries" in done.err


@pytest.mark.parametrize(
    ("leaks", "status", "told"), [("fail", "leaked", True), ("warn", "passed", True), ("allow", "passed", False)]
)
def test_a_module_says_what_a_leak_is(project: Project, leaks: str, status: str, told: bool) -> None:
    project.write({"x": "sleep 1000 & exit 0"}, modules={"x": {"leaks": leaks}})
    done = project.make("test")
    assert (done.status == 0) == (status == "passed")
    assert project.statuses() == {"v/x": status}
    assert ("left running" in done.out) == told
    assert not project.processes()


def test_what_a_failing_unit_left_in_its_folder_is_kept_where_the_suite_says_so(project: Project) -> None:
    project.write({"bad": 'echo clue > "$TMPDIR/core"; exit 1', "good": 'touch "$TMPDIR/x"'}, limits={"keep": "failed"})
    done = project.make("test")
    kept = project.last / "units" / "test-v-bad.tmp"
    assert (kept / "core").read_text() == "clue\n"
    assert f"its TMPDIR is kept in .longpole/runs/{project.last.name}/units/test-v-bad.tmp" in done.out
    assert not (project.last / "units" / "test-v-good.tmp").exists()


_STATUS: st.SearchStrategy[Status] = st.sampled_from([Status.PASSED, *sorted(RETRIED)])


@given(st.lists(_STATUS, min_size=12, max_size=12), st.integers(0, 10), st.booleans())
def test_attempts_end_and_a_unit_that_failed_once_never_just_passes(
    statuses: list[Status], retries: int, seeded: bool
) -> None:
    attempts = [attempt(SAME, statuses[0])]
    while kind := next_attempt(attempts, retries, seeded=seeded):
        attempts.append(attempt(kind, statuses[len(attempts)]))
    assert len(attempts) <= 1 + retries + seeded
    assert (verdict(attempts) == "passed") == (statuses[0] == "passed")
    if len(attempts) > 1 and attempts[-1].status == "passed":
        assert verdict(attempts) == ("flaky" if attempts[-1].kind == SAME else "seed-dependent")
