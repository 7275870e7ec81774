"""What is made of the stream of a fork: docs/protocol.md is the promise."""

from typing import Any

import pytest

from longpole.rts_tests.contracts.cases import MAX_DETAILS, MAX_MESSAGE, MAX_OUTPUT, Case, ClassResult
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results import protocol
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.told import End, final_status
from longpole.rts_tests.results.wire import MARK
from tests.rts_tests.results.told_by_forks import (
    BEGIN,
    FAILED,
    PASSED,
    completed,
    ended,
    read,
    said,
    started,
    statuses,
    stream,
)


def test_a_fork_that_tells_all() -> None:
    told, _ = read(
        BEGIN, started("a"), completed("a", PASSED), started("b"), completed("b"), ended(2, passed=1), given=["a", "b"]
    )
    assert told.problem is None
    assert told.classes == (ClassResult("a", Status.PASSED, 0.5), ClassResult("b", Status.PASSED, 0.5))
    assert told.cases == (Case("a", "ok", Status.PASSED, 0.1), Case("b", "", Status.PASSED, 0.5))
    assert final_status(Status.PASSED, told) == Status.PASSED


def test_a_failed_case_keeps_its_texts_and_fails_the_fork() -> None:
    row = {**FAILED, "location": "a.py:3", "output": "hi\n"}
    told, _ = read(BEGIN, started("a"), completed("a", row, status="failed"), ended(1, failed=1), given=["a"])
    assert told.cases == (Case("a", "bad", Status.FAILED, 0.2, "no", "at line 3", "a.py:3", "hi\n"),)
    assert (told.problem, final_status(Status.PASSED, told)) == (None, Status.FAILED)


def test_a_case_that_takes_too_long_is_a_timeout_of_the_fork() -> None:
    late = {**FAILED, "status": "timeout"}
    told, _ = read(BEGIN, started("a"), completed("a", PASSED, late, status="timeout"), ended(1, passed=1, timeout=1))
    assert told.classes == (ClassResult("a", Status.TIMEOUT, 0.5),)
    assert told.problem is None
    for own in (Status.PASSED, Status.FAILED):
        assert final_status(own, told) == Status.TIMEOUT
    assert final_status(Status.CRASHED, told) == Status.CRASHED


def test_a_fork_that_failed_before_a_timeout_has_failed() -> None:
    late = {**FAILED, "name": "late", "status": "timeout"}
    told, _ = read(BEGIN, started("a"), completed("a", FAILED, late, status="failed"), ended(1, failed=1, timeout=1))
    assert final_status(Status.FAILED, told) == Status.FAILED


def test_passed_and_skipped_cases_keep_no_output() -> None:
    rows = [{**FAILED, "name": "1", "status": "passed"}, {**FAILED, "name": "2", "status": "skipped", "output": "x"}]
    told, _ = read(BEGIN, started("a"), completed("a", *rows), ended(1, passed=1, skipped=1))
    passed, skipped = told.cases
    assert passed == Case("a", "1", Status.PASSED, 0.2, details="at line 3")
    assert skipped == Case("a", "2", Status.SKIPPED, 0.2, "no")


def test_long_texts_are_shortened_but_not_in_the_log() -> None:
    row = {**FAILED, "message": "m" * 10_000, "details": "d" * 100_000, "output": "o" * 100_000}
    told, log = read(BEGIN, started("a"), completed("a", row, status="failed"), ended(1, failed=1))
    (case,) = told.cases
    assert case.message is not None and len(case.message) < MAX_MESSAGE + 100
    assert case.details is not None and len(case.details) < MAX_DETAILS + 100
    assert case.output is not None and len(case.output) < MAX_OUTPUT + 100
    assert "m" * 10_000 in log and "d" * 100_000 in log


def test_a_class_that_failed_outside_of_its_cases_has_a_case_of_its_own() -> None:
    told, log = read(
        BEGIN,
        started("a"),
        completed("a", PASSED, status="error", message="set-up", details="trace"),
        ended(1, passed=1),
    )
    assert told.cases[1] == Case("a", "", Status.ERROR, 0.5, "set-up", "trace")
    assert (statuses(told), told.problem) == ({"a": "error"}, None)
    assert log == "=== a ===\n--- error: set-up\ntrace\n1 passed, 1 error in 0.50 s\n"


def test_a_class_that_is_told_as_passed_with_a_failed_case_has_failed() -> None:
    told, _ = read(BEGIN, started("a"), completed("a", FAILED, status="passed"), ended(1, failed=1))
    assert statuses(told) == {"a": "failed"}
    told, _ = read(BEGIN, started("a"), completed("a", {**FAILED, "status": "error"}), ended(1, error=1))
    assert (statuses(told), len(told.cases)) == ({"a": "error"}, 1)


def test_a_class_that_is_skipped_keeps_its_reason() -> None:
    told, _ = read(BEGIN, started("a"), completed("a", status="skipped", message="no network"), ended(1))
    assert told.cases == (Case("a", "", Status.SKIPPED, 0.5, "no network"),)
    assert final_status(Status.PASSED, told) == Status.PASSED


# -- forks that end too early ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "unfinished"),
    [
        (Status.CRASHED, "crashed"),
        (Status.TIMEOUT, "timeout"),
        (Status.CANCELLED, "not run"),
        (Status.FAILED, "crashed"),
        (Status.PASSED, "crashed"),
        (Status.LEAKED, "crashed"),
    ],
)
def test_a_fork_that_ends_too_early(own: Status, unfinished: str) -> None:
    told, log = read(
        BEGIN,
        started("a"),
        completed("a", PASSED),
        started("b"),
        said("b", "working"),
        given=["a", "b", "c"],
        status=own,
        exit_code=1,
    )
    assert statuses(told) == {"a": "passed", "b": unfinished, "c": "not run"}
    assert [(case.id, case.status) for case in told.cases] == [("a#ok", "passed"), ("b", unfinished), ("c", "not run")]
    assert told.cases[1].details == "working"
    assert final_status(own, told) not in (Status.PASSED, Status.SKIPPED)
    assert "=== b (so far) ===\nworking\n=== b (continued) ===\n" in log


def test_a_fork_that_exits_with_status_0_before_its_end_is_an_error() -> None:
    told, log = read(BEGIN, started("a"), completed("a", PASSED), given=["a"])
    assert told.problem is not None and "exited with status 0 and did not send fork_completed" in told.problem
    assert final_status(Status.PASSED, told) == Status.ERROR
    assert f"[longpole: {told.problem}]\n" in log


def test_a_fork_that_was_killed_is_no_error_besides() -> None:
    told, _ = read(BEGIN, started("a"), completed("a", PASSED), given=["a"], status=Status.CRASHED, exit_code=None)
    assert (statuses(told), told.problem) == ({"a": "passed"}, None)


def test_a_class_that_was_never_started_was_not_run() -> None:
    told, _ = read(BEGIN, ended(0), given=["a"])
    assert (statuses(told), told.problem) == ({"a": "not run"}, None)
    assert final_status(Status.PASSED, told) == Status.FAILED


def test_a_fork_that_tells_nothing() -> None:
    told, log = read("just\ntext", given=["a", "b"])
    assert statuses(told) == {"a": "not run", "b": "not run"}
    assert final_status(Status.PASSED, told) == Status.ERROR
    assert told.problem is not None and told.problem.startswith(
        "it exited with status 0 and told nothing in Longpole's"
    )
    assert log.startswith("just\ntext\n=== a ===\n--- not run: ")


def test_what_is_printed_while_a_class_is_alone_is_in_the_details_of_its_crash() -> None:
    parts = (BEGIN, "before\n", started("a"), said("a", "own\n"), "Killed\n")
    told, _ = read(*parts, status=Status.CRASHED)
    assert told.cases[0].details == "own\nKilled\n"
    told, _ = read(*parts, started("b"), status=Status.CRASHED)
    assert [case.details for case in told.cases] == ["own\n", None]


# -- what contradicts itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([started("a"), completed("a"), completed("a"), ended(2)], "class `a` is completed twice"),
        ([started("a"), completed("a"), started("a"), completed("a"), ended(2)], "class `a` is started twice"),
        ([started("a"), started("a"), completed("a"), ended(1)], "class `a` is started twice"),
        ([completed("a"), ended(1)], "class `a` is completed, but was not started"),
        ([started("x"), completed("x"), ended(1)], "class `x` was not given to this fork"),
        ([started("a"), completed("a"), ended(2)], "fork_completed counts 2 classes, 1 were completed"),
        ([started("a"), completed("a", PASSED), ended(1)], "these cases: none; these were told: 1 passed"),
        ([started("a"), completed("a"), ended(1, failed=2)], "these cases: 2 failed; these were told: none"),
        ([started("a"), ended(0), completed("a")], "suite_completed after fork_completed"),
        ([ended(0), ended(0)], "fork_completed after fork_completed"),
        ([{"event": "suite_started"}, ended(0)], "suite_started names no suite"),
        ([{"event": "suite_started", "suite": ["a"]}, ended(0)], "suite_started names no suite"),
        ([started("a"), completed("a", status="fine"), ended(1)], "a status is missing or unknown"),
        ([started("a"), completed("a", seconds=-1), ended(1)], "`seconds` is not a duration"),
        ([started("a"), completed("a", seconds=True), ended(1)], "`seconds` is not a duration"),
        ([started("a"), completed("a", output=1), ended(1)], "`output` is not a text"),
        ([started("a"), completed("a", cases={}), ended(1)], "the cases are not a list of objects"),
        ([started("a"), completed("a", cases=["x"]), ended(1)], "the cases are not a list of objects"),
        ([started("a"), completed("a", {**PASSED, "name": ""}), ended(1, passed=1)], "a case has no name"),
        ([started("a"), completed("a", {"status": "passed", "seconds": 0}), ended(1, passed=1)], "a case has no name"),
        ([{**BEGIN, "version": 2}, ended(0)], "another version of the protocol"),
        ([MARK + b'{"event":"suite_completed","suite":"a","seconds":1e999}\n', ended(1)], "is not a duration"),
    ],
)
def test_a_contradiction_is_an_error_of_the_fork(parts: list[Any], problem: str) -> None:
    told, log = read(*parts, given=["a"])
    assert told.problem is not None
    assert problem in log
    assert final_status(Status.PASSED, told) == Status.ERROR
    assert [each.name for each in told.classes] == ["a"]


def test_a_problem_names_its_line() -> None:
    told, _ = read(BEGIN, "one\ntwo\n", started("a"), "three\n", started("a"), completed("a"), ended(1))
    assert told.problem == "line 6 of the output: class `a` is started twice"


def test_of_many_problems_the_first_is_named_with_the_number_of_the_others() -> None:
    told, log = read(BEGIN, *[completed(f"c{n}") for n in range(100)], ended(100))
    assert told.problem == "line 2 of the output: class `c0` is completed, but was not started (and 19 more)"
    assert log.count("[longpole: ") == 20


@pytest.mark.parametrize("order", [("passed", "failed"), ("failed", "passed")])
def test_of_two_results_the_worse_one_counts(order: tuple[str, str]) -> None:
    cases = {"passed": PASSED, "failed": FAILED}
    first, second = (completed("a", cases[status], status=status) for status in order)
    told, _ = read(BEGIN, started("a"), first, second, ended(2, passed=1, failed=1), given=["a"])
    assert statuses(told) == {"a": "failed"}
    assert final_status(Status.PASSED, told) == Status.ERROR


def test_an_envelope_that_a_test_prints_does_not_hide_its_failure() -> None:
    forged = [completed("a", PASSED), ended(1, passed=1)]
    told, _ = read(
        BEGIN, started("a"), *forged, completed("a", FAILED, status="failed"), ended(1, failed=1), given=["a"]
    )
    assert final_status(Status.PASSED, told) == Status.ERROR
    assert statuses(told) == {"a": "failed"}


# -- what is never an error -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "@@LONGPOLE@@ \n",
        "@@LONGPOLE@@ {\n",
        "@@LONGPOLE@@ []\n",
        '@@LONGPOLE@@ "text"\n',
        '@@LONGPOLE@@ {"event":NaN}\n',
        "@@LONGPOLE@@ " + "[" * 200_000 + "\n",
        '@@LONGPOLE@@ {"event":' + "9" * 5_000 + "}\n",
        "@@LONGPOLE@@\n",
        " @@LONGPOLE@@ {}\n",
        "@@LONGPOLE@@ {} @@LONGPOLE@@ {}\n",
    ],
)
def test_a_line_that_is_no_envelope_is_output(line: str) -> None:
    told, log = read(BEGIN, line, ended(0))
    assert (told.problem, log) == (None, f"{line}0 cases in 0.00 s\n")


@pytest.mark.parametrize("event", [{"event": "news", "suite": 1}, {"event": ["x"]}, {"event": None}, {}])
def test_unknown_events_and_keys_are_ignored(event: dict[str, Any]) -> None:
    told, log = read(BEGIN, event, started("a"), completed("a", {**PASSED, "colour": 3}, more=1), ended(1, passed=1))
    assert (told.problem, log) == (None, "=== a ===\n1 passed in 0.50 s\n")


def test_an_envelope_in_the_middle_of_a_line_is_output() -> None:
    told, log = read(BEGIN, "pending", ended(0), ended(0))
    assert told.problem is None
    assert log.startswith('pending@@LONGPOLE@@ {"event": "fork_completed"')


def test_an_envelope_without_a_newline_at_the_end_is_output() -> None:
    told, _ = read(BEGIN, started("a"), completed("a"), stream(ended(1))[:-1], given=["a"])
    assert told.problem is not None and "did not send fork_completed" in told.problem


def test_envelopes_may_end_with_a_carriage_return() -> None:
    told, _ = read(stream(BEGIN, started("a"), completed("a"), ended(1)).replace(b"\n", b"\r\n"), given=["a"])
    assert (told.problem, statuses(told)) == (None, {"a": "passed"})


def test_an_early_or_missing_beginning_is_no_error() -> None:
    told, _ = read(started("a"), completed("a"), BEGIN, BEGIN, ended(1), given=["a"])
    assert (told.problem, statuses(told)) == (None, {"a": "passed"})


def test_output_of_a_class_that_is_not_open_belongs_to_no_class() -> None:
    told, log = read(BEGIN, started("a"), completed("a"), said("a", "late\n"), said("x", "never\n"), ended(1))
    assert (told.problem, log) == (None, "=== a ===\nlate\nnever\n1 passed in 0.50 s\n")


# -- queues ---------------------------------------------------------------------------------------------------------


def test_only_claimed_classes_count_for_a_fork_with_a_queue() -> None:
    told, _ = read(
        BEGIN, started("b"), completed("b", PASSED), ended(1, passed=1), given=["a", "b", "c"], claimed=("b",)
    )
    assert (told.problem, statuses(told)) == (None, {"b": "passed"})


def test_a_class_that_was_not_claimed_is_an_error() -> None:
    told, _ = read(BEGIN, started("a"), completed("a"), ended(1), given=["a", "b"], claimed=("b",))
    assert told.problem == "class `a` was not taken from the queue by this fork"
    assert statuses(told) == {"b": "not run"}


def test_a_class_that_nobody_took_did_not_run() -> None:
    told, _ = read(BEGIN, started("a"), claimed=("a",), unclaimed=("b", "c"), status=Status.CRASHED)
    assert statuses(told) == {"a": "crashed", "b": "not run", "c": "not run"}


def test_a_class_that_nobody_claimed_may_not_be_run_either() -> None:
    reader = ProtocolReader(["a", "b"], None)
    reader.feed(stream(BEGIN, started("a"), completed("a"), ended(1)))
    told = reader.finish(End(Status.PASSED, 0, "/nowhere", (), ("a", "b")))
    assert told.problem == "class `a` was not taken from the queue by this fork"
    assert statuses(told) == {"a": "passed", "b": "not run"}


def test_a_claimed_class_has_crashed_with_its_fork_even_if_it_was_not_started() -> None:
    told, _ = read(BEGIN, given=["a", "b"], claimed=("b",), status=Status.CRASHED)
    assert statuses(told) == {"b": "crashed"}
    told, _ = read(BEGIN, ended(0), given=["a", "b"], claimed=("b",))
    assert statuses(told) == {"b": "not run"}


# -- too much -------------------------------------------------------------------------------------------------------


def test_no_more_cases_are_read_than_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_CASES", 10)
    many = [{**PASSED, "name": str(number)} for number in range(50)]
    told, log = read(BEGIN, started("a"), completed("a", *many), started("b"), completed("b"), ended(2, passed=50))
    assert len(told.cases) == 9
    assert told.problem is not None
    assert told.problem.startswith("line 4 of the output: more is told than Longpole keeps, and the rest was not read")
    assert log.count("more is told than Longpole keeps") == 1


@pytest.mark.parametrize(
    "row", [{**FAILED, "details": "d" * 600}, {**FAILED, "output": "d" * 600}, {**PASSED, "name": "d" * 600}]
)
def test_no_more_text_is_read_than_may_be_kept(monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]) -> None:
    monkeypatch.setattr(protocol, "MAX_KEPT", 1000)
    event = completed("a", row, {**row, "name": f"{row['name']}2"}, status=row["status"])
    told, log = read(BEGIN, started("a"), event, started("b"), ended(1))
    assert "line 4 of the output: more is told than Longpole keeps" in log
    assert (len(told.cases), final_status(Status.PASSED, told)) == (2, Status.ERROR)


def test_classes_that_are_open_are_not_unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_CASES", 10)
    told, log = read(BEGIN, *[started(f"c{number}") for number in range(100)])
    assert (len(told.classes), log.count("more is told than Longpole keeps")) == (10, 1)
    monkeypatch.setattr(protocol, "MAX_KEPT", 1000)
    told, log = read(BEGIN, started("a"), said("a", "x" * 5000), said("a", "more"), started("b"))
    assert ([each.name for each in told.classes], log.count("more is told")) == (["a"], 1)


def test_output_that_was_told_does_not_count_after_the_end_of_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_KEPT", 1000)
    names = [f"c{number}" for number in range(50)]
    parts = [part for name in names for part in (started(name), said(name, "x" * 500), completed(name))]
    told, _ = read(BEGIN, *parts, ended(50), given=names)
    assert (told.problem, len(told.classes)) == (None, 50)
