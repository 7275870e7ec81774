"""What test binaries of Go print, and output that only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.go_test import GoReader, name_in_go
from longpole.rts_tests.results.told import End, Told

PASSED, FAILED, SKIPPED, TIMEOUT, NOT_RUN = (
    Status.PASSED,
    Status.FAILED,
    Status.SKIPPED,
    Status.TIMEOUT,
    Status.NOT_RUN,
)

MARKED = """
^=== RUN   TestSub
^=== RUN   TestSub/http://x/y_z
partial    a_test.go:5: hi
        there
    a_test.go:6: bad
          two
^--- FAIL: TestSub/http://x/y_z (0.25s)
^=== NAME  TestSub
^=== RUN   TestSub/ok
no newline^=== PAUSE TestSub/ok
^=== NAME  TestSub
^=== CONT  TestSub/ok
^--- PASS: TestSub/ok (0.00s)
^--- FAIL: TestSub (1.50s)
^=== NAME~~
^=== RUN   TestPar
^=== PAUSE TestPar
^=== NAME~~
^=== RUN   TestLook
--- FAIL: TestLook (0.00s)
=== RUN   TestNone
PASS
    a_test.go:7: ^--- FAIL: TestPar (0.00s)
^--- PASS: TestLook (0.00s)
^=== NAME~~
^=== CONT  TestPar
    a_test.go:6: why
^--- SKIP: TestPar (0.00s)
^=== RUN   Example_no
^--- FAIL: Example_no (0.00s)
got:
hi
want:
no
^=== NAME~~~
^FAIL
""".replace("^", "\x16").replace("~", " ")
PLAIN = """=== RUN   TestSub
=== RUN   TestSub/a
partial=== RUN   TestSub/b
    a_test.go:5: hi
--- FAIL: TestSub (0.10s)
    --- PASS: TestSub/a (0.00s)
    --- FAIL: TestSub/b (0.00s)
=== RUN   TestLook
--- FAIL: TestOther (0.00s)
--- FAIL: TestLook (0.00s)
output without an end--- PASS: TestLook (0.00s)
FAIL
"""


def told(text: str, status: Status = PASSED) -> Told:
    reader = GoReader()
    assert reader.feed(text.encode()) == text.replace("\x16", "").encode()
    return reader.finish(End(status, 0, "/"))


def statuses(text: str, status: Status = PASSED) -> dict[str, Status]:
    return {name_in_go(case): case.status for case in told(text, status).cases}


def test_a_run_with_marks_has_every_outcome_and_no_output_is_taken_for_one() -> None:
    result = told(MARKED, FAILED)
    assert result.problem is None
    assert [(case.class_name, case.name, case.status, case.seconds) for case in result.cases] == [
        ("", "TestSub", FAILED, 1.5),
        ("TestSub", "http://x/y_z", FAILED, 0.25),
        ("TestSub", "ok", PASSED, 0.0),
        ("", "TestPar", SKIPPED, 0.0),
        ("", "TestLook", PASSED, 0.0),
        ("", "Example_no", FAILED, 0.0),
    ]
    above, failed, _, skipped, _, example = result.cases
    assert above.message == "1 subtest failed"
    assert (failed.message, failed.location) == ("bad\ntwo", "a_test.go:6")
    assert failed.details is not None
    assert failed.details.startswith("partial    a_test.go:5: hi\n        there\n")
    assert skipped.message == "why"
    assert example.details == "got:\nhi\nwant:\nno"


def test_a_run_without_marks_as_of_go_before_1_20() -> None:
    assert told(PLAIN, FAILED).problem is None
    assert statuses(PLAIN, FAILED) == {
        "TestSub": FAILED,
        "TestSub/a": PASSED,
        "TestSub/b": FAILED,
        "TestLook": PASSED,
    }


def test_a_test_that_waits_for_its_turn_has_no_outcome_yet() -> None:
    begun = "=== RUN   TestA\n=== PAUSE TestA\n=== RUN   TestB\n--- FAIL: TestA (0.00s)\n--- PASS: TestB (0.00s)\n"
    assert statuses(begun, FAILED) == {"TestA": NOT_RUN, "TestB": PASSED}
    whole = begun + "=== CONT  TestA\n--- PASS: TestA (0.00s)\nPASS\n"
    assert told(whole).problem is None
    assert statuses(whole) == {"TestA": PASSED, "TestB": PASSED}


def test_a_panic_belongs_to_the_test_in_which_it_was() -> None:
    text = (
        "^=== RUN   TestP\n^=== RUN   TestP/s\n^--- FAIL: TestP/s (0.00s)\n^--- FAIL: TestP (0.00s)\n"
        "panic: boom [recovered]\n\ngoroutine 7 [running]:\ntesting.tRunner()\n\t/go/src/testing/testing.go:1 +0x2\n"
        "x.TestP.func1()\n\t/x/a_test.go:16 +0x25\n"
    ).replace("^", "\x16")
    above, inner = told(text, FAILED).cases
    assert (inner.message, inner.location) == ("panic: boom [recovered]", "/x/a_test.go:16")
    assert above.message == "1 subtest failed"


def test_the_tests_that_were_running_are_named_when_the_process_ends() -> None:
    begun = "^=== RUN   TestA\n^=== PAUSE TestA\n^=== NAME  \n^=== RUN   TestB\n".replace("^", "\x16")
    assert statuses(begun, Status.CRASHED) == {"TestA": NOT_RUN, "TestB": Status.CRASHED}
    assert statuses(begun + "exit\n", FAILED) == {"TestA": NOT_RUN, "TestB": FAILED}
    late = begun + "panic: test timed out after 1s\n\trunning tests:\n\t\tTestB (1s)\n\ngoroutine 1 [running]:\n"
    result = told(late, FAILED)
    assert statuses(late, FAILED) == {"TestA": NOT_RUN, "TestB": TIMEOUT}
    assert result.cases[1].message == "panic: test timed out after 1s"
    assert statuses(late.replace("\trunning tests:\n\t\tTestB (1s)\n", ""), FAILED)["TestB"] is TIMEOUT


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it printed no `=== RUN`"),
        ("PASS\n", "it printed no `=== RUN`"),
        ("testing: warning: no tests to run\nPASS\n", "it ran no test"),
        ("\x16=== RUN   TestA\n", "1 test began and did not end"),
        ("\x16=== RUN   TestA\n\x16--- PASS: TestA (0.00s)\n", "its output ends before `PASS`"),
        ("\x16=== RUN   TestA\n\x16--- PASS: TestA (0.00s)\nPASS\n", "its output ends before `PASS`"),
    ],
)
def test_what_cannot_be_trusted_is_a_problem(text: str, problem: str) -> None:
    result = told(text)
    assert result.problem is not None
    assert problem in result.problem


def test_tests_that_run_twice_count_once_with_the_worse_outcome() -> None:
    once = "\x16=== RUN   TestA\n\x16--- {} TestA (0.50s)\n"
    for first, second in (("PASS:", "FAIL:"), ("FAIL:", "PASS:")):
        (case,) = told(f"{once.format(first)}{once.format(second)}\x16FAIL\n", FAILED).cases
        assert (case.status, case.seconds) == (FAILED, 1.0)


def test_a_line_without_an_end_hides_no_outcome_however_long() -> None:
    assert statuses("\x16=== RUN   TestA\n" + "x" * 200_000 + "\x16--- PASS: TestA (0.00s)\n\x16PASS\n") == {
        "TestA": PASSED
    }


def test_much_output_of_a_failed_test_is_cut() -> None:
    text = "\x16=== RUN   TestA\n" + "y\n" * 200_000 + "\x16--- FAIL: TestA (0.00s)\n\x16FAIL\n"
    (case,) = told(text, FAILED).cases
    assert case.details is not None
    assert len(case.details) < 17_000


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_output_is_read_and_its_pieces_make_no_difference(data: bytes, size: int) -> None:
    text = data + MARKED.encode() + data + PLAIN.encode() + data
    whole, pieces = GoReader(), GoReader()
    whole.feed(text)
    for at in range(0, len(text), size):
        pieces.feed(text[at : at + size])
    assert whole.finish(End(FAILED, 1, "/")) == pieces.finish(End(FAILED, 1, "/"))


@given(st.lists(st.sampled_from([*MARKED.splitlines(True), *PLAIN.splitlines(True)]), max_size=40))
def test_lines_in_any_order_are_read(lines: list[str]) -> None:
    result = told("".join(lines), FAILED)
    assert all(case.status in (PASSED, FAILED, SKIPPED, NOT_RUN) for case in result.cases)
