"""Logs in the HTML report: the end of each, one part per attempt, and where the likely cause of the failure stands."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from longpole.rts_tests.contracts.excerpt import causes
from longpole.rts_tests.contracts.log_tail import end_of_log, excerpt_of
from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.contracts.records import LogState
from longpole.rts_tests.report.formats.log_html import escape, log_html
from longpole.rts_tests.report.summary import Outcome

MAX_LOG_BYTES = 64 * 1024
"""Bytes from the end of one log that the page shows."""
MAX_BYTES_OF_LOGS = 8 * 1024 * 1024
"""Bytes of all logs together that the page shows."""
EXCERPT_LINES = 12
"""Lines of the excerpt that stands above a log whose beginning is left out."""

_ATTEMPT = re.compile(r"^\[longpole: attempt (\d+), [a-z -]+\]\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A log as HTML, and the number of its bytes that were read."""

    html: str
    bytes: int = 0


Renders = Callable[[str, str], str]
"""Makes HTML from the text of a log, of which the second argument is the name."""


def log_of_unit(outcome: Outcome, room: int, renders: Renders | None = None) -> Shown:
    """The end of a unit's log, at most `room` bytes of it; `renders` is `pre` unless it is given."""
    if outcome.log is None:
        lost = outcome.record is not None and outcome.record.log is LogState.LOST
        return Shown(f'<p class="note">{"Its log could not be written" if lost else "It wrote nothing"}.</p>')
    tries = () if outcome.record is None else outcome.record.tries
    headings = [f"attempt {number}, {attempt_text(each)}" for number, each in enumerate(tries, 1)]
    return log_at(outcome.log, outcome.id, room, headings, renders)


def attempt_text(attempt: Mapping[str, Any]) -> str:
    """How an attempt went, in a few words."""
    return f"{attempt['kind']}: {attempt['note'] or attempt['status']}, {seconds(attempt['wall_s'])}"


def log_at(path: str, name: str, room: int, headings: list[str] | None = None, renders: Renders | None = None) -> Shown:
    """The end of the log of `name`, at most `room` bytes of it; with `headings`, one for each attempt, in parts."""
    renders = renders or pre
    try:
        data, size = end_of_log(path, min(MAX_LOG_BYTES, room))
    except OSError:
        return Shown('<p class="note">The log is missing.</p>')
    kept = len(data)
    if not size:
        return Shown('<p class="note">It wrote nothing.</p>')
    if not data:
        why = f"this page shows at most {MAX_BYTES_OF_LOGS:,} bytes of logs"
        return Shown(f'<p class="note">Its log of {size:,} bytes is not shown: {why}.</p>')
    note = ""
    if kept < size:
        data = data[data.find(b"\n", 0, 4096) + 1 :]
        note = f'{_cause_above(path, name, data)}<p class="note">The last {len(data):,} of {size:,} bytes.</p>'
    text = data.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    parts = [
        _part(heading, part, name, renders) for heading, part in _by_attempt(text, headings or [], whole=kept == size)
    ]
    return Shown(note + "".join(parts), kept)


def _cause_above(path: str, name: str, end: bytes) -> str:
    """The excerpt of a log, if what looks like the cause stands above the end that is shown."""
    if causes(end.decode(errors="replace").split("\n")):
        return ""
    lines = excerpt_of(path, EXCERPT_LINES)
    return pre("\n".join([*lines, ""]), f"{name}, excerpt") if causes(lines) else ""


def _by_attempt(text: str, headings: list[str], *, whole: bool) -> Iterator[tuple[str, str]]:
    """The parts of a log with their headings: the lines that the runner wrote between attempts divide it."""
    if not headings:
        yield "", text
        return
    number, begin = 1, 0
    if not whole:  # the first line that is there belongs to the attempt before the first mark
        first = _ATTEMPT.search(text)
        number = max(1, int(first[1]) - 1) if first else len(headings)
    for match in _ATTEMPT.finditer(text):
        if int(match[1]) == number + 1 <= len(headings):  # others were written by the unit
            yield headings[number - 1], text[begin : match.start()].rstrip("\n") + "\n"
            number, begin = number + 1, match.end()
    yield headings[number - 1], text[begin:]


def _part(heading: str, text: str, name: str, renders: Renders) -> str:
    if not heading:
        return renders(text, name)
    return f'<h4 class="attempt">{escape(heading)}</h4>{renders(text, f"{name}, {heading}")}'


def pre(text: str, name: str) -> str:
    """A log as it stands, with the place of what looks like the cause."""
    found = causes(text.split("\n"))
    cause = f' data-cause="{found[0]}"' if found else ""
    return (
        f'<pre class="log"{cause} tabindex="0" role="region" aria-label="log of {escape(name)}">{log_html(text)}</pre>'
    )
