"""Scenarios in the HTML report: each step folded, with all that the log has of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.records import LogState
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.page import steps
from longpole.rts_tests.report.formats.page.steps import steps_html
from tests.rts_tests.report.made import HOSTILE, made_record, made_run
from tests.rts_tests.report.parsed_page import page_of

COMMAND = ("python", "-EPm", "longpole.rts_tests.scenario.unit", "scenarios.json", "v", "scenarios/a.yml")
LOG = """=== Clone ===
ok       1. clone  0.05 s
         $ git clone /x
         in /tmp/s/work
         exit code 0
         | ok       7. not a step  0.01 s
         ok      exit_code: 0
FAILED   2. look  twice  1 min 07 s  scenarios/a.yml:12
         $ cat x
         exit code 1
         FAILED  scenarios/a.yml:14: exit_code: 0: the exit code is 1
--- failed: look  twice (scenarios/a.yml:12)
1 passed, 1 failed in 67.00 s
"""


def folded(text: str) -> list[tuple[bool, str]]:
    """The steps in a text: whether each is open, and its name."""
    pieces = text.split('<details class="step"')[1:]
    return [(piece.startswith(" open"), piece.split("<b>")[1].split("</b>")[0]) for piece in pieces]


def test_steps_are_folded_and_those_that_failed_are_open() -> None:
    html = steps_html(LOG, "v/a")
    assert folded(html) == [(False, "1. clone"), (True, "2. look  twice")]
    assert html.index("=== Clone ===") < html.index("1. clone")
    assert html.index("2. look") < html.index("--- failed: look")
    first = html[html.index("1. clone") : html.index("2. look")]
    for line in ("$ git clone /x", "in /tmp/s/work", "exit code 0", "| ok       7. not a step", "ok      exit_code: 0"):
        assert f"\n{line}" in first.replace("<pre", "\n<pre").replace(">", ">\n")
    assert "scenarios/a.yml:12" in html
    assert "1 min 07 s" in html
    assert "</details><pre" in html[html.index("2. look") : html.index("--- failed")], "it is no part of the step"
    assert '<span class="outcome">ok</span>' in html
    assert '<span class="bad outcome">failed</span>' in html


def test_empty_lines_alone_are_no_part() -> None:
    assert steps_html("\nok       1. a  0.01 s\n", "v/a").startswith("<details")
    assert steps_html("ok       1. a  0.01 s\n\n", "v/a").endswith("</details>")


def test_a_step_may_lack_its_time() -> None:
    log = "ok       1. one\n         $ x\nFAILED   2. two  a.yml:3\n         $ y\n"
    assert folded(steps_html(log, "v/a")) == [(False, "1. one"), (True, "2. two")]


@given(st.text(alphabet=st.sampled_from("ok FAILED1.2s\n :/<&"), max_size=200))
def test_no_line_is_lost(text: str) -> None:
    kept = "".join(piece for _, lines in steps._parts(text) for piece in lines)
    heads = [head[0] for head, _ in steps._parts(text) if head is not None]
    for line in text.split("\n"):
        assert line.strip() in kept or line in heads


def test_the_page_has_the_steps_of_failed_and_of_passed_scenarios(tmp_path: Path) -> None:
    records = [
        made_record("v/a", command=COMMAND, status=Status.FAILED),
        made_record("v/b", command=COMMAND, log=LogState.KEPT),
        made_record("v/plain", log=LogState.KEPT),
    ]
    summary = made_run(tmp_path, records, logs={"v/a": LOG.encode(), "v/b": LOG.encode(), "v/plain": LOG.encode()})
    text, page, _ = page_of(summary)
    assert text.count('<details class="step"') == 4
    (hidden,) = [attributes for tag, attributes in page.elements if attributes.get("id") == "steps"]
    assert "hidden" in hidden
    inside = text[text.index('<div id="steps"') :]
    assert inside.startswith('<div id="steps" hidden><div class="logs" data-unit="1">')
    assert inside.count('<div class="logs"') == 1


def test_passed_scenarios_are_shown_as_far_as_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_BYTES_OF_STEPS", len(LOG) + 1)
    records = [made_record(f"v/{name}", command=COMMAND, log=LogState.KEPT) for name in "abc"]
    summary = made_run(tmp_path, records, logs={f"v/{name}": LOG.encode() for name in "abc"})
    text, _, _ = page_of(summary)
    assert text.count('<details class="step"') == 2


@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_and_output_are_only_text(hostile: str) -> None:
    line = hostile.replace("\n", " ").replace("\r", " ")
    html = steps_html(f"FAILED   1. {line}  0.01 s  {line}:1\n         | {line}\n", line)
    assert "<script" not in html
    assert "<img" not in html
