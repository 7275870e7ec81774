"""The log of a fork: a block for each class, whatever the names and the output are."""

import re

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.told import End
from longpole.rts_tests.results.wire import MARK
from tests.project import REPOSITORY
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


def test_the_log_has_a_block_for_each_class() -> None:
    _, log = read(
        "loading\n",
        BEGIN,
        started("a"),
        started("b"),
        completed("b", PASSED, output="of b"),
        completed("a", PASSED, FAILED, status="failed", output="of a\n"),
        {"event": "unattributed_output", "text": "bye"},
        ended(2, passed=2, failed=1),
    )
    assert log == (
        "loading\n=== b ===\nof b\n=== a ===\nof a\n--- failed: bad\nno\nat line 3\nbye\n2 passed, 1 failed in 1.00 s\n"
    )


def test_a_message_that_the_details_contain_is_not_repeated() -> None:
    row = {**FAILED, "details": "Error: no\n  at x", "location": "a.c:3"}
    _, log = read(BEGIN, started("a"), completed("a", row, status="failed"), ended(1, failed=1))
    assert log == "=== a ===\n--- failed: bad (a.c:3)\nError: no\n  at x\n1 failed in 0.50 s\n"


def test_each_line_of_one_fork_of_several_has_its_tag() -> None:
    _, log = read(
        "load", "ing\nmore",
        "\n", BEGIN, started("a"), said("a", "1\n\n2"), completed("a", FAILED, status="failed"), ended(1, failed=1),
        tag="fork-3",
    )  # fmt: skip
    lines = ["loading", "more", "=== a (so far) ===", "1", "", "2", "=== a (continued) ===", "--- failed: bad", "no"]
    assert log.splitlines() == [f"[fork-3] {line}" for line in [*lines, "at line 3", "1 failed in 0.50 s"]]


def test_output_cannot_forge_the_head_of_a_block() -> None:
    output = "=== b ===\n=== c ===  \n==== d ====\n=== e\n"
    row = {**FAILED, "message": "=== f ===", "name": "x\n=== g ==="}
    _, log = read(BEGIN, started("a"), completed("a", row, output=output, status="failed"), ended(1, failed=1))
    assert [line for line in log.splitlines() if re.fullmatch("=== .* ===", line.rstrip())] == ["=== a ==="]
    assert "\n === b ===\n === c ===  \n==== d ====\n=== e\n" in log


def test_names_are_one_line_and_cannot_control_a_terminal() -> None:
    name = "a\n=== b ===\x1b[31m\u202e\x9b1A\r"
    told, log = read(BEGIN, started(name), completed(name, {**FAILED, "name": name}, status="failed"), given=[name])
    assert log.splitlines()[:2] == ["=== a=== b === ===", "--- failed: a=== b ==="]
    assert told.problem is not None and "\x1b" not in log
    assert statuses(told) == {name: "failed"}


def test_texts_are_valid_utf_8_without_nul() -> None:
    row = {"name": "\ud800n\0", "status": "failed", "seconds": 0, "message": "\udcff", "details": "a\0b"}
    raw = MARK + b'{"event":"unattributed_output","text":"\xff\\ud83d\\ude00\\ud83d"}\n'
    reader = ProtocolReader(None, None)
    log = reader.feed(stream(BEGIN, raw, started("s\ud800"), completed("s\ud800", row, status="failed")))
    told = reader.finish(End(Status.CRASHED, None, "/nowhere"))
    (case,) = told.cases
    for text in (case.class_name, case.name, case.message, case.details, told.classes[0].name):
        assert text is not None and "\0" not in text
        text.encode()
    assert "�😀�".encode() in log


def test_the_example_of_the_documentation_holds() -> None:
    page = (REPOSITORY / "docs" / "protocol.md").read_text()
    printed, expected = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    told, log = read(printed, given=["math", "net", "ui"], status=Status.CRASHED, exit_code=None)
    assert log == expected
    assert statuses(told) == {"math": "failed", "net": "crashed", "ui": "not run"}
    assert told.problem is None
    assert told.cases[2].details == "connecting\nKilled\n"
