"""What a view says about a scenario."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.view.scenario_lines import ScenarioLines
from tests.made_up import record

AT = "/p/longpole-r/1/s"
DETAILS = f"FAILED  a.yml:9: exit_code: 0: it is 1\nFAILED  a.yml:10: files_exist: {AT}/work/x: there is nothing"
SHOWN = [f"           {line}" for line in (*DETAILS.splitlines(), "| one", f"| two {AT}/x /tmp/lp-0a1b2c3d/s")]
OK = Case("A clone", "Clone it", Status.PASSED, 0.25, location="a.yml:4")
BAD = Case(
    *("A clone", "Switch", Status.FAILED, 0.5, "exit_code: was 1", DETAILS, "a.yml:8"),
    f"one\ntwo {AT}/x /tmp/lp-0a1b2c3d/s",
)
LOG = [
    "ok       1. Clone it",
    "         in /p/longpole-r/1/s/work/x",
    "         | '/p/longpole-r/1/s' \x1b[2J/p/longpole-r/1/some",
]


def lines(status: Status, *cases: Case, verbosity: int = 0, timed: bool = True, **fields: Any) -> list[str]:
    made: Record = record("v/clone/basic", status=status, cases=cases, wall_s=1.5, **fields)
    lines = ScenarioLines(colour=False, verbosity=verbosity, timed=timed, run="r")
    return (lines.unit(made, lambda count: LOG if count is None else LOG[-count:]) or "").splitlines()


def test_a_scenario_that_passed() -> None:
    assert lines(Status.PASSED, OK) == ["PASS v/clone/basic  1.50 s"]
    assert lines(Status.PASSED, OK, verbosity=-1) == []
    assert lines(Status.PASSED, OK, verbosity=1) == ["PASS v/clone/basic  1.50 s", "  ok       1. Clone it  0.25 s"]


def test_a_failed_step_has_its_place_and_what_is_in_its_record() -> None:
    shown = ["  FAILED   2. Switch  0.50 s  a.yml:8", *SHOWN]
    for verbosity in (-1, 0):
        found = lines(Status.FAILED, OK, BAD, verbosity=verbosity, note="1 of 2 cases failed: A clone#Switch")
        assert found == ["FAIL v/clone/basic  1.50 s", *shown]
    assert lines(Status.FAILED, OK, BAD, verbosity=1)[1:] == ["  ok       1. Clone it  0.25 s", *shown]


def test_a_step_that_wrote_a_golden_file_says_so() -> None:
    wrote = Case(
        "A clone", "Log", Status.PASSED, 0.1, details="ok      golden: log.txt: written\n  -old\n  +new \x1b[2J"
    )
    assert lines(Status.PASSED, OK, wrote)[1:] == [
        "  ok       2. Log  0.10 s",
        "           ok      golden: log.txt: written",
        "             -old",
        "             +new ",
    ]


def test_all_is_the_whole_log() -> None:
    found = lines(Status.PASSED, OK, verbosity=2)[1:]
    assert found == [*(f"  {line}" for line in LOG[:2]), "           | '/p/longpole-r/1/s' /p/longpole-r/1/some"]


def test_without_times_nothing_differs_from_run_to_run() -> None:
    assert lines(Status.FAILED, OK, BAD, timed=False)[:4] == [
        "FAIL v/clone/basic",
        "  FAILED   2. Switch  a.yml:8",
        "           FAILED  a.yml:9: exit_code: 0: it is 1",
        "           FAILED  a.yml:10: files_exist: $BASE_DIR/work/x: there is nothing",
    ]
    assert lines(Status.PASSED, OK, verbosity=2, timed=False)[-2:] == [
        "           in $BASE_DIR/work/x",
        "           | '$BASE_DIR' /p/longpole-r/1/some",
    ]


def test_golden_files_that_were_written_are_always_shown() -> None:
    wrote = Case(
        "A clone", "Look", Status.PASSED, 0.25, details="ok golden: out.txt: written\n  +new", location="a.yml:4"
    )
    for verbosity in (-1, 0):
        assert lines(Status.PASSED, OK, wrote, verbosity=verbosity)[1:] == [
            "  ok       2. Look  0.25 s",
            "           ok golden: out.txt: written",
            "             +new",
        ]


def test_errors_of_the_file_are_shown_as_they_are() -> None:
    whole = Case("a.yml", "", Status.ERROR, message="a.yml:1:1: bad\na.yml:2:2: worse")
    assert lines(Status.ERROR, whole)[1:] == ["  a.yml:1:1: bad", "  a.yml:2:2: worse"]


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.CRASHED, Status.LEAKED])
def test_what_no_step_explains_has_a_note_and_the_end_of_the_log(status: Status) -> None:
    found = lines(status, OK, note="took longer than 1 s")
    assert found[1] == "    took longer than 1 s"
    assert found[2:] == [f"  | {line}" for line in (*LOG[:2], "         | '/p/longpole-r/1/s' /p/longpole-r/1/some")]


def test_a_scenario_that_was_skipped_says_why() -> None:
    whole = Case("A clone", "", Status.SKIPPED, message="needs jq")
    assert lines(Status.SKIPPED, whole, note="needs jq") == ["SKIP v/clone/basic  1.50 s", "    needs jq"]


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_text_controls_the_terminal(name: str, message: str, details: str) -> None:
    for verbosity in (0, 1, 2):
        found = lines(Status.FAILED, Case("c", name, Status.FAILED, 0.1, message, details, name), verbosity=verbosity)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "".join(found))


def test_commands_to_a_ci_system_are_switched_off_around_what_a_step_said() -> None:
    made = record("v/a", status=Status.FAILED, cases=(Case("c", "n", Status.FAILED, 0.1, "m", "::error::x"),))
    text = ScenarioLines(colour=False, actions=True).unit(made, lambda _: []) or ""
    first, *_, last = text.splitlines()
    assert first == f"::stop-commands::{last[2:-2]}"
