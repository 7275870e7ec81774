"""The report as one HTML file that asks for nothing: its style, its script and its data are inside.

What a reader must see is plain HTML: the summary, and the failures with their logs. The script draws the rest, timeline
and table, from one block of JSON. Logs, names and notes come from tests and may try to be more than text, so there are
two walls: everything is escaped where it is written, and the page's policy runs the one script whose hash it names.
"""

import json
import re
from binascii import b2a_base64
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from longpole.rts_tests.contracts.history import History, read_history
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.advice import advice
from longpole.rts_tests.report.formats.log_html import escape, log_html
from longpole.rts_tests.report.formats.text import counts_line, makespan_line, seeds_line
from longpole.rts_tests.report.summary import Outcome, Summary

LOG_KEPT = 64 * 1024
"""Bytes of one failing unit's log that are in the page: its end."""
LOGS_KEPT = 8 * 1024 * 1024
"""Bytes of all logs together."""
SHOWN = 500
"""Failures with all that is known of them; those beyond are named, and are in the table."""

_PARTS = Path(__file__).parent / "page"
_SLOT = re.compile(r"\{\{(\w+)\}\}")


def report_html(summary: Summary, history: History | None = None) -> bytes:
    """The whole document. `history` is what its small lines show: durations of earlier runs."""
    style, script = _part("report.css"), _part("report.js")
    slots = {
        "policy": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "title": escape(f"{summary.info.suite}: {_verdict(summary)}"),
        "style": style,
        "script": script,
        "summary": _summary(summary),
        "failures": _failures(summary),
        "lanes": escape(lanes_line(summary)),
        "data": _data(summary, history or History()),
    }
    return _SLOT.sub(lambda slot: slots[slot[1]], _part("report.html")).encode(errors="replace")


def earlier_runs(run: Path) -> History:
    """The history that a run's state directory holds; none where the run was taken somewhere else."""
    return read_history(run.parent.parent) if run.parent.name == "runs" else History()


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b2a_base64(sha256(text.encode()).digest(), newline=False).decode()}"


# -- what is there without the script ---------------------------------------------------------------------------


def _verdict(summary: Summary) -> str:
    total, failed = len(summary.outcomes), len(summary.failures)
    units = "unit" if total == 1 else "units"
    if failed:
        return f"{failed:,} of {total:,} {units} did not pass"
    if Status.FLAKY in summary.counts:
        return f"{summary.counts[Status.FLAKY]:,} of {total:,} {units} passed only when run again"
    return f"all {total:,} {units} passed" if total > 1 else f"{total} {units} passed"


def seconds(value: float) -> str:
    """A duration as it is read: `0.42 s`, `3 min 07 s`, `1 h 02 min`."""
    if value < 59.995:
        return f"{value:.2f} s"
    if value < 3599.5:
        return "{} min {:02} s".format(*divmod(round(value), 60))
    return "{} h {:02} min".format(*divmod(round(value / 60), 60))


def lanes_line(summary: Summary) -> str:
    """How busy the workers were, and how long they had nothing to do at the end."""
    records = [outcome.record for outcome in summary.outcomes if outcome.record is not None]
    if not records or not summary.makespan.wall_s:
        return "No unit ran."
    ends: dict[int, float] = {}
    for record in records:
        ends[record.lane] = max(ends.get(record.lane, 0.0), record.started_s + record.wall_s)
    last = max(ends.values())
    busy = sum(record.wall_s for record in records) / (len(ends) * summary.makespan.wall_s)
    text = f"{len(ends)} {'worker' if len(ends) == 1 else 'workers'}, busy {min(busy, 1):.0%} of the time"
    if len(ends) > 1:
        idle = sum(last - end for end in ends.values())
        lane = min(ends, key=lambda lane: ends[lane])
        longest = f"longest worker {lane + 1} with {seconds(last - ends[lane])}"
        text += f"; idle at the end {seconds(idle)} in all, {longest}"
    return f"{text}."


def _facts(summary: Summary) -> Iterable[tuple[str, str]]:
    info, span = summary.info, summary.makespan
    yield "makespan", makespan_line(summary).removeprefix("makespan: ")
    if span.longest is not None and span.longest.record is not None:
        yield "long pole", f"{span.longest.id}, {seconds(span.longest.record.wall_s)}"
    for line in advice(summary):
        yield "advice", line
    yield "seeds", seeds_line(summary)
    jobs = f"{info.cores} {'core' if info.cores == 1 else 'cores'}, " + (
        f"-j{info.jobs}" if info.jobs else "-j unknown"
    )
    yield "machine", f"{info.host}, {info.machine}, {jobs}"
    yield "started", f"{info.started_at[:19].replace('T', ' ')} UTC, as {summary.run.name}"
    asked = [*info.goals, *([f"FILTER={info.filter}"] if info.filter else [])]
    yield "asked for", " ".join([*asked, *([f"SHARD={info.shard}"] if info.shard else [])])


def _summary(summary: Summary) -> str:
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in _facts(summary))
    counts = f'<p class="counts">{escape(counts_line(summary))}</p>' if summary.failures else ""
    return (
        f'<p class="suite">{escape(summary.info.suite)}</p>'
        f'<h1 class="{"bad" if summary.failures else "good"}">{escape(_verdict(summary))}</h1>'
        f'{counts}<dl class="facts">{rows}</dl>'
    )


def _failures(summary: Summary) -> str:
    numbers = {outcome.target: number for number, outcome in enumerate(summary.outcomes)}
    left, room = LOGS_KEPT, SHOWN
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
            is_open = room == SHOWN and not number
            shown.append(_failure(outcome, outcome.record, numbers[outcome.target], text, is_open=is_open))
        room -= len(ran[:room])
    for title, rest in (
        ("more failed; the table has them too", more),
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
    """The end of a log as HTML, and how many bytes of it were read."""
    try:
        with open(outcome.log, "rb") as file:
            size = file.seek(0, 2)
            kept = min(size, LOG_KEPT, most)
            file.seek(size - kept)
            data = file.read(kept)
    except OSError:
        return '<p class="note">The log is not there.</p>', 0
    if not size:
        return '<p class="note">It wrote nothing.</p>', 0
    if not data:
        return f'<p class="note">Its log of {size:,} bytes is not here: this page holds {LOGS_KEPT:,} at most.</p>', 0
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
    href = quote(f"units/{outcome.target}.log", errors="replace")
    rows.append(("log", f'<a href="{href}">{escape(f"units/{outcome.target}.log")}</a>'))
    facts = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in rows)
    return (
        f'<details class="failure" data-unit="{number}"{" open" if is_open else ""}><summary>'
        f'<span class="bad outcome">{escape(outcome.status)}</span> <b>{escape(outcome.id)}</b>{note} '
        f'<span class="took">{seconds(record.wall_s)}</span></summary><dl class="facts">{facts}</dl>{log}</details>'
    )


# -- what the script draws --------------------------------------------------------------------------------------


def earlier(durations: tuple[float, ...], record: Record | None) -> tuple[float, ...]:
    """What came before this run: the history is told of a run before its report is written, and maybe of later ones."""
    own = round(record.wall_s, 4) if record is not None and record.status == Status.PASSED else None
    if own is None or own not in durations:
        return durations
    # The last such value: an earlier run may have taken exactly as long.
    return durations[: len(durations) - 1 - durations[::-1].index(own)]


def _data(summary: Summary, history: History) -> str:
    """A JSON object, its units as columns, safe inside a script element."""
    statuses = list(summary.counts)
    variants = list(dict.fromkeys(outcome.id.partition("/")[0] for outcome in summary.outcomes))
    of_status = {name: number for number, name in enumerate(statuses)}
    of_variant = {name: number for number, name in enumerate(variants)}
    longest = summary.makespan.longest
    known = history.units
    begun = min((outcome.record.started_s for outcome in summary.outcomes if outcome.record), default=0.0)
    rows: list[tuple[Any, ...]] = []
    for outcome in summary.outcomes:
        record = outcome.record
        past = earlier(known[outcome.id].durations_s, record) if outcome.id in known else ()
        planned = (
            outcome.id,
            outcome.target,
            of_variant[outcome.id.partition("/")[0]],
            of_status[outcome.status],
            int(outcome.failed),
            round(outcome.estimate_s, 4),
            past,
        )
        if record is None:
            rows.append((*planned, *(None,) * 9))
        else:
            rows.append(
                (
                    *planned,
                    round(record.started_s - begun, 4),
                    round(record.wall_s, 4),
                    round(record.cpu_s, 4),
                    record.max_rss_bytes,
                    record.lane,
                    record.first_seed,
                    record.seed_count,
                    record.note,
                    None if record.reproducer == f"make {outcome.target}" else record.reproducer,
                )
            )
    names = ("id", "target", "variant", "status", "failed", "expected", "past")
    more = ("start", "wall", "cpu", "rss", "lane", "seed", "seeds", "note", "again")
    columns = dict(zip((*names, *more), zip(*rows, strict=True) if rows else ((),) * 16, strict=True))
    data = {
        "version": 1,
        "statuses": statuses,
        "variants": variants,
        "span": round(summary.makespan.wall_s, 4),
        "bound": round(summary.makespan.bound_s, 4),
        "longest": next((n for n, outcome in enumerate(summary.outcomes) if outcome is longest), None),
        "units": columns,
    }
    text = json.dumps(data, separators=(",", ":"))  # in ASCII: no character of a name is left to break a line
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
