"""What test binaries of Rust print, and output that only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.libtest import LibtestReader, joined_name, split_name
from longpole.rts_tests.results.told import End, Told

PASSED, FAILED, SKIPPED, CRASHED = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.CRASHED

FAILING = """
running 4 tests
test tests::adds ... ok
test tests::fails ... FAILED
test tests::later ... ignored, not yet
test tests::panics - should panic ... ok

failures:

---- tests::fails stdout ----
some output
test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

thread 'tests::fails' (4711) panicked at src/lib.rs:12:9:
assertion `left == right` failed
  left: 1
 right: 2
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    tests::fails

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""


class Clock:
    """One second more at each call."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def told(text: str, status: Status = PASSED) -> Told:
    reader = LibtestReader(Clock())
    data = text.encode()
    assert reader.feed(data) == data
    return reader.finish(End(status, 0, "/"))


def statuses(text: str, status: Status = PASSED) -> dict[str, Status]:
    result = told(text, status)
    assert result.problem is None, result.problem
    return {joined_name(case): case.status for case in result.cases}


def block(*lines: str, passed: int = 0, failed: int = 0, ignored: int = 0, planned: int | None = None) -> str:
    total = passed + failed + ignored if planned is None else planned
    tests = "".join(f"{line}\n" for line in lines)
    word = "FAILED" if failed else "ok"
    counts = f"{passed} passed; {failed} failed; {ignored} ignored; 0 measured; 3 filtered out; finished in 0.01s"
    return f"\nrunning {total} test{'s' * (total != 1)}\n{tests}\ntest result: {word}. {counts}\n\n"


def test_a_run_with_every_outcome() -> None:
    result = told(FAILING, FAILED)
    assert result.problem is None
    assert [(case.class_name, case.name, case.status, case.seconds) for case in result.cases] == [
        ("tests", "adds", PASSED, 1.0),
        ("tests", "fails", FAILED, 1.0),
        ("tests", "later", SKIPPED, 1.0),
        ("tests", "panics", PASSED, 1.0),
    ]
    failed, later = result.cases[1:3]
    assert failed.message == "assertion `left == right` failed\n  left: 1\n right: 2"
    assert failed.location == "src/lib.rs:12:9"
    assert failed.details is not None
    assert failed.details.startswith("some output\ntest result: ok. 9 passed;")
    assert later.message == "not yet"


def test_panics_as_old_compilers_write_them() -> None:
    text = FAILING.replace("(4711) panicked at src/lib.rs:12:9:", "panicked at 'it: broke', src/lib.rs:12:9")
    (failed,) = [case for case in told(text, FAILED).cases if case.status is FAILED]
    assert (failed.message, failed.location) == ("it: broke", "src/lib.rs:12:9")


def test_doctests_belong_to_their_file_and_may_come_in_several_blocks() -> None:
    lines = ("test src/lib.rs - a::f (line 3) ... ok", "test src/x.rs - (line 9) - compile fail ... ok")
    text = block(lines[0], passed=1) + "all doctests ran in 0.1s\n" + block(lines[1], passed=1)
    assert statuses(text) == {"src/lib.rs - a::f (line 3)": PASSED, "src/x.rs - (line 9)": PASSED}


@pytest.mark.parametrize(
    "lines",
    [
        ("test a ... from C", "ok", "test b ... ok"),
        ("test a ... from a childok", "test b ... ok"),
        ("test a ... test b ... ok", "test b ... ok"),
        ("test a ... two", "lines, and none that ends it", "test b ... ok"),
        ("test a ... ok", "what a thread printed", "test b ... ok <0.123s>"),
    ],
)
def test_output_past_the_capture_does_not_hide_the_outcome(lines: tuple[str, ...]) -> None:
    assert set(statuses(block(*lines, passed=2)).values()) == {PASSED}
    assert len(statuses(block(*lines, passed=2))) == 2


def test_a_failed_test_whose_line_was_torn_is_failed() -> None:
    text = FAILING.replace("test tests::fails ... FAILED", "test tests::fails ... noise")
    assert statuses(text, FAILED)["tests::fails"] is FAILED
    text = FAILING.replace("test tests::fails ... FAILED", "test tests::fails ... ok")
    assert statuses(text, FAILED)["tests::fails"] is FAILED


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it printed no `running N tests`"),
        ("hello\n", "it printed no `running N tests`"),
        (block(), "it ran no test"),
        (block("test a ... ok", passed=2), "its lines say 1 passed, 0 failed, 0 ignored of 2; its summary 2 passed"),
        (block("test a ... ok", "test b ... ok", passed=1), "its lines say 2 passed"),
        (block("test a ... FAILED", passed=1), "its lines say 0 passed, 1 failed"),
        (block("test a ... ok", passed=1, planned=2), "its lines say 1 passed, 0 failed, 0 ignored of 2"),
        ("running 2 tests\ntest a ... ok\n", "it ended before it had run 1 of 2 tests; its output ends before"),
        (block("test a ... ok", passed=1) * 2, "a is told twice"),
    ],
)
def test_what_cannot_be_trusted_is_a_problem(text: str, problem: str) -> None:
    result = told(text)
    assert result.problem is not None
    assert problem in result.problem


def test_the_test_in_which_the_process_died_is_named() -> None:
    result = told("running 3 tests\ntest a ... ok\ntest b ... ", CRASHED)
    assert [(case.name, case.status) for case in result.cases] == [("a", PASSED), ("b", CRASHED)]
    assert result.cases[1].message == "the process ended during this test"
    assert result.problem is None


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_output_is_read_and_its_pieces_make_no_difference(data: bytes, size: int) -> None:
    text = data + FAILING.encode() + data
    whole, pieces = LibtestReader(lambda: 0.0), LibtestReader(lambda: 0.0)
    whole.feed(text)
    for at in range(0, len(text), size):
        pieces.feed(text[at : at + size])
    assert whole.finish(End(FAILED, 101, "/")) == pieces.finish(End(FAILED, 101, "/"))


@pytest.mark.parametrize("name", ["a", "a::b", "a::b::c", "src/lib.rs - a::b (line 7)", "src/x.md - (line 1)"])
def test_a_name_is_split_and_joined(name: str) -> None:
    assert joined_name(Case(*split_name(name), PASSED)) == name


def test_much_output_of_a_failed_test_is_cut() -> None:
    text = FAILING.replace("some output", "x" * 200 + "\n" + "y\n" * 200_000)
    (failed,) = [case for case in told(text, FAILED).cases if case.status is FAILED]
    assert failed.details is not None
    assert len(failed.details) < 17_000
