"""What `longpole protocol check` finds in the stream of a client."""

import json
from typing import Any

import pytest

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.conformance import MAX_HELD_BACK, PACKET, Conformance
from longpole.rts_tests.results.told import End
from longpole.rts_tests.results.wire import MARK
from tests.rts_tests.results.told_by_forks import BEGIN, FAILED, PASSED, completed, ended, said, started, stream

GOOD = (BEGIN, started("a"), completed("a", PASSED), ended(1, passed=1))


def found(*parts: Any, exit_code: int = 0, killed: bool = False) -> list[str]:
    """The findings, each as `LINE: WHAT`; advice is in brackets."""
    client = Conformance(["a"], packets=False)
    client.feed(stream(*parts))
    status = Status.CRASHED if killed else Status.FAILED if exit_code else Status.PASSED
    _, findings = client.finish(End(status, exit_code, "/nowhere"), killed=killed)
    assert all(each.remedy for each in findings)
    return [
        f"{each.line or 'end'}: {each.what}" if each.violates else f"[{each.line or 'end'}: {each.what}]"
        for each in findings
    ]


def test_a_good_client() -> None:
    assert found(*GOOD) == []
    assert found("some\n", *GOOD, "output") == []
    failed = completed("a", FAILED, status="failed")
    assert found(BEGIN, started("a"), failed, ended(1, failed=1), exit_code=1) == []


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (GOOD[1:], ["1: fork_started is missing"]),
        ((GOOD[1], BEGIN, *GOOD[2:]), ["1: fork_started is missing", "2: fork_started comes twice, or late"]),
        ((BEGIN, *GOOD), ["2: fork_started comes twice, or late"]),
        (({**BEGIN, "client": None}, *GOOD[1:]), ["1: `client` or `version` is missing"]),
        ((*GOOD[:1], MARK, "{\n", *GOOD[1:]), ["2: the line is not a JSON object"]),
        ((*GOOD[:1], MARK, b'{"event":"x\xff"}\n', *GOOD[1:]), ["2: the envelope is not UTF-8", "[2: the event is un"]),
        ((*GOOD[:1], {"event": "suite_start"}, *GOOD[1:]), ["[2: the event is unknown, and ignored]"]),
        ((*GOOD[:1], {**GOOD[1], "sweet": 1}, *GOOD[2:]), ["[2: the key `sweet` is unknown, and ignored]"]),
        ((*GOOD[:1], "pending ", {"event": "x"}, *GOOD[1:]), ["2: an envelope stands behind other output on its line"]),
        ((*GOOD, "one\ntwo ", MARK), ["6: an envelope stands behind other output on its line"]),
        ((*GOOD[:3], said("a", "x"), GOOD[3]), ["4: the class of this output is not open"]),
        ((*GOOD[:2], {"event": "suite_output", "suite": "a"}, *GOOD[2:]), ["3: `text` is missing"]),
        ((*GOOD[:2], {"event": "unattributed_output"}, *GOOD[2:]), ["3: `text` is missing"]),
        ((*GOOD[:2], said("a", "\ud800"), *GOOD[2:]), ["3: a text has half of a surrogate pair"]),
        ((*GOOD[:3], stream(GOOD[3])[:-1]), ["4: the last envelope has no newline", "end: it exited with st"]),
        ((*GOOD, GOOD[3]), ["5: fork_completed after fork_completed"]),
        (GOOD[:3], ["end: it exited with status 0 and did not send fork_completed"]),
        ((BEGIN, ended(0)), ["end: class `a` was not started"]),
        ((BEGIN, started("a"), ended(0)), ["end: class `a` was not completed"]),
        ((*GOOD[:3], ended(2, passed=1)), ["end: fork_completed counts 2 classes, 1 were completed"]),
    ],
)
def test_a_violation(parts: tuple[Any, ...], expected: list[str]) -> None:
    findings = found(*parts)
    assert len(findings) >= len(expected)
    for finding, start in zip(findings, expected, strict=False):
        assert finding.startswith(start)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (completed("a", PASSED, PASSED), "3: 1 names of cases are told twice, such as `ok`"),
        (completed("a", FAILED), "3: the class is passed, but has a case that is not"),
        (completed("a", status="error"), "3: the class is error, and nothing says why"),
        (completed("a", {**FAILED, "message": "", "details": ""}, status="failed"), "[3: a failed case does not"),
        (completed("a", {**PASSED, "colour": 1}), "[3: the key `colour` is unknown, and ignored]"),
        (completed("a", output="x" * (MAX_HELD_BACK + 1)), "3: more than 64 KiB of output come with the end of the"),
        (completed("a", status="fine"), "3: a status is missing or unknown"),
    ],
)  # fmt: skip
def test_a_violation_in_the_end_of_a_class(event: dict[str, Any], expected: str) -> None:
    assert any(each.startswith(expected) for each in found(BEGIN, started("a"), event, ended(1)))


def test_as_much_output_as_may_be_held_back() -> None:
    assert found(*GOOD[:2], completed("a", PASSED, output="x" * MAX_HELD_BACK), GOOD[3]) == []


def test_the_exit_status() -> None:
    assert found(*GOOD, exit_code=3) == ["end: the exit status is 3, but nothing failed"]
    failed = (BEGIN, started("a"), completed("a", FAILED, status="failed"), ended(1, failed=1))
    assert found(*failed) == ["[end: the exit status is 0, but something failed]"]


def test_a_client_that_was_killed_need_not_come_to_its_end() -> None:
    assert found(*GOOD[:2], killed=True) == []
    assert found(*GOOD[:2], MARK, "{", killed=True) == []
    assert found(*GOOD[:2], GOOD[1], killed=True) == ["3: class `a` is started twice"]


@pytest.mark.parametrize("size", [10, PACKET - 1, PACKET, 3 * PACKET - 1])
def test_an_envelope_written_in_one_call_comes_in_whole_packets(size: int) -> None:
    line = MARK + json.dumps({"event": "unattributed_output", "text": "x" * size}).encode() + b"\n"
    assert _pieces([line]) == []
    assert _pieces([line, line]) == []
    assert _pieces([line[:-1], b"\n", line]) == ["2: the envelope is written in pieces"]
    assert _pieces([line[:20], line[20:-1], b"\n"]) == ["2: the envelope is written in pieces"]
    assert _pieces([b"text", b"\n", line]) == []


def _pieces(writes: list[bytes]) -> list[str]:
    client = Conformance([], packets=True)
    for write in (stream(BEGIN), *writes, stream(ended(0))):
        for at in range(0, len(write), PACKET):
            client.feed(write[at : at + PACKET])
    _, findings = client.finish(End(Status.PASSED, 0, "/nowhere"), killed=False)
    return [f"{each.line}: {each.what}" for each in findings]
