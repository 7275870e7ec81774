"""The report on the terminal: failed cases below their unit, counts of cases, skipped cases, and forks."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.forks.assignment import Assignment, write_assignment
from longpole.rts_tests.report.formats.text import counts_line, report_text
from tests.made_up import made_up
from tests.rts_tests.report.made import HOSTILE, made_record
from tests.rts_tests.report.made_cases import FAILED, PASSED, SKIPPED, case, fork, run_of, with_cases


def text(*records: Record | str, failed: bool = False) -> str:
    return report_text(run_of(*records), only_failed=failed)


def below(report: str, unit: str) -> list[str]:
    """The lines below a unit in the list of failures."""
    lines = report.splitlines()
    begin = next(index for index, line in enumerate(lines) if line.startswith(f"  {unit}: "))
    end = next(index for index, line in enumerate(lines) if index > begin and not line.startswith("    "))
    return lines[begin + 1 : end]


# -- failed cases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failed", [False, True])
def test_a_failed_case_stands_below_its_unit_with_what_explains_it(failed: bool) -> None:
    assert below(text(with_cases("v/unit", PASSED, FAILED), failed=failed), "v/unit") == [
        "    case:  com.example.FooTest#divides() (FooTest.java:17)",
        "      | expected: <1> but was: <2>",
        "      | java.lang.AssertionError",
        "      | \tat com.example.FooTest.divides(FooTest.java:17)",
        "    log:   run/units/test-v-unit.log",
        "    again: make test-v-unit",
    ]


def test_of_long_details_the_beginning_is_shown_and_what_is_missing_is_counted() -> None:
    details = "\n".join(f"at line {index}" for index in range(40))
    lines = below(text(with_cases("v/unit", case("A#a", "failed", message="why", details=details))), "v/unit")
    assert lines[1:-2] == [
        "      | why",
        *(f"      | at line {index}" for index in range(6)),
        "      | [... 34 lines left out ...]",
    ]


def test_details_whose_cause_is_further_down_show_the_cause() -> None:
    details = "\n".join([*(f"    code {index}" for index in range(30)), "E   assert 1 == 2", "test_a.py:31: Assertion"])
    lines = below(text(with_cases("v/unit", case("A#a", "failed", details=details))), "v/unit")
    assert "      | E   assert 1 == 2" in lines
    assert len(lines) < 12


@pytest.mark.parametrize("first", ["one", "java.lang.Error: one", "E   one"])
def test_a_message_that_the_details_repeat_is_shown_once(first: str) -> None:
    failed = case("A#a", "failed", message="one\ntwo", details=f"{first}\ntwo\n  at x")
    lines = below(text(with_cases("v/unit", failed)), "v/unit")
    assert lines[1:4] == [f"      | {first}", "      | two", "      |   at x"]


def test_without_details_the_output_explains() -> None:
    lines = below(text(with_cases("v/unit", case("A#a", "failed", output="expected 1\nfound 2\n"))), "v/unit")
    assert lines[1:3] == ["      | expected 1", "      | found 2"]


@pytest.mark.parametrize(("failed", "shown"), [(False, 10), (True, 100)])
def test_many_failed_cases_are_counted(failed: bool, shown: int) -> None:
    cases = [case(f"A#case_{index}", "failed") for index in range(117)]
    lines = below(text(with_cases("v/unit", *cases), failed=failed), "v/unit")
    assert sum(line.startswith("    case: ") for line in lines) == shown
    rest = "`longpole report --failed` lists more" if not failed else "report.html has all"
    assert f"    and {117 - shown} more failed cases; {rest}" in lines


def test_many_units_with_failed_cases_keep_the_report_short() -> None:
    records = [with_cases(f"v/u{k}", *(case(f"A#{k}_{index}", "failed") for index in range(20))) for k in range(50)]
    report = text(*records)
    assert report.count("    case: ") == 50
    assert report.count("more failed cases") == 50
    assert all(f"  v/u{k}: failed" in report for k in range(50))


def test_a_class_that_crashed_is_named_first_and_those_that_did_not_run_are_named_together() -> None:
    record = fork(
        1,
        cases=(
            case("com.D", "not run"),
            case("com.C", "crashed", details="Segmentation fault"),
            case("com.A#a", "failed"),
            *(case(f"com.E{index}", "not run") for index in range(9)),
        ),
        status="crashed",
    )
    assert below(text(record), "v/m[fork-1]")[:5] == [
        "    class: com.C: crashed",
        "      | Segmentation fault",
        "    case:  com.A#a",
        "    not run: com.D, com.E0, com.E1, com.E2, com.E3 and 5 more",
        "    log:   run/units/test-v-m-fork-1.log",
    ]


def test_failed_classes_of_a_fork_are_run_again_whatever_fork_they_are_in_then() -> None:
    few = fork(1, cases=(case("com.A#a", "failed"), case("com.B", "crashed")), status="failed")
    assert below(text(few), "v/m[fork-1]")[-1] == "    again: make test-v-m SELECT='com.A#a com.B'"
    some = fork(1, cases=tuple(case(f"com.{'AB'[index % 2]}#{index}", "failed") for index in range(9)), status="failed")
    assert below(text(some), "v/m[fork-1]")[-1] == "    again: make test-v-m SELECT='com.A com.B'"
    three = fork(1, cases=tuple(case(f"A#{index}", "failed") for index in range(3)), status="failed")
    assert below(text(three), "v/m[fork-1]")[-1] == "    again: make test-v-m SELECT='A#0 A#1 A#2'"
    four = fork(1, cases=tuple(case(f"A#{index}", "failed") for index in range(4)), status="failed")
    assert below(text(four), "v/m[fork-1]")[-1] == "    again: make test-v-m SELECT='A'"
    ten = fork(1, cases=tuple(case(f"C{index}", "failed") for index in range(10)), status="failed")
    assert below(text(ten), "v/m[fork-1]")[-1].count(" C") == 9
    eleven = fork(1, cases=tuple(case(f"C{index}", "failed") for index in range(11)), status="failed")
    assert below(text(eleven), "v/m[fork-1]")[-1] == "    again: make test-v-m-fork-1"
    many = fork(1, cases=tuple(case(f"com.C{index}", "failed") for index in range(99)), status="failed")
    assert below(text(many), "v/m[fork-1]")[-1] == "    again: make test-v-m-fork-1"


def test_an_interrupted_unit_shows_what_had_failed_and_what_did_not_run() -> None:
    report = text(with_cases("v/unit", PASSED, FAILED, case("com.B", "not run"), status=Status.CANCELLED))
    assert (
        "\ninterrupted:\n  v/unit\n    case:  com.example.FooTest#divides() (FooTest.java:17)\n      | expected:"
    ) in report
    assert "\n    not run: com.B\n    again: make retest" in report


def test_units_that_passed_show_no_cases() -> None:
    assert "    case: " not in text(with_cases("v/unit", PASSED), with_cases("v/flaky", PASSED, status="flaky"))


@pytest.mark.parametrize("hostile", [*HOSTILE, "::error::planted", "##[error]planted", "a\n::error::planted"])
def test_no_name_and_no_text_of_a_case_controls_terminal_or_workflow(hostile: str) -> None:
    failed = Case(hostile, hostile, Status.FAILED, 0.0, hostile, hostile, hostile, hostile)
    skipped = Case(hostile, hostile, Status.SKIPPED, 0.0, hostile)
    report = text(with_cases("v/unit", failed, skipped), fork(0, cases=(failed,), status="failed"))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028]", report)
    assert not re.search(r"(?m)^\s*::", report)
    assert "##[" not in report


# -- counts -----------------------------------------------------------------------------------------------------------


def test_the_last_line_counts_units_then_cases() -> None:
    passed = [case(f"A#{index}") for index in range(1201)]
    summary = run_of(with_cases("v/a", *passed), with_cases("v/b", FAILED, SKIPPED), with_cases("v/c", FAILED))
    assert counts_line(summary) == "3 units: 1 passed, 2 failed; 1,204 cases: 1,201 passed, 2 failed, 1 skipped"


def test_without_cases_the_last_line_is_as_ever() -> None:
    assert counts_line(made_up([made_record("v/a")])) == "1 unit: 1 passed"


def test_skipped_cases_are_counted_by_their_reasons() -> None:
    linux = [case(f"A#{index}", "skipped", message="not on Linux") for index in range(1200)]
    others = [case("B#b", "skipped", message="needs\ndocker"), case("B#c", "skipped")]
    report = text(with_cases("v/a", *linux, *others, PASSED))
    assert "\nskipped cases:\n  1,200: not on Linux\n  1: needs docker\n  1: without a reason, B#c\n\n" in report
    assert "skipped cases" not in text(with_cases("v/a", *linux), failed=True)


def test_many_reasons_are_counted() -> None:
    cases = [case(f"A#{index}", "skipped", message=f"reason {index:02}") for index in range(25)]
    report = text(with_cases("v/a", *cases))
    assert "  1: reason 09\n  and 15 other reasons\n" in report


# -- forks ------------------------------------------------------------------------------------------------------------


def test_the_balance_of_forks_is_shown() -> None:
    report = text(fork(0, ("A", 3.0), ("B", 3.0)), fork(1, ("C", 2.0), ("D", 1.0)), fork(2, status="skipped"))
    assert "\nforks:    v/m: 2 forks, the longest took 6.00 s, 1.33 x their mean\n" in report


def test_a_fork_with_one_class_cannot_be_shorter_and_is_named() -> None:
    report = text(fork(0, ("A", 6.0)), fork(1, ("C", 2.0), ("D", 1.0)))
    assert "\nforks:    v/m: 2 forks, the longest took 6.00 s (one class, A), 1.33 x their mean\n" in report


def empty(number: int, note: str) -> Record:
    return fork(number, status=Status.SKIPPED, exit_code=None, note=note)


def test_forks_without_a_class_are_a_line_together() -> None:
    some = [empty(number, "no class is left for this fork: 1 class, 64 forks") for number in range(1, 63)]
    report = text(fork(0, ("A", 1.0)), *some, empty(63, "the other forks took them all"))
    assert (
        "\nskipped:\n  v/m[fork-1] and 61 more forks: no class is left for this fork: 1 class, 64 forks\n"
        "  v/m[fork-63]: the other forks took them all\n\nslowest:\n       1.00 s  v/m[fork-0]\nmakespan: 1.00 s"
    ) in report


def test_forks_that_took_no_time_are_even() -> None:
    assert "took 0.00 s, 1.00 x their mean" in text(fork(0, ("A", 0.0), ("B", 0.0)), fork(1, ("C", 0.0), ("D", 0.0)))


def test_one_fork_has_no_balance() -> None:
    assert "forks:" not in text(fork(0, ("A", 3.0)))


@pytest.mark.parametrize(
    ("planned", "shown"),
    [
        ((("A", "B"), ("C", "D")), "; stealing saved 2.00 s"),
        ((("A",), ("B", "C", "D")), "; stealing made no difference"),
        ((("B",), ("A", "C", "D")), "; stealing saved 2.00 s"),
        ((("A", "D"), ("B", "C")), "; stealing saved 1.00 s"),
    ],
)
def test_what_stealing_won_is_shown(tmp_path: Path, planned: tuple[tuple[str, ...], ...], shown: str) -> None:
    """Fork 0 took A, and fork 1 B, C and D; each would have had the planned classes."""
    records = [fork(0, ("A", 4.0)), fork(1, ("B", 2.0), ("C", 1.0), ("D", 1.0))]
    write_assignment(tmp_path, Assignment(variant="v", module="m", forks=planned, stealing=True))
    line = next(line for line in report_text(run_of(*records, name=str(tmp_path))).splitlines() if "forks: " in line)
    assert line.endswith(f"their mean{shown}")


@pytest.mark.parametrize(("wall_s", "shown"), [(1.0, "; stealing saved 0.50 s"), (9.0, "; stealing saved 2.00 s")])
def test_threads_of_a_fork_share_what_stealing_won_and_its_start_adds_nothing(
    tmp_path: Path, wall_s: float, shown: str
) -> None:
    records = [fork(0, ("A", 4.0), wall_s=wall_s), fork(1, ("B", 2.0), ("C", 2.0), wall_s=wall_s)]
    plan = Assignment(variant="v", module="m", forks=(("A", "B"), ("C",)), stealing=True)
    write_assignment(tmp_path, plan)
    assert f"their mean{shown}\n" in report_text(run_of(*records, name=str(tmp_path)))


def test_a_class_that_crashed_leaves_open_what_stealing_won(tmp_path: Path) -> None:
    dead = fork(1, classes=(ClassResult("B", Status.CRASHED, 2.0),), wall_s=2.0, status="crashed")
    plan = Assignment(variant="v", module="m", forks=(("A", "B"), ()), stealing=True)
    write_assignment(tmp_path, plan)
    assert "; stealing" not in report_text(run_of(fork(0, ("A", 4.0)), dead, name=str(tmp_path)))


def test_one_fork_that_took_all_classes_from_the_queue_is_shown(tmp_path: Path) -> None:
    plan = Assignment(variant="v", module="m", forks=(("A",), ("B",)), stealing=True)
    write_assignment(tmp_path, plan)
    report = report_text(run_of(fork(0, ("A", 1.0), ("B", 2.0)), name=str(tmp_path)))
    assert "\nforks:    v/m: 1 fork, which took all classes in 3.00 s; stealing cost 1.00 s\n" in report


def test_stealing_that_cost_time_says_so(tmp_path: Path) -> None:
    records = [fork(0, ("A", 4.0), ("B", 1.0)), fork(1, ("C", 3.0))]
    plan = Assignment(variant="v", module="m", forks=(("A",), ("B", "C")), stealing=True)
    write_assignment(tmp_path, plan)
    assert "; stealing cost 1.00 s\n" in report_text(run_of(*records, name=str(tmp_path)))
    write_assignment(tmp_path, replace(plan, stealing=False))
    assert "; stealing" not in report_text(run_of(*records, name=str(tmp_path)))


def test_only_the_least_balanced_modules_are_shown() -> None:
    records = [
        fork(number, (f"C{module}{number}", 1.0 + module * number), unit=f"v/m{module}")
        for module in range(8)
        for number in (0, 1)
    ]
    lines = [line for line in text(*records).splitlines() if line.startswith("forks:")]
    assert [line.split()[1] for line in lines] == ["v/m7:", "v/m6:", "v/m5:", "v/m4:", "v/m3:"]
