"""Publish a run: files beside its records, the report on standard output, annotations for CI."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from longpole.rts_tests.contracts.colour import has_colour
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.report.formats.github import publish_to_actions
from longpole.rts_tests.report.formats.html import earlier_runs, report_html
from longpole.rts_tests.report.formats.junit import junit_xml
from longpole.rts_tests.report.formats.text import report_text
from longpole.rts_tests.report.formats.trace import trace_json
from longpole.rts_tests.report.previous import compare_with_previous
from longpole.rts_tests.report.summary import Summary

STDOUT = 1

_FILES: dict[str, Callable[[Summary], bytes]] = {
    "trace.json": trace_json,
    "junit.xml": junit_xml,
    "report.html": lambda summary: report_html(summary, earlier_runs(summary.run), compare_with_previous(summary)),
}
"""In the order in which they are written: the page has links to those that are there."""


class Text(Protocol):
    """The text of a report; `files` are those that the run has left."""

    def __call__(self, summary: Summary, *, files: Sequence[str], colour: bool) -> str:
        """Return it."""


def publish(summary: Summary, environ: Mapping[str, str], text: Text = report_text) -> None:
    """Write `junit.xml`, `trace.json` and `report.html`, then print the report, last.

    A file that cannot be written is reported.
    """
    written = []
    for name, make in _FILES.items():
        try:
            write_atomic(summary.run / name, make(summary))
            written.append(name)
        except OSError as error:
            print(f"longpole: {summary.run / name}: {error.strerror}", file=sys.stderr)
    try:
        publish_to_actions(summary, environ)
    except OSError as error:
        print(f"longpole: {error.filename or summary.run}: {error.strerror}", file=sys.stderr)
    colour = has_colour(environ, terminal=os.isatty(STDOUT))
    say(text(summary, files=written[::-1], colour=colour))


def say(text: str) -> None:
    """Print a report that is harmless on a terminal; if the reader has gone, go on without it."""
    sys.stderr.flush()
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(errors="replace"))
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
