"""The steps of scenarios in the HTML report: the log of such a unit, in which each step can be folded out.

The log has all about a step: its command, folder, exit code and output, and each check. A step begins with a line such
as `FAILED   2. name  0.01 s  file.yml:12`; all its other lines are indented.
"""

import re
from collections.abc import Iterable

from longpole.rts_tests.contracts.plan_parts import SCENARIO_UNIT
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.report.formats.log_html import escape, log_html
from longpole.rts_tests.report.formats.page.logs import log_of_unit, pre
from longpole.rts_tests.report.summary import Summary

MAX_BYTES_OF_STEPS = 2 * 1024 * 1024
"""Bytes of logs of scenarios that passed that the page shows."""
_MODULE = 2
"""The index of the module in the command of a unit that calls one: python, -m, the module."""
_GOOD = ("ok", "skipped")
_HEAD = re.compile(
    r"(?P<word>ok|FAILED|TIMEOUT|skipped) +(?P<number>\d+\. )(?P<name>.*?)"
    r"(?:  (?P<took>[\d.]+ s|\d+ min \d\d s|\d+ h \d\d min))?(?P<place>  \S+:\d+)?"
)
_INDENT = " " * 9


def is_scenario(record: Record | None) -> bool:
    """Whether a record is that of a scenario."""
    return record is not None and record.command[_MODULE : _MODULE + 1] == (SCENARIO_UNIT,)


def passed_scenarios(summary: Summary) -> str:
    """The steps of scenarios that passed, by the numbers of their units, as far as there is room."""
    items: list[str] = []
    room = MAX_BYTES_OF_STEPS
    for number, outcome in enumerate(summary.outcomes):
        if room > 0 and not outcome.failed and is_scenario(outcome.record) and outcome.log is not None:
            log = log_of_unit(outcome, room, steps_html)
            room -= log.bytes
            items.append(f'<div class="logs" data-unit="{number}">{log.html}</div>')
    return f'<div id="steps" hidden>{"".join(items)}</div>\n' if items else ""


def steps_html(text: str, name: str) -> str:
    """The text of a log as HTML: each step folded, open if it failed, and what stands between them."""
    return "".join(
        pre("".join(f"{line}\n" for line in lines), name) if head is None else _step(head, lines)
        for head, lines in _parts(text)
        if head is not None or any(line.strip() for line in lines)
    )


_Part = tuple[re.Match[str] | None, list[str]]
"""A step by its first line and its other ones, or lines that belong to no step."""


def _parts(text: str) -> Iterable[_Part]:
    head: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        begins = _HEAD.fullmatch(line)
        if begins is not None or (head is not None and not line.startswith(_INDENT)):
            yield head, lines
            head, lines = begins, []
        if begins is None:
            lines.append(line if head is None else line.removeprefix(_INDENT))
    yield head, lines


def _step(head: re.Match[str], lines: list[str]) -> str:
    word, number, name, took = head["word"], head["number"], head["name"], head["took"] or ""
    good = word in _GOOD
    place = f' <span class="why">{escape(head["place"].strip())}</span>' if head["place"] else ""
    text = "".join(f"{line}\n" for line in lines)
    return (
        f'<details class="step"{"" if good else " open"}><summary><span class="{"" if good else "bad "}outcome">'
        f"{escape(word.lower())}</span> <b>{escape(number + name)}</b>{place} "
        f'<span class="took">{took}</span></summary>'
        f'<pre class="log" tabindex="0" role="region" aria-label="{escape(number + name)}">{log_html(text)}</pre>'
        "</details>"
    )
