"""The report of `longpole scenario`."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.scenario_text import Again, Wanted, scenario_report
from longpole.rts_tests.report.summary import Summary
from tests.rts_tests.report.made import made_record, made_run

OK = Case("A clone", "Clone it", Status.PASSED, 0.25, location="s/g/a.yml:4")
BAD = Case("A clone", "Switch", Status.FAILED, 0.5, "exit_code: was 1, and 1 more", "...", "s/g/a.yml:8")
AGAIN = Again(("longpole", "scenario"), {"g/a": "g:a", "g/b": "g:b", "x/o": "else/x/o.yml"}, ("v", "w"))


def scenario(name: str, status: Status = Status.PASSED, *cases: Case, **fields: Any) -> Record:
    return made_record(name, target=f"test-{name.replace('/', '-')}", status=status, cases=cases, **fields)


def report(
    summary: Summary, *, timed: bool = False, again: Again = AGAIN, order: tuple[str, ...] = (), **more: Any
) -> str:
    return scenario_report(summary, Wanted(again, order, timed, **more), files=["report.html"], colour=False)


def test_all_passed(tmp_path: Path) -> None:
    made = made_run(tmp_path, [scenario("v/g/a", Status.PASSED, OK), scenario("v/g/b", Status.PASSED, OK, OK)])
    assert report(made) == "\n2 scenarios: 2 passed; 3 steps: 3 passed\n"
    timed = report(made, timed=True)
    assert f"kept in: {tmp_path} (report.html, units/)\n\n2 scenarios: 2 passed; 3 steps: 3 passed in " in timed


def test_failures_are_a_numbered_list_in_the_order_of_the_scenarios_and_can_be_reproduced(tmp_path: Path) -> None:
    records = [
        scenario("v/x/o", Status.FAILED, BAD, OK, BAD),
        scenario("v/g/a", Status.FAILED, OK, BAD),
        scenario("v/g/b", Status.PASSED, OK),
    ]
    made = made_run(tmp_path, records)
    step = "s/g/a.yml:8: Switch: exit_code: was 1, and 1 more\n"
    assert report(made, order=("v/g/a", "v/g/b", "v/x/o")) == (
        f"\nfailures:\n  1. v/g/a: A clone\n     {step}  2. v/x/o: A clone\n     {step}     {step}"
        "\nReproduce: longpole scenario --variant v g:a else/x/o.yml\n"
        "\n3 scenarios: 1 passed, 2 failed; 6 steps: 3 passed, 3 failed\n"
    )


def test_the_variant_is_named_only_if_it_matters(tmp_path: Path) -> None:
    made = made_run(tmp_path, [scenario("v/g/a", Status.FAILED, BAD), scenario("w/g/a", Status.FAILED, BAD)])
    assert "Reproduce: longpole scenario g:a\n" in report(made)
    made = made_run(tmp_path, [scenario("v/g/a", Status.FAILED, BAD)])
    alone = Again(("longpole", "scenario", "--suite", "a b.yaml"), {"g/a": "-g.yml"}, ("v",))
    assert "Reproduce: longpole scenario --suite 'a b.yaml' -- -g.yml\n" in report(made, again=alone)


def test_what_no_step_explains_has_its_status(tmp_path: Path) -> None:
    records = [
        scenario("v/g/a", Status.TIMEOUT, OK, note="took longer than 3 s"),
        scenario("v/g/b", Status.ERROR, Case("s/g/b.yml", "", Status.ERROR, message="s/g/b.yml:1:1: bad\nmore")),
    ]
    text = report(made_run(tmp_path, records))
    assert "  1. v/g/a\n     timeout: took longer than 3 s\n" in text
    assert "  2. v/g/b: s/g/b.yml\n     s/g/b.yml:1:1: bad\n" in text


def test_what_did_not_run_is_named_apart(tmp_path: Path) -> None:
    records = [scenario("v/g/a", Status.SKIPPED, note="needs jq"), scenario("v/g/b", Status.CANCELLED)]
    text = report(made_run(tmp_path, records, planned=["v/g/a", "v/g/b", *(f"v/g/{n}" for n in range(30))]))
    assert "skipped:\n  v/g/a: needs jq\n\ninterrupted:\n  v/g/b\n\nnot run:\n  v/g/0\n" in text
    assert "  and 10 more\n" in text
    assert "Reproduce" not in text


def test_kept_sandboxes_are_named(tmp_path: Path) -> None:
    assert "sandboxes are kept in /tmp/kept\n" in report(made_run(tmp_path, [scenario("v/g/a")]), kept="/tmp/kept")


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_controls_the_terminal(name: str, message: str) -> None:
    case = Case(name, name, Status.FAILED, 0.1, message, None, message)
    made = made_run(
        Path(tempfile.gettempdir(), "longpole-made"), [scenario("v/g/a", Status.FAILED, case, note=message)]
    )
    assert not set(report(made)) & {"\x1b", "\r", "\x07", "\x9b"}
