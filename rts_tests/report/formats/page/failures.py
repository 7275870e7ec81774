"""The failures in the HTML report: failed builds, then each unit that did not pass, its facts, and its log."""

from collections.abc import Iterable
from urllib.parse import quote

from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.report.formats.log_html import escape
from longpole.rts_tests.report.formats.page.cases import MAX_BYTES_OF_TEXTS, ClassRow, by_unit, failed_cases, to_paste
from longpole.rts_tests.report.formats.page.logs import MAX_BYTES_OF_LOGS, attempt_text, log_at, log_of_unit
from longpole.rts_tests.report.formats.page.steps import is_scenario, steps_html
from longpole.rts_tests.report.summary import FailedBuild, Outcome, Summary

MAX_SHOWN = 500
"""Failures that are shown with facts and log; others are only named, and are in the table."""


def failures(summary: Summary, classes: Iterable[ClassRow] = ()) -> str:
    """The section of failures, as HTML; empty if there are none. `classes` are those of all units."""
    of_unit = by_unit(classes)
    room_of_cases = MAX_BYTES_OF_TEXTS
    numbers = {outcome.target: number for number, outcome in enumerate(summary.outcomes)}
    room = MAX_BYTES_OF_LOGS
    shown: list[str] = []
    for failed in summary.failed_builds:
        log = log_at(failed.log, f"the build of {failed.build.name}", room)
        room -= log.bytes
        shown.append(_failed_build(failed, log.html))
    kinds = {group.title: [each for each in group.outcomes if each.failed and each.record] for group in summary.groups}
    kinds = {title: ran for title, ran in kinds.items() if ran}
    left = MAX_SHOWN
    for title, ran in kinds.items():
        items: list[str] = []
        for outcome in ran[:left]:
            assert outcome.record is not None
            log = log_of_unit(outcome, room, steps_html if is_scenario(outcome.record) else None)
            room -= log.bytes
            number = numbers[outcome.target]
            cases = failed_cases(of_unit.get(number, ()), outcome, room_of_cases)
            room_of_cases -= cases.bytes
            parts = cases.html + f'<div class="logs">{log.html}</div>'
            is_open = not items and left == MAX_SHOWN and not shown
            items.append(_failure(outcome, outcome.record, number, parts, is_open=is_open))
        left -= len(items)
        if items:
            heading = f'<h3 class="kind">{escape(title)}</h3>' if len(kinds) > 1 else ""
            shown.append("\n".join(["<div data-group>", heading, *items, "</div>"]))
    more = [outcome for ran in kinds.values() for outcome in ran if outcome.record][MAX_SHOWN:]
    without = summary.without_build
    not_run = [outcome for outcome in summary.failures if not outcome.record and outcome.id not in without]
    shown += _names("failed, too; the table has them", more, numbers)
    shown += _names("not run; <code>make retest</code> runs all that did not pass", not_run, numbers)
    if not shown:
        return ""
    title = '<section id="failures" aria-labelledby="failures-title"><h2 id="failures-title">Failures</h2>'
    return "\n".join([title, *shown, "</section>"])


def _names(title: str, outcomes: Iterable[Outcome], numbers: dict[str, int]) -> list[str]:
    items = [f'<li data-unit="{numbers[outcome.target]}">{unit_link(outcome.id)}</li>' for outcome in outcomes]
    if not items:
        return []
    summary = f"<summary><span data-count>{len(items):,}</span> {title}</summary>"
    return [f'<details class="names" data-group>{summary}<ul>{"".join(items)}</ul></details>']


def unit_link(name: str) -> str:
    """A link that opens a unit."""
    return f'<a href="#{escape(quote(name, safe="/[]", errors="replace"))}">{escape(name)}</a>'


def _failed_build(failed: FailedBuild, log: str) -> str:
    rows = [("again", to_paste(failed.again))]
    href = quote(f"builds/{failed.build.name}.log", errors="replace")
    rows.append(("log", f'<a href="{href}">{escape(f"builds/{failed.build.name}.log")}</a>'))
    kept = f"{count(len(failed.kept), 'unit')} could not run"
    name = escape(failed.build.name)
    return (
        f'<details class="build" open><summary><span class="bad outcome">build</span> <b>{name}</b> '
        f'<span class="why">exit status {failed.build.exit_code}; {kept}</span> '
        f'<span class="took">{seconds(failed.build.wall_s)}</span></summary>'
        f'<dl class="facts">{_rows(rows)}</dl><div class="logs">{log}</div></details>'
    )


def _failure(outcome: Outcome, record: Record, number: int, parts: str, *, is_open: bool) -> str:
    note = f' <span class="why">{escape(record.note)}</span>' if record.note else ""
    rows = [("again", to_paste(outcome.again))]
    if record.first_seed is not None:
        more = "" if record.seed_count == 1 else f", {record.seed_count} seeds from it"
        rows.append(("seed", f"{record.first_seed}{more}"))
    if record.tries:
        rows.append(("attempts", escape("; ".join(map(attempt_text, record.tries)))))
    rows.append(("command", f"<code>{escape(' '.join(record.command))}</code>"))
    if outcome.log is not None:
        href = quote(f"units/{outcome.target}.log", errors="replace")
        rows.append(("log", f'<a href="{href}">{escape(f"units/{outcome.target}.log")}</a>'))
    return (
        f'<details class="failure" data-unit="{number}"{" open" if is_open else ""}><summary>'
        f'<span class="bad outcome">{escape(outcome.status)}</span> <b>{escape(outcome.id)}</b>{note} '
        f'<span class="took">{seconds(record.wall_s)}</span></summary>'
        f'<dl class="facts">{_rows(rows)}</dl>{parts}</details>'
    )


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in rows)
