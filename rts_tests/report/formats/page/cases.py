"""Cases in the HTML report: rows for the table, in a block of JSON of their own, and the texts of those that failed.

Rows are columns, numbered over all units, so that a page with 200,000 cases stays small. The script parses the block
when it is first needed. Texts of failed cases are HTML among the failures, so that they need no script.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from longpole.rts_tests.contracts.case_history import CaseHistory, CaseRow
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.excerpt import causes
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.report.cases import again_for
from longpole.rts_tests.report.formats.log_html import escape, log_html
from longpole.rts_tests.report.formats.page.blocks import blocks_of
from longpole.rts_tests.report.formats.page.logs import Shown
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_SHOWN = 50
"""Failed cases of one unit that are shown with their texts; all are in the table."""
MAX_BYTES_OF_TEXTS = 8 * 1024 * 1024
"""Bytes of texts of all cases together that the page shows."""
MAX_WITH_HISTORY = 20_000
"""The number of cases up to which the page shows their history; it would be most of a larger page."""
MAX_NOTE = 200
"""Characters of a message that a row of the table has."""

_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")

Histories = Callable[[str, str], CaseHistory]
"""The history of cases of a variant and module."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class that a unit told of, and its cases, of which the first has the number `first`. `seconds` is wall time."""

    number: int
    unit: int
    name: str
    status: Status
    seconds: float
    first: int
    cases: Sequence[Case]


def class_rows(summary: Summary) -> tuple[ClassRow, ...]:
    """The classes of all units in plan order, each with its cases in the order in which they were told."""
    rows: list[ClassRow] = []
    first = 0
    for unit, outcome in enumerate(summary.outcomes):
        for name, status, took, cases in _classes(outcome.record) if outcome.record else ():
            rows.append(ClassRow(len(rows), unit, name, status, took, first, cases))
            first += len(cases)
    return tuple(rows)


def by_unit(rows: Iterable[ClassRow]) -> dict[int, list[ClassRow]]:
    """The classes of each unit that told of any."""
    of_unit: dict[int, list[ClassRow]] = {}
    for row in rows:
        of_unit.setdefault(row.unit, []).append(row)
    return of_unit


def _classes(record: Record) -> Iterable[tuple[str, Status, float, Sequence[Case]]]:
    of_class: dict[str, list[Case]] = {each.name: [] for each in record.classes}
    for case in record.cases:
        of_class.setdefault(case.class_name, []).append(case)
    told = {each.name: each for each in record.classes}
    for name, cases in of_class.items():
        if name in told:
            yield name, told[name].status, told[name].seconds, cases
        else:
            yield name, _worst(cases), sum(case.seconds for case in cases), cases


def _worst(cases: Iterable[Case]) -> Status:
    """The first status that is not green; else passed, unless all were skipped."""
    statuses = {case.status: None for case in cases}
    return next((status for status in statuses if status not in GREEN), min(statuses, key=list(Status).index))


# -- data for the script ----------------------------------------------------------------------------------------------


def case_counts(rows: Iterable[ClassRow]) -> dict[Status, int]:
    """How many cases there are of each status."""
    counts: dict[Status, int] = {}
    for row in rows:
        for case in row.cases:
            counts[case.status] = counts.get(case.status, 0) + 1
    return counts


def case_columns(
    rows: Sequence[ClassRow], summary: Summary, statuses: Mapping[str, int], histories: Histories
) -> dict[str, Any]:
    """Classes and cases as columns. `note` and `past` have only the cases that have any, by number."""
    cases = [case for row in rows for case in row.cases]
    columns: dict[str, Any] = {
        "classes": {
            "unit": [row.unit for row in rows],
            "name": [row.name for row in rows],
            "status": [statuses[row.status] for row in rows],
            "wall": [round(row.seconds, 4) for row in rows],
            "first": [row.first for row in rows],
        },
        "cases": {
            "name": [case.name for case in cases],
            "status": [statuses[case.status] for case in cases],
            "wall": [round(case.seconds, 4) for case in cases],
        },
        "note": {number: case.message[:MAX_NOTE] for number, case in enumerate(cases) if case.message},
        "past": None,
    }
    if len(cases) <= MAX_WITH_HISTORY:
        columns["past"] = _pasts(rows, summary, histories)
    return columns


def _pasts(rows: Sequence[ClassRow], summary: Summary, histories: Histories) -> dict[str, dict[int, list[float]]]:
    """The durations of classes and of cases in earlier runs, by number, in seconds."""
    pasts: dict[str, dict[int, list[float]]] = {"classes": {}, "cases": {}}
    known: dict[tuple[str, str], CaseHistory] = {}
    for row in rows:
        record = summary.outcomes[row.unit].record
        assert record is not None, "who told of classes has a record"
        of = record.variant, record.module
        if of not in known:
            known[of] = histories(*of)
        history = known[of]
        if history.run > summary.run.name:
            continue  # later runs taught it, too, and it does not tell which
        own = history.run == summary.run.name
        past = _past(history.classes.get(row.name), row.status, own=own)
        first_failure = own and row.status != Status.PASSED and len(past) == 1  # then it may be that of this run
        if past and not first_failure:
            pasts["classes"][row.number] = past
        for index, case in enumerate(row.cases, row.first):
            if past := _past(history.cases.get(case.id), case.status, own=own):
                pasts["cases"][index] = past
    return pasts


def _past(known: CaseRow | None, status: Status, *, own: bool) -> list[float]:
    """The durations without that of this run, which is the last one if the history has learnt it."""
    durations = known.seconds if known else ()
    return [round(value, 4) for value in (durations[:-1] if own and status == Status.PASSED else durations)]


# -- the texts of those that failed -----------------------------------------------------------------------------------


def failed_cases(rows: Sequence[ClassRow], outcome: Outcome, room: int) -> Shown:
    """The failed cases of a unit with these classes, and what the classes printed, as HTML: at most `room` bytes."""
    failed = [
        (case, index)
        for row in rows
        if row.status not in GREEN
        for index, case in enumerate(row.cases, row.first)
        if case.status not in GREEN
    ]
    items: list[str] = []
    used = 0
    for case, index in failed[:MAX_SHOWN]:
        texts = _texts(case, room - used)
        used += texts.bytes
        items.append(_failed_case(case, index, outcome, texts.html))
    if len(failed) > MAX_SHOWN:
        items.append(f'<p class="note">{len(failed) - MAX_SHOWN:,} more cases failed; the table has them.</p>')
    blocks = _blocks(rows, outcome, room - used)
    html = "".join(items) + blocks.html
    return Shown(f'<div class="cases">{html}</div>' if html else "", used + blocks.bytes)


def _blocks(rows: Sequence[ClassRow], outcome: Outcome, room: int) -> Shown:
    """What the classes of a fork that did not pass printed, as far as there is room."""
    numbers = {row.name: row.number for row in rows if row.status not in GREEN}
    if outcome.log is None or outcome.record is None or outcome.record.fork is None or not numbers:
        return Shown("")
    items: list[str] = []
    used = 0
    for name, text in blocks_of(outcome.log, outcome.record.fork, list(numbers)[:MAX_SHOWN]).items():
        used += len(text.encode(errors="replace"))
        if used <= room:
            items.append(
                f'<details class="block" data-class="{numbers[name]}"><summary><span class="outcome">printed</span> '
                f'<b>{escape(name)}</b></summary><div class="logs">{_pre(name, "", text)}</div></details>'
            )
    return Shown("".join(items), min(used, room))


def _failed_case(case: Case, index: int, outcome: Outcome, texts: str) -> str:
    assert outcome.record is not None, "who told of cases has a record"
    why = (case.message or "").strip().partition("\n")[0][:MAX_NOTE]
    note = f' <span class="why">{escape(why)}</span>' if why else ""
    place = f"<div><dt>location</dt><dd>{escape(case.location)}</dd></div>" if case.location else ""
    command = again_for(case, outcome.record, outcome.call)
    again = f"<div><dt>again</dt><dd>{to_paste(command)}</dd></div>" if command != outcome.again else ""
    link = case_link(outcome.id, case)
    return (
        f'<details class="case" data-case="{index}"><summary><span class="bad outcome">{escape(case.status)}</span> '
        f'<b>{escape(case.id)}</b>{note} <span class="took">{seconds(case.seconds)}</span></summary>'
        f'<dl class="facts"><div class="link"><dt>case</dt><dd>{link}</dd></div>{again}{place}</dl>'
        f'<div class="logs">{texts}</div></details>'
    )


def _texts(case: Case, room: int) -> Shown:
    """Message, details and output. The message is left out if the details repeat it, or the summary shows all of it."""
    message, details = (case.message or "").strip("\n"), (case.details or "").strip("\n")
    if message in details or (len(message) <= MAX_NOTE and "\n" not in message):
        message = ""
    parts = [("", f"{message}\n{details}".strip("\n")), ("output", (case.output or "").strip("\n"))]
    size = sum(len(text.encode(errors="replace")) for _, text in parts)
    if size > room:
        why = f"this page shows at most {MAX_BYTES_OF_TEXTS:,} bytes of texts of cases"
        return Shown(f'<p class="note">Its {count(size, "byte")} of text are not shown: {why}.</p>')
    return Shown("".join(_pre(case.id, heading, text) for heading, text in parts if text), size)


def _pre(name: str, heading: str, text: str) -> str:
    found = causes(text.split("\n"))
    cause = f' data-cause="{found[0]}"' if found else ""
    title = f'<h4 class="attempt">{heading}</h4>' if heading else ""
    label = f'aria-label="{heading or "text"} of {escape(name)}"'
    return f'{title}<pre class="log"{cause} tabindex="0" role="region" {label}>{log_html(text)}\n</pre>'


def to_paste(command: str) -> str:
    """A command to paste, with the button that copies it; the script shows the button."""
    button = '<button type="button" class="copy" data-copy hidden>Copy</button>'
    return f'<span class="again"><code>{escape(command)}</code>{button}</span>'


def case_link(unit: str, case: Case) -> str:
    """A link that opens a case, or a class: the address is its unit, its class and its name, separated by `!`."""
    names = (unit, case.class_name, case.name) if case.name else (unit, case.class_name)
    parts = (part.translate(_SURROGATES) for part in names)
    address = "!".join(quote(part, safe="/[]()") for part in parts)
    return f'<a href="#{escape(address)}">{escape(case.id)}</a>'
