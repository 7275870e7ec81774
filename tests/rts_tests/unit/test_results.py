"""What the results of attempts amount to: notes that name cases, and the last result of each case."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.told import End, Told
from longpole.rts_tests.unit.error_lines import MAX_HELD, ErrorLines
from longpole.rts_tests.unit.results import (
    MAX_NAME_SHOWN,
    MAX_PROBLEM_SHOWN,
    AttemptResults,
    last_cases,
    last_classes,
    note_of_cases,
    shortened_note,
)

PASSED, FAILED, ERROR, SKIPPED = Status.PASSED, Status.FAILED, Status.ERROR, Status.SKIPPED
CRASHED, TIMEOUT, NOT_RUN = Status.CRASHED, Status.TIMEOUT, Status.NOT_RUN


def many(status: Status, *names: str) -> list[Case]:
    return [Case("C", name, status) for name in names]


@pytest.mark.parametrize(
    ("cases", "note"),
    [
        ([], None),
        (many(PASSED, "a") + many(SKIPPED, "b"), None),
        (many(FAILED, "a"), "1 of 1 case failed: C#a"),
        (many(FAILED, "a", "b") + many(PASSED, *map(str, range(1200))), "2 of 1,202 cases failed: C#a, C#b"),
        (many(FAILED, "a", "b", "c", "d", "e"), "5 of 5 cases failed: C#a, C#b, C#c and 2 more"),
        (
            many(ERROR, "e") + many(NOT_RUN, "n", "m") + many(FAILED, "f") + many(TIMEOUT, "t") + many(CRASHED, "c"),
            "1 of 6 cases failed: C#f; 1 took too long: C#t; 1 crashed: C#c; 1 had errors: C#e; 2 did not run",
        ),
        ([Case("C", "", CRASHED)], "1 of 1 case crashed: C"),
        ([Case("", "a\x1b[2J\nb ##[c", FAILED)], "1 of 1 case failed: ab # #[c"),
        (many(FAILED, "x" * 200), f"1 of 1 case failed: C#{'x' * (MAX_NAME_SHOWN - 3)}…"),
        (many(FAILED, "x" * (MAX_NAME_SHOWN - 2)), f"1 of 1 case failed: C#{'x' * (MAX_NAME_SHOWN - 2)}"),
    ],
)
def test_a_note_counts_and_names_what_is_not_green(cases: list[Case], note: str | None) -> None:
    assert note_of_cases(cases) == note


def test_a_problem_is_one_line_of_some_length() -> None:
    assert shortened_note("a\n  b\x1b[2Jc") == "a bc"
    assert shortened_note("x" * MAX_PROBLEM_SHOWN) == "x" * MAX_PROBLEM_SHOWN
    assert shortened_note("x" * (MAX_PROBLEM_SHOWN + 1)) == "x" * (MAX_PROBLEM_SHOWN - 1) + "…"


# -- attempts -----------------------------------------------------------------------------------------------------


def test_the_last_result_of_each_case_counts() -> None:
    before = [*many(PASSED, "a"), *many(FAILED, "b", "c")]
    last, mended = last_cases(before, [*many(PASSED, "b"), *many(FAILED, "c"), *many(SKIPPED, "d")])
    assert {case.name: case.status for case in last} == {"a": PASSED, "b": PASSED, "c": FAILED, "d": SKIPPED}
    assert mended == ("C#b",)


def test_a_mended_case_says_why_it_failed_first() -> None:
    failure = Case("C", "a", FAILED, message="1 != 2")
    ((case,), _) = last_cases([failure], many(PASSED, "a"))
    assert case.message == "failed when it was run first: 1 != 2"
    ((case,), _) = last_cases([replace(failure, message=None)], many(PASSED, "a"))
    assert case.message == "failed when it was run first"
    ((case,), _) = last_cases([failure], [Case("C", "a", SKIPPED, message="no device")])
    assert case.message == "no device"


@pytest.mark.parametrize("status", [CRASHED, TIMEOUT, ERROR])
def test_a_class_that_crashed_is_mended_by_its_cases(status: Status) -> None:
    last, mended = last_cases([Case("C", "", status), Case("D", "", status)], many(PASSED, "a", "b"))
    assert [case.id for case in last] == ["D", "C#a", "C#b"]
    assert mended == ("C",)
    assert last_cases([Case("C", "", status)], [*many(PASSED, "a"), *many(FAILED, "b")])[1] == ()


def test_what_did_not_run_did_not_fail_first() -> None:
    last, mended = last_cases(
        [Case("C", "", NOT_RUN), Case("D", "x", NOT_RUN)], [*many(PASSED, "a"), Case("D", "x", PASSED)]
    )
    assert [(case.id, case.message) for case in last] == [("C#a", None), ("D#x", None)]
    assert mended == ()


def test_cases_of_one_attempt_with_the_same_id_stay() -> None:
    twice = [*many(PASSED, "a"), *many(FAILED, "a")]
    assert last_cases((), twice) == (tuple(twice), ())
    assert last_cases(many(FAILED, "a"), twice) == (tuple(twice), ())


def test_the_last_result_of_each_class_counts() -> None:
    before = [ClassResult("a", FAILED), ClassResult("b", PASSED)]
    assert last_classes(before, [ClassResult("a", PASSED, 2.0)]) == (ClassResult("a", PASSED, 2.0), before[1])


STATUSES = st.sampled_from([PASSED, FAILED, NOT_RUN])
CASES = st.lists(st.builds(Case, st.sampled_from(["C", "D"]), st.sampled_from(["", "a", "b"]), STATUSES))


@given(CASES, CASES)
def test_the_later_attempt_is_kept_whole_and_only_what_passes_is_mended(before: list[Case], now: list[Case]) -> None:
    last, mended = last_cases(before, now)
    assert [(case.id, case.status) for case in last[len(last) - len(now) :]] == [(case.id, case.status) for case in now]
    assert {case.id for case in before if case.name} <= {case.id for case in last}
    assert {case.id for case in now if case.status not in GREEN}.isdisjoint(mended)
    assert set(mended) <= {case.id for case in before if case.status is FAILED}


class Reads:
    """A reader with a ready result, which keeps how the attempt ended."""

    end: End | None = None

    def __init__(self, told: Told) -> None:
        self.told = told

    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self, end: End) -> Told:
        self.end = end
        return self.told


@pytest.mark.parametrize(
    ("own", "told", "status"),
    [
        (PASSED, Told(), PASSED),
        (PASSED, Told(tuple(many(FAILED, "a"))), FAILED),
        (PASSED, Told(tuple(many(NOT_RUN, "a"))), FAILED),
        (PASSED, Told(tuple(many(SKIPPED, "a"))), PASSED),
        (PASSED, Told(tuple(many(FAILED, "a")), problem="x"), ERROR),
        (SKIPPED, Told(), SKIPPED),
        (SKIPPED, Told(tuple(many(FAILED, "a"))), FAILED),
        (FAILED, Told(tuple(many(PASSED, "a"))), FAILED),
        (CRASHED, Told(problem="x"), CRASHED),
        (TIMEOUT, Told(tuple(many(FAILED, "a"))), TIMEOUT),
    ],
)
def test_results_turn_green_into_red_and_never_red_into_green(own: Status, told: Told, status: Status) -> None:
    assert AttemptResults(Reads(told)).finish(own, 0, "/")[0] is status


def test_the_log_ends_with_the_rest_of_both_streams() -> None:
    reader = Reads(Told(output=b"1 passed\n"))
    results = AttemptResults(reader, True, ErrorLines("fork-1"), lambda: (("a",), ("b",)))
    assert results.error_lines.feed(b"one\ntw") == b"[fork-1] one\n"
    assert results.finish(PASSED, 0, "/t") == (PASSED, b"[fork-1] tw\n1 passed\n")
    assert reader.end == End(PASSED, 0, "/t", ("a",), ("b",))


# -- standard error -----------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=20) | st.sampled_from([b"\n", b"a\n", b"\r\n", b"\n\n"])),
    st.sampled_from([None, "fork-1"]),
)
def test_lines_of_standard_error_are_whole_and_each_has_its_tag(pieces: list[bytes], tag: str | None) -> None:
    lines = ErrorLines(tag)
    shown = [lines.feed(piece) for piece in pieces]
    assert all(piece.endswith(b"\n") or not piece for piece in shown)
    whole = b"".join(pieces)
    expected = whole if whole.endswith(b"\n") or not whole else whole + b"\n"
    prefix = b"" if tag is None else b"[fork-1] "
    log = b"".join(shown) + lines.rest()
    assert log == b"".join(prefix + line + b"\n" for line in expected.split(b"\n")[:-1])


def test_a_line_without_an_end_is_not_held_for_ever() -> None:
    lines = ErrorLines("x")
    assert lines.feed(b"a" * (MAX_HELD - 1)) == b""
    assert lines.feed(b"\n") == b"[x] " + b"a" * (MAX_HELD - 1) + b"\n"
    assert lines.feed(b"a" * MAX_HELD) == b"[x] " + b"a" * MAX_HELD
    assert lines.feed(b"b\nc\n") == b"b\n[x] c\n"
    assert lines.feed(b"d" * MAX_HELD) == b"[x] " + b"d" * MAX_HELD
    assert lines.rest() == b"\n"
