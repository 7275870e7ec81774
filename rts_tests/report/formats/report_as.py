"""The report of a run in each of its formats. A format is imported only if it is asked for."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.harmless import harmless_text

if TYPE_CHECKING:
    from longpole.rts_tests.report.summary import Summary

FORMATS = ("text", "brief", "json", "junit", "markdown", "html", "trace", "issue")
WITH_SELECTION = ("text", "json")
"""Formats that can show only the slowest units, or only the failed ones."""


def report_of(
    run: Path, form: str, *, slowest: int | None = None, failed: bool = False, colour: bool = False
) -> tuple[bytes, ExitStatus]:
    """The report of a run, and the exit status for it. Raises `UseError` if there is no such run.

    A run of `stress` or `shrink` has its own text, which it wrote when it ended.
    """
    from longpole.rts_tests.report.summary import read_summary
    from longpole.rts_tests.state.executed import read_executed

    summary = read_summary(run)
    executed = read_executed(run)
    if executed is not None and form == "text" and slowest is None and not failed:
        text = executed.report or "this run is under way, or was killed before it could report\n"
        document = harmless_text(text).encode(errors="replace")
    else:
        document = report_as(form, summary, slowest=slowest, failed=failed, colour=colour)
    return document, ExitStatus.FAILED if summary.failed else ExitStatus.PASSED


def report_as(
    form: str,
    summary: "Summary",
    *,
    slowest: int | None = None,
    failed: bool = False,
    colour: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> bytes:
    """The whole document. `slowest` and `failed` select units, `colour` is for text.

    Raises `UseError` for formats that cannot select.
    """
    if (slowest is not None or failed) and form not in WITH_SELECTION:
        option = "--failed" if failed else "--slowest"
        remedy = "use it with --format text or json"
        raise UseError.at(f"--format {form}", f"this format has no {option}", remedy)
    if form in ("html", "json", "junit", "trace"):
        return _data(form, summary, slowest, failed=failed)
    if form == "text":
        return _text(summary, slowest, failed=failed, colour=colour).encode(errors="replace")
    return _words(form, summary, environ).encode(errors="replace")


def _data(form: str, summary: "Summary", slowest: int | None, *, failed: bool) -> bytes:
    if form == "html":
        from longpole.rts_tests.report.formats.html import earlier_runs, report_html
        from longpole.rts_tests.report.previous import compare_with_previous

        return report_html(summary, earlier_runs(summary.run), compare_with_previous(summary))
    if form == "junit":
        from longpole.rts_tests.report.formats.junit import junit_xml

        return junit_xml(summary)
    if form == "trace":
        from longpole.rts_tests.report.formats.trace import trace_json

        return trace_json(summary)
    from longpole.rts_tests.report.formats.as_json import json_report

    chosen = list(summary.outcomes) if slowest is None else summary.slowest(len(summary.outcomes))
    chosen = [outcome for outcome in chosen if outcome.failed or not failed]
    return json_report(summary, chosen[:slowest])


def _text(summary: "Summary", slowest: int | None, *, failed: bool, colour: bool) -> str:
    from longpole.rts_tests.report.formats.text import SLOWEST, report_text

    count = SLOWEST if slowest is None else slowest
    return report_text(summary, slowest=count, only_failed=failed, colour=colour)


def _words(form: str, summary: "Summary", environ: Mapping[str, str]) -> str:
    if form == "issue":
        from longpole.rts_tests.report.formats.issue import issue_text

        return issue_text({summary.info.suite: summary}, address=environ.get("RUN_ADDRESS", ""))
    if form == "brief":
        from longpole.rts_tests.report.formats.brief import brief_text

        return brief_text(summary)
    from longpole.rts_tests.report.formats.github import step_summary

    return step_summary(summary)
