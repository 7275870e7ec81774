"""The failures in the HTML report: each unit that did not pass, its facts, and the end of its log."""

from urllib.parse import quote

from longpole.rts_tests.contracts.log_tail import end_of_log
from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.contracts.records import LogState, Record
from longpole.rts_tests.report.formats.log_html import escape, log_html
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LOG_BYTES = 64 * 1024
"""Bytes from the end of one failing unit's log that the page shows."""
MAX_BYTES_OF_LOGS = 8 * 1024 * 1024
"""Bytes of all logs together that the page shows."""
MAX_SHOWN = 500
"""Failures that are shown with facts and log; others are only named, and are in the table."""


def failures(summary: Summary) -> str:
    """The section of failures, as HTML; empty if there are none."""
    numbers = {outcome.target: number for number, outcome in enumerate(summary.outcomes)}
    left, room = MAX_BYTES_OF_LOGS, MAX_SHOWN
    shown: list[str] = []
    more: list[Outcome] = []
    kinds = {
        group.title: [outcome for outcome in group.outcomes if outcome.failed and outcome.record is not None]
        for group in summary.groups
    }
    kinds = {title: ran for title, ran in kinds.items() if ran}
    for title, ran in kinds.items():
        more += ran[room:]
        if ran[:room] and len(kinds) > 1:
            shown.append(f'<h3 class="kind">{escape(title)}</h3>')
        for number, outcome in enumerate(ran[:room]):
            assert outcome.record is not None
            text, taken = _log(outcome, left)
            left -= taken
            is_open = room == MAX_SHOWN and not number
            shown.append(_failure(outcome, outcome.record, numbers[outcome.target], text, is_open=is_open))
        room -= len(ran[:room])
    for title, rest in (
        ("more failed; the table lists them too", more),
        ("not run; <code>make retest</code> runs all that did not pass", [o for o in summary.failures if not o.record]),
    ):
        if rest:
            names = "\n".join(escape(outcome.id) for outcome in rest)
            shown.append(f'<details class="names"><summary>{len(rest)} {title}</summary><pre>{names}</pre></details>')
    if not shown:
        return ""
    title = '<section id="failures" aria-labelledby="failures-title"><h2 id="failures-title">Failures</h2>'
    return "\n".join([title, *shown, "</section>"])


def _log(outcome: Outcome, most: int) -> tuple[str, int]:
    """The end of a log as HTML, at most `most` bytes, and the number of bytes that were read."""
    if outcome.log is None:
        lost = outcome.record is not None and outcome.record.log is LogState.LOST
        return f'<p class="note">{"Its log could not be written" if lost else "It wrote nothing"}.</p>', 0
    try:
        data, size = end_of_log(outcome.log, min(MAX_LOG_BYTES, most))
        kept = len(data)
    except OSError:
        return '<p class="note">The log is missing.</p>', 0
    if not size:
        return '<p class="note">It wrote nothing.</p>', 0
    if not data:
        why = f"this page shows at most {MAX_BYTES_OF_LOGS:,} bytes of logs"
        return f'<p class="note">Its log of {size:,} bytes is not shown: {why}.</p>', 0
    note = ""
    if kept < size:
        data = data[data.find(b"\n", 0, 4096) + 1 :]
        note = f'<p class="note">The last {len(data):,} of {size:,} bytes.</p>'
    name = escape(outcome.id)
    text = log_html(data.decode(errors="replace"))
    return f'{note}<pre class="log" tabindex="0" role="region" aria-label="log of {name}">{text}</pre>', kept


def _failure(outcome: Outcome, record: Record, number: int, log: str, *, is_open: bool) -> str:
    note = f' <span class="why">{escape(record.note)}</span>' if record.note else ""
    rows = [("again", f"<code>{escape(record.reproducer)}</code>")]
    if record.first_seed is not None:
        more = "" if record.seed_count == 1 else f", {record.seed_count} seeds from it"
        rows.append(("seed", f"{record.first_seed}{more}"))
    if record.tries:
        tries = (
            f"{each['kind']}: {each['note'] or each['status']}, {seconds(each['wall_s'])}" for each in record.tries
        )
        rows.append(("attempts", escape("; ".join(tries))))
    rows.append(("command", f"<code>{escape(' '.join(record.command))}</code>"))
    if outcome.log is not None:
        href = quote(f"units/{outcome.target}.log", errors="replace")
        rows.append(("log", f'<a href="{href}">{escape(f"units/{outcome.target}.log")}</a>'))
    facts = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in rows)
    return (
        f'<details class="failure" data-unit="{number}"{" open" if is_open else ""}><summary>'
        f'<span class="bad outcome">{escape(outcome.status)}</span> <b>{escape(outcome.id)}</b>{note} '
        f'<span class="took">{seconds(record.wall_s)}</span></summary><dl class="facts">{facts}</dl>{log}</details>'
    )
