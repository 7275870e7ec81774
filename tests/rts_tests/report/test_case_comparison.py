"""Two runs beside each other, case by case: which broke, was mended, got slower, appeared or disappeared."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.case_history import CaseHistory, CaseRow
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report import comparison
from longpole.rts_tests.report.comparison import Comparison, compare
from longpole.rts_tests.report.noise import change_of, may_differ
from tests.rts_tests.report.made import HOSTILE, made_record
from tests.rts_tests.report.made_cases import case, fork, run_of, with_cases

Runs = tuple[list[Record | str], list[Record | str]]


def compared(
    before: list[Record | str],
    after: list[Record | str],
    *,
    cases: Mapping[str, tuple[float, ...]] | None = None,
    classes: Mapping[str, tuple[float, ...]] | None = None,
    **changes: Any,
) -> Comparison:
    """The comparison of two runs; `cases` and `classes` are durations that the history knows."""
    known = CaseHistory(
        {name: CaseRow("passed", durations) for name, durations in (classes or {}).items()},
        lambda: {name: CaseRow("passed", durations) for name, durations in (cases or {}).items()},
    )
    return compare(run_of(*before, name="1"), run_of(*after, name="2", **changes), History(), lambda *_: known)


def found(comparison: Comparison) -> dict[str, str]:
    return {pair.id: pair.change for pair in comparison.cases.changed}


def one(before: Case, after: Case, **known: Any) -> dict[str, str]:
    return found(compared([with_cases("v/m", before)], [with_cases("v/m", after)], **known))


# -- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("passed", "failed", "worse"),
        ("skipped", "error", "worse"),
        ("failed", "passed", "better"),
        ("timeout", "skipped", "better"),
        ("passed", "skipped", "changed"),
        ("failed", "error", "changed"),
        ("failed", "failed", None),
        ("skipped", "skipped", None),
    ],
)
def test_outcomes(before: str, after: str, change: str | None) -> None:
    changes = one(case("A#a", before, 1.0), case("A#a", after, 5.0))
    assert changes == ({"A#a": change} if change else {})


def test_a_case_that_broke_makes_the_comparison_fail() -> None:
    assert compared([with_cases("v/m", case("A#a"))], [with_cases("v/m", case("A#a", "failed"))]).got_worse


def test_a_class_that_crashed_broke_and_its_cases_did_not_disappear() -> None:
    ran = [case("A#a"), case("A#b"), case("B#b")]
    crashed = [case("A", "crashed"), case("B#b")]
    assert found(compared([with_cases("v/m", *ran)], [with_cases("v/m", *crashed)])) == {"A": "worse"}
    assert found(compared([with_cases("v/m", *crashed)], [with_cases("v/m", *ran)])) == {"A": "better"}


def test_a_class_that_crashed_and_then_has_failed_cases_is_no_better() -> None:
    before, after = [case("A", "crashed")], [case("A#a", "failed"), case("A#b")]
    assert found(compared([with_cases("v/m", *before)], [with_cases("v/m", *after)])) == {"A": "changed"}


def test_the_same_case_in_two_variants_is_two_cases() -> None:
    before = [with_cases("v/m", case("A#a")), with_cases("w/m", case("A#a"))]
    after = [with_cases("v/m", case("A#a")), with_cases("w/m", case("A#a", "failed"))]
    assert [(pair.unit, pair.id, pair.change) for pair in compared(list(before), list(after)).cases.changed] == [
        ("w/m", "A#a", "worse")
    ]


def test_a_case_that_is_told_twice_fails_if_one_of_them_does() -> None:
    twice = [case("A#a", "failed"), case("A#a")]
    assert found(compared([with_cases("v/m", case("A#a"))], [with_cases("v/m", *twice)])) == {"A#a": "worse"}
    assert found(compared([with_cases("v/m", *twice)], [with_cases("v/m", *reversed(twice))])) == {}


# -- forks ------------------------------------------------------------------------------------------------------------


def test_a_case_is_compared_whichever_fork_it_was_in() -> None:
    before = [fork(0, ("A", 1.0)), fork(1, ("B", 1.0))]
    failed = fork(0, ("B", 1.0), cases=(case("B#runs()", "failed"),), status="failed")
    result = compared([*before], [failed, fork(1, ("A", 1.0))])
    assert found(result) == {"B#runs()": "worse"}
    assert result.of("worse") == []  # that fork 0 fails is nothing but the failure of B


def test_a_failure_that_moved_to_another_fork_is_not_worse() -> None:
    failed = (case("A#runs()", "failed"),)
    before = [fork(0, ("A", 1.0), cases=failed, status="failed"), fork(1, ("B", 1.0))]
    after = [fork(0, ("B", 1.0)), fork(1, ("A", 1.0), cases=failed, status="failed")]
    result = compared([*before], [*after])
    assert found(result) == {}
    assert {pair.id: pair.change for pair in result.pairs} == {"v/m[fork-0]": "reassigned", "v/m[fork-1]": "reassigned"}
    assert not result.got_worse


def test_forks_are_compared_as_units_where_they_had_the_same_classes() -> None:
    result = compared([fork(0, ("A", 1.0), ("B", 1.0))], [fork(0, ("B", 4.0), ("A", 1.0))])
    assert [pair.change for pair in result.pairs] == ["slower"]
    moved = compared([fork(0, ("A", 1.0))], [fork(0, ("B", 4.0))])
    assert [pair.change for pair in moved.pairs] == ["reassigned"]


def test_a_fork_that_crashed_is_worse_whatever_classes_it_had() -> None:
    crashed = fork(0, ("B", 1.0), status="crashed")
    assert [pair.change for pair in compared([fork(0, ("A", 1.0))], [crashed]).pairs] == ["worse"]


def test_a_class_that_got_slower_outside_of_its_cases_is_listed() -> None:
    slow = fork(0, ("A", 9.0), cases=(case("A#runs()", seconds=1.0),))
    alone = compared([fork(0, ("A", 1.0))], [slow])
    assert found(alone) == {"A": "slower"}
    assert alone.cases.counts == {"slower": 1, "same": 1}  # the class, and its case
    inside = compared([fork(0, ("A", 1.0))], [fork(0, ("A", 9.0))])
    assert found(inside) == {"A#runs()": "slower"}  # the case says it, the class need not


# -- durations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_s", "after_s", "known", "change"),
    [
        (1.0, 2.0, (1.0, 1.1, 0.9, 1.0, 2.0), "slower"),
        (2.0, 1.0, (2.0, 2.1, 1.9, 2.0, 1.0), "faster"),
        (1.0, 2.0, (1.0, 2.5, 0.9, 1.0, 2.0), None),  # it varied by as much before
        (1.0, 1.1, (1.0, 1.0, 1.0, 1.0, 1.1), None),
        (0.001, 0.009, (0.001, 0.001, 0.001, 0.009), None),
        (1.0, 2.0, (), "slower"),
        (1.0, 1.4, (), None),
        (0.05, 0.14, (), None),
    ],
)
def test_durations_are_judged_as_those_of_units(
    before_s: float, after_s: float, known: tuple[float, ...], change: str | None
) -> None:
    changes = one(case("A#a", seconds=before_s), case("A#a", seconds=after_s), cases={"A#a": known})
    assert changes == ({"A#a": change} if change else {})


# -- appeared, disappeared --------------------------------------------------------------------------------------------


def test_cases_of_one_run_alone_are_listed_a_whole_class_as_one() -> None:
    before = [case("A#a"), case("A#gone"), case("Old#a"), case("Old#b")]
    after = [case("A#a"), case("A#new"), case("New#a"), case("New#b")]
    result = compared([with_cases("v/m", *before)], [with_cases("v/m", *after)])
    assert found(result) == {"A#gone": "disappeared", "Old": "disappeared", "A#new": "appeared", "New": "appeared"}
    assert not result.got_worse


def test_a_new_case_that_fails_is_worse_than_none() -> None:
    failed = fork(0, ("A", 1.0), cases=(case("A#runs()", seconds=1.0), case("A#new()", "failed")), status="failed")
    result = compared([fork(0, ("A", 1.0))], [failed])
    assert found(result) == {"A#new()": "appeared"}
    assert result.got_worse
    assert "\nnew cases:\n  v/m: A#new(): failed\n" in comparison.text(result)


def test_cases_of_a_unit_that_only_one_run_had_are_not_listed() -> None:
    assert found(compared([made_record("v/x")], [made_record("v/x"), with_cases("v/m", case("A#a"))])) == {}
    assert found(compared(["v/m"], [with_cases("v/m", case("A#a"))])) == {}


@pytest.mark.parametrize("changes", [{"select": ("A",)}, {"goals": ("retest",)}])
def test_what_a_run_did_not_select_did_not_disappear(changes: Mapping[str, Any]) -> None:
    assert found(compared([fork(0, ("A", 1.0), ("B", 1.0))], [fork(0, ("A", 1.0))], **changes)) == {}


def test_what_other_forks_of_a_module_have_did_not_disappear() -> None:
    before = [fork(0, ("A", 1.0)), fork(1, ("B", 1.0))]
    assert found(compared([*before], [fork(0, ("A", 1.0))])) == {}


def test_a_selection_is_noted() -> None:
    result = compared([fork(0, ("A", 1.0))], [fork(0, ("A", 1.0))], select=("A", "~B"))
    assert "SELECT differs: one run left classes or cases out" in result.notes


# -- text and JSON ----------------------------------------------------------------------------------------------------


def test_the_text_names_cases_by_unit() -> None:
    before = [case("A#broke"), case("A#mended", "failed"), case("A#slow", seconds=1.0), case("A#gone"), case("A#same")]
    after = [
        *(case("A#broke", "failed", message="expected 1\nfound 2"), case("A#mended"), case("A#slow", seconds=2.0)),
        *(case("A#new"), case("A#same")),
    ]
    text = comparison.text(compared([with_cases("v/m", *before)], [with_cases("v/m", *after)]))
    short = "one run each; its history is too short to tell how much it varies"
    assert (
        "\ncases that got worse:\n  v/m: A#broke: passed -> failed: expected 1\n"
        "\ncases that got better:\n  v/m: A#mended: failed -> passed\n"
        f"\nslower cases:\n  v/m: A#slow: 1.00 s -> 2.00 s, 2.0 x ({short})\n"
        "\nnew cases:\n  v/m: A#new\n"
        "\ncases that are gone:\n  v/m: A#gone\n"
    ) in text
    assert text.endswith(
        "4 cases in both: 1 got worse, 1 got better, 1 slower, 1 the same, or within their usual variation\n"
    )


def test_a_whole_class_is_named_with_the_number_of_its_cases() -> None:
    text = comparison.text(
        compared([with_cases("v/m", case("A#a"))], [with_cases("v/m", case("A#a"), case("B#a"), case("B#b"))])
    )
    assert "\nnew cases:\n  v/m: B, 2 cases\n" in text


def test_a_long_list_is_cut_in_the_text_and_whole_in_json() -> None:
    before = [case(f"A#{index:03}") for index in range(300)]
    after = [case(f"A#{index:03}", "failed") for index in range(300)]
    result = compared([with_cases("v/m", *before)], [with_cases("v/m", *after)])
    assert "  and 280 more; --json lists all\n" in comparison.text(result)
    assert len(comparison.as_json(result)["cases"]) == 300


def test_json_has_what_changed_and_counts() -> None:
    before = [case("A#a", seconds=1.0), case("A#same"), case("A#gone")]
    result = compared([with_cases("v/m", *before)], [with_cases("v/m", case("A#a", seconds=3.0), case("A#same"))])
    data = json.loads(json.dumps(comparison.as_json(result)))
    assert data["case_counts"] == {"slower": 1, "same": 1, "disappeared": 1}
    assert data["cases"] == [
        {
            "unit": "v/m",
            "class": "A",
            "name": "a",
            "change": "slower",
            "cases": 1,
            "status": ["passed", "passed"],
            "seconds": [1.0, 3.0],
            "ratio": 3.0,
            "spread_s": None,
            "samples": 0,
        },
        {
            "unit": "v/m",
            "class": "A",
            "name": "gone",
            "change": "disappeared",
            "cases": 1,
            "status": ["passed", None],
            "seconds": [0.01, None],
            "ratio": None,
            "spread_s": None,
            "samples": 0,
        },
    ]


@pytest.mark.parametrize("hostile", [*HOSTILE, "a\nb"])
def test_no_text_of_a_case_controls_the_terminal(hostile: str) -> None:
    before = [Case(hostile, hostile, Status.PASSED, 1.0)]
    after = [Case(hostile, hostile, Status.FAILED, 1.0, hostile), Case(hostile, "x", Status.PASSED)]
    text = comparison.text(compared([with_cases("v/m", *before)], [with_cases("v/m", *after)]))
    assert "\x1b" not in text
    assert text.count("cases that got worse:\n  v/m: ") == 1
    assert "\u202e" not in text


NAMES = st.sampled_from("abcd")
CASES = st.lists(
    st.builds(
        lambda kind, name, status, seconds: case(f"{kind}#{name}", status, seconds),
        *(NAMES, NAMES, st.sampled_from(["passed", "failed", "skipped", "error"]), st.sampled_from([0.1, 1.0, 3.0])),
    ),
    unique_by=lambda each: each.id,
)


@given(CASES, CASES)
def test_the_other_way_round_every_change_is_its_opposite(before: list[Case], after: list[Case]) -> None:
    opposite = {
        **{"worse": "better", "better": "worse", "slower": "faster", "faster": "slower", "changed": "changed"},
        **{"appeared": "disappeared", "disappeared": "appeared"},
    }
    one, other = with_cases("v/m", *before), with_cases("v/m", *after)
    there, back = found(compared([one], [other])), found(compared([other], [one]))
    assert back == {name: opposite[change] for name, change in there.items()}


@given(CASES, st.randoms())
def test_nothing_changes_between_a_run_and_itself_in_another_order(cases: list[Case], random: Any) -> None:
    shuffled = random.sample(cases, len(cases))
    assert found(compared([with_cases("v/m", *cases)], [with_cases("v/m", *shuffled)])) == {}


@given(st.floats(0, 100), st.floats(0, 100), st.none() | st.floats(0, 10))
def test_only_differences_that_may_differ_are_ever_larger_than_noise(
    before_s: float, after_s: float, width_s: float | None
) -> None:
    if change_of(before_s, after_s, width_s) != "same":
        assert may_differ(before_s, after_s)


@pytest.mark.parametrize(
    ("before_s", "after_s", "may"),
    [(1.0, 1.2, False), (1.0, 1.21, True), (1.21, 1.0, True), (0.02, 0.03, False), (0.02, 0.031, True), (5, 5, False)],
)
def test_what_may_differ(before_s: float, after_s: float, may: bool) -> None:
    assert may_differ(before_s, after_s) == may


def test_the_history_asked_for_is_that_of_the_module() -> None:
    asked = []

    def history(variant: str, module: str) -> CaseHistory:
        asked.append((variant, module))
        return CaseHistory()

    chunk = {"module": "gc", "chunk": 3, "target": "test-v-gc-3"}
    before, after = (run_of(with_cases("v/gc[3]", case("A#a", seconds=took), **chunk)) for took in (1.0, 1.25))
    assert compare(before, after, History(), history).cases.changed == ()
    assert asked == [("v", "gc")]
    assert compare(before, before, History(), history).cases.in_both == 1
    assert len(asked) == 1  # nothing may differ, and nothing is read


@pytest.mark.parametrize(
    ("known", "width", "samples"),
    [((1.0, 1.1, 1.2), None, 2), ((0.9, 1.0, 1.1, 1.0, 4.0), 0.2, 4), ((1.0, 2.0, 1.5, 1.0, 4.0), 1.0, 4)],
)
def test_the_spread_leaves_the_compared_durations_out(
    known: tuple[float, ...], width: float | None, samples: int
) -> None:
    (pair,) = compared(
        [with_cases("v/m", case("A#a", seconds=1.0))],
        [with_cases("v/m", case("A#a", seconds=4.0))],
        cases={"A#a": known},
    ).cases.changed
    assert (pair.spread_s and round(pair.spread_s, 6), pair.samples) == (width, samples)


def test_the_largest_difference_of_cases_comes_first() -> None:
    before = [case(f"A#{name}", seconds=1.0) for name in "abc"]
    after = [case("A#a", seconds=2.0), case("A#b", seconds=9.0), case("A#c", seconds=4.0)]
    lines = comparison.text(compared([with_cases("v/m", *before)], [with_cases("v/m", *after)])).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("  v/m: ")] == ["A#b:", "A#c:", "A#a:"]


@pytest.mark.parametrize("statuses", [("skipped", "passed"), ("skipped", "skipped"), ("passed",)])
def test_a_class_that_did_not_run_is_better_when_it_does(statuses: tuple[str, ...]) -> None:
    told = [case(f"A#{index}", status) for index, status in enumerate(statuses)]
    result = compared([with_cases("v/m", case("A", "not run"))], [with_cases("v/m", *told)])
    assert found(result) == {"A": "better"}
    (pair,) = result.cases.changed
    assert pair.after is not None
    assert pair.after.status == ("passed" if "passed" in statuses else "skipped")
    assert pair.seconds[1] == pytest.approx(0.01 * len(statuses))
