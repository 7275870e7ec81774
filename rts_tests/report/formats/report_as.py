"""The report of a run in each of its formats; what a format costs to import is paid only where it is asked for."""

import os
from collections.abc import Mapping

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.report.summary import Summary

FORMATS = ("text", "brief", "json", "junit", "markdown", "html", "trace", "issue")
CHOOSING = ("text", "json")
"""Formats that can be of the slowest units or of the failed ones alone."""


def report_as(
    form: str,
    summary: Summary,
    *,
    slowest: int | None = None,
    failed: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> bytes:
    """The whole document. `slowest` and `failed` choose units; `UseError` for formats that are of all or nothing."""
    if (slowest is not None or failed) and form not in CHOOSING:
        option = "--failed" if failed else "--slowest"
        remedy = "use it with --format text or json"
        raise UseError.at(f"--format {form}", f"{option} has no meaning here", remedy)
    if form in ("html", "json", "junit", "trace"):
        return _data(form, summary, slowest, failed=failed)
    return _words(form, summary, slowest, failed, environ).encode(errors="replace")


def _data(form: str, summary: Summary, slowest: int | None, *, failed: bool) -> bytes:
    if form == "html":
        from longpole.rts_tests.report.formats.html import earlier_runs, report_html

        return report_html(summary, earlier_runs(summary.run))
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


def _words(form: str, summary: Summary, slowest: int | None, failed: bool, environ: Mapping[str, str]) -> str:
    if form == "issue":
        from longpole.rts_tests.report.formats.issue import issue_text

        return issue_text({summary.info.suite: summary}, address=environ.get("RUN_ADDRESS", ""))
    if form == "brief":
        from longpole.rts_tests.report.formats.brief import brief_text

        return brief_text(summary)
    if form == "markdown":
        from longpole.rts_tests.report.formats.github import step_summary

        return step_summary(summary)
    from longpole.rts_tests.report.formats.text import SLOWEST, report_text

    return report_text(summary, slowest=SLOWEST if slowest is None else slowest, only_failed=failed)
